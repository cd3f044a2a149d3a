// The integration file as typed data: what a person wrote, checked and with positions, before
// anything runs.
//
// Lowest layer of the host: depends on nothing but the SDK's JSON and error types.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <sluice/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace sluice::host {

// Where something stands in a file; lines and columns count from 1. `line == 0`: nowhere in
// particular.
struct Position {
  int line = 0;
  int column = 0;
};

// An expression as written (mapping/expression.hpp compiles it). `at` is the position of its first
// character.
struct ExpressionText {
  std::string text;
  Position at;
  // Where the text does not continue right behind what precedes it in the file (a next line, an
  // escape in quotes): byte offset in `text`, and its position; in ascending order. Read it with
  // `position_of`.
  std::vector<std::pair<std::size_t, Position>> jumps{};
};

// The position in the file of the character at byte `offset` of `expression.text`.
[[nodiscard]] Position position_of(const ExpressionText& expression, std::size_t offset);

// `rate: 120/min` on a connection: replaces the limit that the connector declares for its general
// class of requests.
struct RateLimit {
  std::uint32_t requests = 0;
  std::chrono::milliseconds window{};
};

// Where a connector's option stands (the base: its key) and how its value came about.
struct OptionPosition : Position {
  Position value;            // where its value stands
  bool substituted = false;  // the value came from `${…}`: it may be a secret, and a string that
                             // stands for a number
  bool resolved = true;  // false: a `${…}` has no value here (lint only), the text is as written
};

// By path: "site" for an option, "headers.accept" and "paths[0]" for what it contains.
using OptionPositions = std::map<std::string, OptionPosition>;

// Whether a worker is confined: as far as the kernel can, only if it can fully, or not at all.
enum class Confine { Auto, Required, Off };

// `worker:` of a connection: what the process that runs the connector may use.
struct WorkerConfig {
  Confine confinement = Confine::Auto;
  std::uint64_t memory = std::uint64_t{2} << 30;      // bytes
  std::uint64_t file_size = std::uint64_t{64} << 30;  // bytes, of each file that it writes
  std::uint32_t descriptors = 1024;
  std::chrono::seconds hang_after{600};  // a call that shows no sign of life for so long hangs
  std::vector<std::string> read, write;  // files and directories besides those of the options
};

// `source:` or `destination:`.
struct Connection {
  std::string connector;  // the connector's id, such as "file"
  json::object options;   // the connector's own options, environment and file references resolved
  OptionPositions option_positions;
  std::optional<RateLimit> rate;    // `rate:`
  double share = 1.0;               // `share:` of the limit that Sluice may use, 0 < share <= 1
  std::vector<std::string> sha256;  // the plugin's file has one of these digests; empty: any
  WorkerConfig worker;
  Position at;
};

// `schedule:`. At most one of `every` and `cron` is set; neither means that only commands start
// runs.
struct Schedule {
  std::optional<std::chrono::seconds> every;
  std::string cron;
  std::string timezone = "UTC";
  Position at;
};

// `read:` of a sync: the stream, and options that the source declares for it.
struct ReadConfig {
  std::string stream;
  json::object options;
  OptionPositions option_positions;
  Position at;
};

enum class WriteMode { Upsert, Create, Update };
enum class DuplicatePolicy { Error, Latest, First };

// `max_deletes:`: how many deletions a run may make before it stops and asks. Without a value: the
// larger of 20 and 2 %.
struct DeleteLimit {
  std::optional<std::uint64_t> count;
  std::optional<double> percent;  // of the records that the sync has delivered so far
};

// `write:` of a sync: the generic keys, and options that the destination declares for the object.
struct WriteConfig {
  std::string object;
  std::string match;  // the destination field that identifies a record
  WriteMode mode = WriteMode::Upsert;
  std::string on_delete = "keep";  // "keep", or an action that the destination offers
  std::string on_exclude = "keep";
  DuplicatePolicy on_duplicate = DuplicatePolicy::Error;
  DeleteLimit max_deletes;
  bool ledger = true;     // false: nothing is remembered of single records
  bool documents = true;  // false: the ledger keeps no field values of what was delivered
  json::object options;
  OptionPositions option_positions;
  Position at;
};

// One entry of `check:`. A record for which `that` is not true is a record error that says `say`.
struct CheckRule {
  ExpressionText that;
  std::string say;
};

enum class NullPolicy { Keep, Clear };  // what a missing value does at the destination
enum class Overwrite { Always, IfEmpty };

// One entry of `fields:` (the preset's entries come first, the file's own replace those of the same
// name).
struct FieldMapping {
  std::string name;  // a built-in field's API name, or the title of a custom field
  ExpressionText value;
  std::string type;  // "text", "number", "date", "datetime", "boolean"; empty: the destination's
  NullPolicy null = NullPolicy::Keep;
  Overwrite overwrite = Overwrite::Always;
  bool from_preset = false;
  Position at;
};

// One entry of `rules:`. While `when` is true the values of `set` are part of the document; once it
// is not, they are withdrawn. Members of set-valued fields add up over all rules; a plain field
// takes the last matching rule's value.
struct Rule {
  ExpressionText when;
  json::object set;
  Position at;
};

// One entry of `tests:`: `expect` is a subset of the document that `given` maps to.
struct MappingTest {
  std::string name;
  json::object given;
  json::object expect;
  std::string expect_error;  // instead of `expect`: part of the error's message
  bool expect_filtered = false;
  Position at;
};

// One stream → object flow.
struct SyncConfig {
  std::string name;
  ReadConfig read;
  WriteConfig write;
  std::vector<CheckRule> checks;
  std::optional<ExpressionText> filter;
  std::string preset;
  std::string preset_file;  // where the preset's entries stand; empty without one
  std::vector<FieldMapping> fields;
  std::vector<Rule> rules;
  std::vector<MappingTest> tests;
  Position at;
};

// `retention:`: how long the state remembers what no run needs any more.
struct Retention {
  std::chrono::seconds runs = std::chrono::hours{24 * 90};
  std::chrono::seconds resolved_errors = std::chrono::hours{24 * 30};
};

struct Integration {
  std::string name;  // names the state
  std::string file;  // as given on the command line
  Connection source;
  Connection destination;
  Schedule schedule;
  Retention retention;
  std::vector<SyncConfig> syncs;
};

// A finding of `lint` or of loading. Printed as `file:line:column: error: message (hint)`.
struct Diagnostic {
  enum class Severity { Note, Warning, Error };
  Severity severity = Severity::Error;
  std::string file;
  Position at;
  std::string message;
  std::string hint;  // "did you mean …", what is allowed here, what to do; may be empty
};

[[nodiscard]] std::string to_string(const Diagnostic& diagnostic);

}  // namespace sluice::host
