// What an author says about a connector so that the kit can try it out: `scenarios/*.yaml` and
// `scenarios/quirks.yaml`. docs/conformance.md describes both.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <sluice/json.hpp>
#include <string>
#include <vector>

namespace sluice::conformance {

struct ReadPlan {
  std::string stream;
  json::object options;
  std::size_t records = 0;  // how many a full walk gives
};

struct WritePlan {
  std::string object;
  std::string match;
  json::object options;
  std::vector<json::object> records;    // good ones, each with the field `match`
  std::optional<json::object> refused;  // one that the destination refuses
  bool receipts = false;                // writes are answered `pending` first
};

struct Scenario {
  std::string name;  // the file's, without .yaml
  std::filesystem::path file;
  std::vector<std::string> sandbox;             // program and arguments; empty: there is none
  json::object config;                          // with ${URL} and ${DIR}
  std::optional<json::object> bad_credentials;  // instead of those members of `config`
  std::map<std::string, std::string> files;     // content by name, put into ${DIR}
  std::optional<ReadPlan> read;
  std::optional<WritePlan> write;
};

// Why a check, or a group of them, is not held against the connector, by "group.check" or "group".
using Quirks = std::map<std::string, std::string>;

// Errors: Error{Config} that names file, line and what is allowed there.
[[nodiscard]] std::vector<Scenario> load_scenarios(const std::filesystem::path& directory);
[[nodiscard]] Quirks load_quirks(const std::filesystem::path& directory);

// `value` with `${URL}` and `${DIR}` replaced in all its texts.
[[nodiscard]] json::value substituted(const json::value& value,
                                      const std::map<std::string, std::string>& variables);

}  // namespace sluice::conformance
