#include "integration/source_text.hpp"

#include <algorithm>
#include <utility>

namespace sluice::host {
namespace {

constexpr std::size_t kStride = 256;

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

// The length of the well-formed sequence at `at`, 0 when there is none.
std::size_t sequence_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) -> unsigned {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
  };
  const auto continues = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return continues(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const bool overlong = first == 0xE0 && byte(1) < 0xA0;
    const bool surrogate = first == 0xED && byte(1) > 0x9F;
    return continues(1) && continues(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const bool overlong = first == 0xF0 && byte(1) < 0x90;
    const bool beyond = first == 0xF4 && byte(1) > 0x8F;
    return continues(1) && continues(2) && continues(3) && !overlong && !beyond ? 4 : 0;
  }
  return 0;
}

}  // namespace

std::optional<std::size_t> first_invalid_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = sequence_length(text, at);
    if (length == 0) return at;
    at += length;
  }
  return std::nullopt;
}

SourceText::SourceText(std::string text) : text_{std::move(text)} {
  line_starts_.push_back(0);
  std::size_t characters = 0;
  for (std::size_t i = 0; i < text_.size(); ++i) {
    if (i % kStride == 0) characters_.push_back(characters);
    if (!is_continuation(text_[i])) ++characters;
    if (text_[i] == '\n') line_starts_.push_back(i + 1);
  }
  characters_.push_back(characters);
}

std::size_t SourceText::characters_before(std::size_t offset) const {
  const std::size_t stride = std::min(offset / kStride, characters_.size() - 1);
  const std::size_t from = std::min(stride * kStride, offset);
  const std::string_view rest = std::string_view{text_}.substr(from, offset - from);
  const auto more =
      std::count_if(rest.begin(), rest.end(), [](char c) { return !is_continuation(c); });
  return characters_[stride] + static_cast<std::size_t>(more);
}

Position SourceText::position(std::size_t offset) const {
  offset = std::min(offset, text_.size());
  const auto next = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  const std::size_t column = characters_before(offset) - characters_before(*(next - 1));
  return {static_cast<int>(next - line_starts_.begin()), static_cast<int>(column) + 1};
}

std::size_t SourceText::offset(int line, int byte_column) const {
  if (line < 0) return 0;
  const auto index = static_cast<std::size_t>(line);
  if (index >= line_starts_.size()) return text_.size();
  return std::min(line_starts_[index] + static_cast<std::size_t>(std::max(byte_column, 0)),
                  text_.size());
}

std::string_view SourceText::line(int number) const {
  const std::size_t start = offset(number, 0);
  const std::size_t end = std::min(text_.find('\n', start), text_.size());
  return std::string_view{text_}.substr(start, end - start);
}

}  // namespace sluice::host
