// A sandbox started by its command line, on a clock that stands still, called without a connection.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "command_line.hpp"
#include "sandbox.hpp"
#include "sluice/json.hpp"
#include "sluice/testing/sandbox.hpp"

namespace activecampaign_sandbox {

namespace json = boost::json;

struct Answer {
  int status = 0;
  json::value body;
  sluice::testing::SandboxResponse response;

  const json::value& at(const char* pointer) const { return body.at_pointer(pointer); }
};

class SandboxTest : public testing::Test {
 protected:
  SandboxTest() { start({}); }

  void start(const std::vector<std::string>& arguments) {
    server_ = std::make_unique<sluice::testing::SandboxServer>(clock_);
    sandbox_ = std::make_unique<Sandbox>(clock_, parse_command_line(arguments).config);
    sandbox_->install(*server_);
  }

  Answer call(const std::string& method, const std::string& target, const std::string& body = {},
              const std::string& token = "sandbox-key") {
    sluice::testing::SandboxPairs headers{{"Host", "ac.test"}};
    if (!token.empty()) headers.emplace_back("api-token", token);
    Answer answer;
    answer.response = server_->call(method, target, headers, body);
    answer.status = answer.response.status;
    const std::string& text = answer.response.body;
    if (!text.empty() && (text.front() == '{' || text.front() == '[')) {
      answer.body = sluice::parse_json(text);
    }
    return answer;
  }
  Answer get(const std::string& path) { return call("GET", "/api/3" + path); }
  Answer del(const std::string& path) { return call("DELETE", "/api/3" + path); }
  Answer post(const std::string& path, const std::string& body) {
    return call("POST", "/api/3" + path, body);
  }
  Answer put(const std::string& path, const std::string& body) {
    return call("PUT", "/api/3" + path, body);
  }
  Answer mutate(const std::string& body) {
    Answer answer = call("POST", "/_sandbox/mutate", body);
    EXPECT_EQ(answer.status, 200) << answer.response.body;
    return answer;
  }
  Answer sync(const std::string& contact) {
    return post("/contact/sync", R"({"contact":)" + contact + "}");
  }
  // The dump's entry of one contact; null when there is none.
  json::value dumped(const std::string& email) {
    const Answer dump = call("GET", "/_sandbox/dump");
    for (const json::value& contact : dump.at("/contacts").as_array()) {
      if (contact.at("email").as_string() == email) return contact;
    }
    return nullptr;
  }
  // Submits a batch and returns its id.
  std::string import(const std::string& contacts, const std::string& rest = "") {
    const Answer answer = post("/import/bulk_import", R"({"contacts":)" + contacts + rest + "}");
    EXPECT_EQ(answer.status, 200) << answer.response.body;
    return std::string{answer.at("/batchId").as_string()};
  }
  Answer info(const std::string& batch) { return get("/import/info?batchId=" + batch); }
  Answer import_and_wait(const std::string& contacts, const std::string& rest = "") {
    const std::string batch = import(contacts, rest);
    clock_.advance(5000);
    return info(batch);
  }

  sluice::testing::SandboxClock clock_ =
      sluice::testing::SandboxClock::manual(1'780'000'000'000);  // 2026-05-28T20:26:40Z
  std::unique_ptr<Sandbox> sandbox_;
  std::unique_ptr<sluice::testing::SandboxServer> server_;
};

}  // namespace activecampaign_sandbox
