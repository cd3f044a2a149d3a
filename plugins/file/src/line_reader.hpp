// The lines of a file, forwards and backwards, through one buffer. In CSV a line end within quotes
// belongs to a value: there a line is a row.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "file_handle.hpp"

namespace file_connector {

// A longer line is refused: it would have to fit into memory several times.
inline constexpr std::size_t kMaxLineBytes = 16u << 20;

struct Line {
  std::string_view text;     // without its end; valid until the next call of the reader
  std::uint64_t offset = 0;  // of the first byte
  std::uint64_t end = 0;     // behind the line and its end
  bool terminated = false;   // by '\n'
};

// The row of a table: without a byte order mark in front of the file and the '\r' of the line's
// end.
[[nodiscard]] std::string_view row_text(const Line& line) noexcept;

enum class LineEnd { Any, OutsideQuotes };

class LineReader {
 public:
  LineReader(const FileHandle& file, std::uint64_t offset, LineEnd ends = LineEnd::Any)
      : file_{file}, start_{offset}, ends_{ends} {}

  // The next line; nothing at the end of the file.
  // Errors: SchemaMismatch naming the byte when the line is longer than kMaxLineBytes.
  [[nodiscard]] std::optional<Line> next();
  [[nodiscard]] std::uint64_t offset() const noexcept { return start_ + used_; }
  void seek(std::uint64_t offset);

 private:
  bool fill();
  [[nodiscard]] std::size_t find_end(std::size_t from, bool& in_quotes) const;

  const FileHandle& file_;
  std::uint64_t start_;  // where buffer_ stands in the file
  LineEnd ends_;
  std::string buffer_;
  std::size_t used_ = 0;  // bytes of buffer_ that have been given out
};

class BackwardLineReader {
 public:
  BackwardLineReader(const FileHandle& file, std::uint64_t end, LineEnd ends = LineEnd::Any)
      : file_{file}, start_{end}, ends_{ends} {}

  // The line before the one given last; nothing at the beginning of the file. Errors: as
  // LineReader.
  [[nodiscard]] std::optional<Line> previous();

 private:
  [[nodiscard]] std::size_t find_end_before(std::size_t to, bool& in_quotes) const;

  const FileHandle& file_;
  std::uint64_t start_;  // where buffer_ stands in the file
  LineEnd ends_;
  std::string buffer_;  // what lies before the line given last
  std::string line_;
};

}  // namespace file_connector
