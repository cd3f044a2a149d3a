// A sandbox for tests, called without a network.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "sandbox.hpp"

namespace chargebee_sandbox {

inline constexpr std::int64_t kNow = 1'790'000'000'000;  // 2026-09-21, in milliseconds

class Site {
 public:
  explicit Site(const Settings& settings = {})
      : clock{sluice::testing::SandboxClock::manual(kNow)}, sandbox{settings, clock} {}

  static Settings small(std::uint64_t customers = 50) {
    Settings settings;
    settings.customers = customers;
    return settings;
  }

  SandboxResponse get(const std::string& path) { return call("GET", path); }
  SandboxResponse post(const std::string& path, const std::string& form = "",
                       sluice::testing::SandboxPairs headers = {}) {
    return call("POST", path, form, std::move(headers));
  }
  SandboxResponse call(const std::string& method, const std::string& path,
                       const std::string& body = "", sluice::testing::SandboxPairs headers = {}) {
    headers.emplace_back("Authorization", "Basic c2FuZGJveC1rZXk6");  // sandbox-key:
    return sandbox.server().call(method, "/api/v2" + path, std::move(headers), body);
  }
  json::value control(const std::string& path, const std::string& body) {
    const auto response = sandbox.server().call("POST", "/_sandbox/" + path, {}, body);
    EXPECT_EQ(response.status, 200) << response.body;
    return sluice::parse_json(response.body);
  }
  json::value mutate(const std::string& body) { return control("mutate", body); }
  std::string dump_text() { return sandbox.server().call("GET", "/_sandbox/dump").body; }
  json::value dump() { return sluice::parse_json(dump_text()); }

  // All rows of a list, page by page.
  std::vector<json::object> walk(const std::string& path) {
    std::vector<json::object> rows;
    const std::string glue = path.find('?') == std::string::npos ? "?" : "&";
    std::string offset;
    do {
      std::string target = path;
      if (!offset.empty()) target += glue + "offset=" + sluice::testing::percent_encode(offset);
      const auto response = get(target);
      EXPECT_EQ(response.status, 200) << response.body;
      if (response.status != 200) break;
      const json::object page = sluice::parse_json(response.body).as_object();
      for (const auto& row : page.at("list").as_array()) rows.push_back(row.as_object());
      const json::value* next = page.if_contains("next_offset");
      offset = next == nullptr ? "" : std::string{next->as_string()};
    } while (!offset.empty());
    return rows;
  }
  // The ids of the rows' first members.
  std::vector<std::string> ids(const std::string& path) {
    std::vector<std::string> out;
    for (const json::object& row : walk(path)) {
      out.emplace_back(row.begin()->value().at("id").as_string());
    }
    return out;
  }

  sluice::testing::SandboxClock clock;
  Sandbox sandbox;
};

inline json::value body(const SandboxResponse& response) {
  return sluice::parse_json(response.body);
}

}  // namespace chargebee_sandbox
