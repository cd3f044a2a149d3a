// From a record to the document that the destination shall hold: filter, checks, fields, rules.
//
// Order: the filter comes first, so that a record that is left out is never an error; then the
// checks; then fields and rules. Values keep their type: what a field cannot take is an error that
// names field and value, never a blank.
#pragma once

#include <map>
#include <memory>
#include <sluice/json.hpp>
#include <string>
#include <vector>

#include "integration/integration.hpp"
#include "mapping/destination_schema.hpp"
#include "mapping/record_parts.hpp"

namespace sluice::host {

// Why a record is not written.
struct Rejection {
  std::string stage;    // "check", "mapping" or "constraint"
  std::string code;     // check_failed, filter_failed, rule_failed, expression_failed, wrong_type,
                        // no_key; unknown_option, too_long, required, too_large
  std::string field;    // the destination field, if it is about one
  std::string message;  // for people; names field and value
  std::string value;  // what the failure depends on, as JSON: while it is the same, so is the error
};

struct MapResult {
  // `fields` live in `storage`.
  explicit MapResult(json::storage_ptr storage = {}) : fields(std::move(storage)) {}

  enum class Status { Filtered, Rejected, Mapped };
  Status status = Status::Filtered;
  Rejection rejection;  // when Rejected

  // When Mapped:
  std::string key;      // the match field's value, folded as the destination compares keys
  json::object fields;  // in the order of the file; null: to be cleared. Absent: not to be touched
  std::map<std::string, std::vector<std::string>> sets;  // members sorted, once each; never empty
  std::vector<std::string> if_empty;                     // of `fields`: only to be set where empty
  std::vector<std::size_t> rules;                        // indices of the rules that matched
};

// The result as one object, as `expect:` and `show` have it: fields, then sets as arrays.
[[nodiscard]] json::object document_of(const MapResult& result);

// A path of the record that the file reads, and where in the file.
struct ReadPath {
  std::vector<std::string> path;  // "[]": any element of an array
  std::string file;               // the preset's file; empty: the integration file
  Position at;
};

// Threads: [any thread]; immutable and cheap to copy.
class Mapping {
 public:
  // Errors: throws IntegrationError with every expression, rule and field that cannot be right.
  static Mapping compile(const SyncConfig& sync, const DestinationSchema& schema = {});

  // The result lives in `storage`.
  [[nodiscard]] MapResult apply(const json::value& record, json::storage_ptr storage = {}) const;

  // What a mapped record looks like, without any record's values: every field and every set, with
  // the values that rules give them.
  [[nodiscard]] MapResult likeness() const;

  // What filter, checks, fields and rules read, for comparing with the source's schema.
  [[nodiscard]] std::vector<ReadPath> paths() const;

  // `apply` needs no more than these of a record: it filters and maps as it does with all of it.
  // Where it rejects, only all of the record tells why.
  [[nodiscard]] const RecordParts& parts() const noexcept;

  struct Compiled;  // internal to this folder

 private:
  explicit Mapping(std::shared_ptr<const Compiled> compiled) : compiled_{std::move(compiled)} {}
  std::shared_ptr<const Compiled> compiled_;
};

// Adds every finding about the sync's expressions, match field and rules, with its place.
// `file` is the integration file; entries of a preset are reported in the preset's file.
void lint_mapping(const SyncConfig& sync, const std::string& file,
                  std::vector<Diagnostic>& diagnostics);

struct MappingTestResult {
  std::string name;
  bool passed = false;
  std::string diff;  // what differs, a line each; empty when passed
  Position at;
};

// Runs the sync's `tests:`. A member of `expect` must equal that of the document (sets in any
// order); null means that the document has no value; members that `expect` does not name are free.
// Errors: throws IntegrationError when the mapping itself is wrong.
[[nodiscard]] std::vector<MappingTestResult> run_mapping_tests(const SyncConfig& sync);

// Raised whenever equal configurations would lead to other writes than before.
inline constexpr int kFingerprintVersion = 1;
// Raised whenever equal writes would be told apart, or different ones not.
inline constexpr int kWriteHashVersion = 1;

// 128 bits in hexadecimal over everything in the file that changes what is written: expressions
// (but for white space and comments), resolved preset fields, rules, filter, checks, `read:` and
// `write:` options. Not names of syncs, tests, texts of messages or limits.
[[nodiscard]] std::string fingerprint(const SyncConfig& sync);

// 128 bits in hexadecimal over the whole write: fields, sets, `if_empty`, `write:` options.
[[nodiscard]] std::string write_hash(const MapResult& result, const WriteConfig& write);

}  // namespace sluice::host
