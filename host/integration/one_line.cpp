#include "integration/one_line.hpp"

#include <algorithm>

namespace sluice::host {
namespace {

// The bytes of the UTF-8 sequence that starts at `at`, 0 when it is broken.
std::size_t sequence_length(std::string_view text, std::size_t at) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(at);
  const std::size_t length = first < 0x80   ? 1
                             : first < 0xC2 ? 0
                             : first < 0xE0 ? 2
                             : first < 0xF0 ? 3
                             : first < 0xF5 ? 4
                                            : 0;
  if (length == 0 || at + length > text.size()) return 0;
  for (std::size_t i = at + 1; i < at + length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return 0;
  }
  if (length >= 3) {
    const unsigned char second = byte(at + 1);
    const bool is_overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
    const bool is_surrogate = first == 0xED && second >= 0xA0;
    const bool is_beyond = first == 0xF4 && second >= 0x90;
    if (is_overlong || is_surrogate || is_beyond) return 0;
  }
  return length;
}

// What acts on a terminal rather than showing on it: C0, DEL, C1, line and paragraph separators,
// and the marks that turn the direction of what follows.
bool is_control(std::string_view character) noexcept {
  if (character.size() == 1) {
    const auto byte = static_cast<unsigned char>(character[0]);
    return byte < 0x20 || byte == 0x7F;
  }
  if (character.size() == 2) return character[0] == '\xC2' && character[1] <= '\x9F';
  if (character.size() != 3 || character[0] != '\xE2') return false;
  const auto last = static_cast<unsigned char>(character[2]);
  if (character[1] == '\x80') return last >= 0xA8 && last <= 0xAE;
  return character[1] == '\x81' && last >= 0xA6 && last <= 0xA9;
}

}  // namespace

std::string one_line(std::string_view text, std::size_t limit) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  std::string line;
  line.reserve(std::min(text.size(), limit) + 4);
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = sequence_length(text, i);
    if (line.size() + std::max<std::size_t>(length, 3) > limit) return line + "…";
    if (length == 0) {
      line += "\xEF\xBF\xBD";
      ++i;
      continue;
    }
    const auto character = text.substr(i, length);
    if (is_control(character)) {
      line += ' ';
    } else {
      line += character;
    }
    i += length;
  }
  return line;
}

}  // namespace sluice::host
