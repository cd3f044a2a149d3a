// The files of a source, and one of them opened for reading.
#pragma once

#include <filesystem>
#include <optional>
#include <sluice/context.hpp>
#include <sluice/source.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "csv_table.hpp"
#include "file_handle.hpp"
#include "line_reader.hpp"
#include "options.hpp"
#include "record_parser.hpp"

namespace file_connector {

// More files than this are refused: a cursor names each of them.
inline constexpr std::size_t kMaxFiles = 2000;

struct InputName {
  std::filesystem::path path;
  std::string name;        // without the directory: what a cursor calls it
  std::size_t number = 0;  // in the order of reading
};

// The files that the options name, in the order in which they are read: by the bytes of their
// names. Errors: NotFound when there is none, Config when there are more than kMaxFiles.
[[nodiscard]] std::vector<InputName> list_inputs(const Options& options);

enum class LineKind {
  Record,
  None,        // blank, or the header of a table
  Bad,         // left out, counted and logged
  Incomplete,  // the end of the file, which somebody is still writing
};

// An opened file: unpacked where it is compressed, its header read where it is a table.
// Not thread-safe: keeps its buffers.
class Input {
 public:
  // Errors: those of FileHandle, and SchemaMismatch naming the file when its header is none.
  Input(sluice::Context& context, const Options& options, InputName name);

  // In the order of reading.
  [[nodiscard]] std::size_t number() const noexcept { return name_.number; }
  // What is in the file, unpacked.
  [[nodiscard]] const FileHandle& content() const noexcept { return content_; }
  [[nodiscard]] LineEnd line_end() const noexcept { return line_end_; }
  // The file's state when it was opened, and whether it is another by now. What was unpacked stays
  // as it was.
  [[nodiscard]] const FileState& opened() const noexcept { return opened_; }
  [[nodiscard]] bool has_changed() const { return !packed_ && content_.state() != opened_; }

  // What the line is; a record is added to the page. `place` is the line's number or byte;
  // `version` serves when the options name no member for it.
  // Errors: SchemaMismatch naming the file and the place when the line is bad and bad lines are not
  // skipped.
  LineKind take(sluice::Context& context, const Line& line, const std::string& place,
                std::int64_t version, sluice::RecordBatch& records);
  // The same up to the page: fills `head` and, with the record as JSON, `data`, valid until the
  // next call.
  LineKind parse(sluice::Context& context, const Line& line, const std::string& place,
                 RecordHead& head, std::string_view& data);
  void emit(const RecordHead& head, std::string_view data, std::uint64_t offset,
            std::int64_t version, sluice::RecordBatch& records) const;

 private:
  void report_skipped(sluice::Context& context, const std::string& message);
  [[nodiscard]] bool is_unfinished(const Line& line) const;

  const Options& options_;
  InputName name_;
  bool packed_;
  FileState opened_;
  FileHandle content_;
  LineEnd line_end_;
  std::optional<CsvTable> table_;
  RecordParser parser_;
  std::uint32_t skipped_ = 0;
};

// The version of what is read now, in microseconds since 1970: what was read later is never older.
[[nodiscard]] std::int64_t version_now(const sluice::Context& context);

}  // namespace file_connector
