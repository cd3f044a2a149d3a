// From a source record to the document that the destination shall hold, by one sync's fields, rules, checks and filter.
#pragma once

#include <sluice/destination.hpp>
#include <sluice/json.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "integration/integration.hpp"

namespace sluice::host {

// A field as the destination has it. Names are compared without regard to case.
struct DestinationField {
  std::string name;
  FieldType type = FieldType::Text;
  bool set = false;                       // a set of texts
  bool built_in = false;
  bool required = false;
  std::vector<std::string> options;       // of Option and Options; empty: unknown
  std::optional<std::uint32_t> max_length;
};

// What is known of the destination's object; without fields everything is taken as text that fits.
struct DestinationSchema {
  std::vector<DestinationField> fields;
  bool key_fold_lower = false;            // keys that differ only in case are one key

  [[nodiscard]] const DestinationField* find(std::string_view name) const noexcept;
};

// Why a record has no document.
struct Rejection {
  std::string stage;     // "check", "mapping", "constraint"
  std::string code;      // groups equal causes: "check_failed", "missing_key", "wrong_type", "not_an_option", …
  std::string field;     // the destination field, if one is concerned
  std::string message;   // for a person: names field and value
  std::string value;     // the failing value as JSON: an ignored error opens again when it changes
};

struct MapResult {
  enum class Status { Mapped, Filtered, Rejected };
  Status status = Status::Mapped;
  Rejection rejection;                    // Rejected
  std::string key;                        // Mapped: the match field's value, trimmed, folded as the schema says
  json::object fields;                    // in the file's order; null only under `null: clear`
  std::map<std::string, std::vector<std::string>> sets;   // set-valued field → sorted unique members
  std::vector<std::string> if_empty;      // fields to set only where the destination has no value
  std::map<std::string, std::size_t> set_by_rule;         // field → index of the rule that set it last
};

// Threads: [any thread] once compiled.
class Mapping {
 public:
  // Errors: IntegrationError with the positions of expressions that do not compile.
  static Mapping compile(const SyncConfig& sync, const DestinationSchema& schema);
  Mapping(Mapping&&) noexcept;
  Mapping& operator=(Mapping&&) noexcept;
  ~Mapping();

  // Never throws for what is wrong with the record.
  [[nodiscard]] MapResult apply(const json::value& data) const;
  // Paths of the record that the sync reads, for checks against the stream's schema.
  struct Path {
    std::vector<std::string> path;
    Position at;
  };
  [[nodiscard]] std::vector<Path> paths() const;

 private:
  struct Impl;
  explicit Mapping(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// 16 bytes over the whole write (fields, sets, if_empty, the sync's write options): equal hashes need no write.
[[nodiscard]] std::string write_hash(const MapResult& result, const WriteConfig& write);
// Hex, over everything in the file that decides what is written: another one calls for a full walk.
[[nodiscard]] std::string fingerprint(const SyncConfig& sync);

// What can be checked of expressions, rules and tests without a connection.
void lint_mapping(const SyncConfig& sync, const std::string& file, std::vector<Diagnostic>& diagnostics);

struct MappingTestResult {
  std::string name;
  bool passed = false;
  std::string diff;      // readable, empty when passed
};
[[nodiscard]] std::vector<MappingTestResult> run_mapping_tests(const SyncConfig& sync);

}  // namespace sluice::host
