// The lines of a file, forwards and backwards, through one buffer.
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

class LineReader {
 public:
  LineReader(const FileHandle& file, std::uint64_t offset) : file_{file}, start_{offset} {}

  // The next line; nothing at the end of the file.
  // Errors: SchemaMismatch naming the byte when the line is longer than kMaxLineBytes.
  [[nodiscard]] std::optional<Line> next();
  [[nodiscard]] std::uint64_t offset() const noexcept { return start_ + used_; }
  void seek(std::uint64_t offset);

 private:
  bool fill();

  const FileHandle& file_;
  std::uint64_t start_;  // where buffer_ stands in the file
  std::string buffer_;
  std::size_t used_ = 0;  // bytes of buffer_ that have been given out
};

class BackwardLineReader {
 public:
  BackwardLineReader(const FileHandle& file, std::uint64_t end) : file_{file}, start_{end} {}

  // The line before the one given last; nothing at the beginning of the file. Errors: as
  // LineReader.
  [[nodiscard]] std::optional<Line> previous();

 private:
  const FileHandle& file_;
  std::uint64_t start_;  // where buffer_ stands in the file
  std::string buffer_;   // what lies before the line given last
  std::string line_;
};

}  // namespace file_connector
