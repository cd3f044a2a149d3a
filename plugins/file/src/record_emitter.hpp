// What every way of reading does with a line: parse it, decide about a bad one, add it to the page.
#pragma once

#include <cstdint>
#include <sluice/context.hpp>
#include <sluice/source.hpp>
#include <string>
#include <string_view>

#include "line_reader.hpp"
#include "options.hpp"
#include "record_parser.hpp"

namespace file_connector {

enum class LineKind {
  Record,
  Blank,
  Bad,         // left out, counted and logged
  Incomplete,  // the end of the file, which somebody is still writing
};

class RecordEmitter {
 public:
  explicit RecordEmitter(const Options& options) : options_{options}, parser_{options} {}

  // What the line is; `head` is filled for a record. `place` is the line's number or byte.
  // Errors: SchemaMismatch naming the file and the place when the line is bad and bad lines are not
  // skipped.
  [[nodiscard]] LineKind parse(sluice::Context& context, const Line& line, const std::string& place,
                               RecordHead& head);

 private:
  void report_skipped(sluice::Context& context, const std::string& message);

  const Options& options_;
  RecordParser parser_;
  std::uint32_t skipped_ = 0;
};

// Adds the record to the page. `version` serves when the options name no member for it.
void emit(sluice::RecordBatch& batch, const RecordHead& head, std::string_view line,
          std::uint64_t offset, std::int64_t version);

// The version of what is read now, in microseconds since 1970: what was read later is never older.
[[nodiscard]] std::int64_t version_now(const sluice::Context& context);

}  // namespace file_connector
