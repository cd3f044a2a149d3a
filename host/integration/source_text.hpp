// The text of a file, and where each of its bytes stands.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "integration/integration.hpp"

namespace sluice::host {

// Where in a text the first byte stands that cannot be part of UTF-8 (overlong forms and surrogates
// included).
[[nodiscard]] std::optional<std::size_t> first_invalid_utf8(std::string_view text);

class SourceText {
 public:
  explicit SourceText(std::string text);

  [[nodiscard]] std::string_view text() const noexcept { return text_; }
  // Columns count characters, as editors do, not bytes.
  [[nodiscard]] Position position(std::size_t offset) const;
  // The byte offset of a zero-based line and byte column, clamped to the text.
  [[nodiscard]] std::size_t offset(int line, int byte_column) const;
  [[nodiscard]] std::string_view line(int number) const;  // zero-based, without its line break

 private:
  [[nodiscard]] std::size_t characters_before(std::size_t offset) const;

  std::string text_;
  std::vector<std::size_t> line_starts_;
  std::vector<std::size_t>
      characters_;  // before every kStride-th byte: a file may be one long line
};

}  // namespace sluice::host
