#include "mapping/expression/text.hpp"

#include <clocale>
#include <cwctype>
#include <sluice/error.hpp>

#include "mapping/expression/string_literal.hpp"

namespace sluice::host::expr {
namespace {

using Letter = char32_t;

// The C library's Unicode tables, whatever the process's locale is.
locale_t unicode() {
  static const locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  if (locale == nullptr) throw Error{Code::Internal, "the locale C.UTF-8 is not installed"};
  return locale;
}

std::wint_t wide(Letter letter) noexcept {
  return static_cast<std::wint_t>(letter);
}

Letter to_upper(Letter letter) {
  if (letter < 0x80) return letter >= 'a' && letter <= 'z' ? letter - 32 : letter;
  return static_cast<Letter>(towupper_l(wide(letter), unicode()));
}

Letter to_lower(Letter letter) {
  if (letter < 0x80) return letter >= 'A' && letter <= 'Z' ? letter + 32 : letter;
  return static_cast<Letter>(towlower_l(wide(letter), unicode()));
}

bool is_letter(Letter letter) {
  return iswalnum_l(wide(letter), unicode()) != 0;
}

bool is_blank(Letter letter) noexcept {
  return letter == ' ' || (letter >= 0x09 && letter <= 0x0D) || letter == 0x85 || letter == 0xA0 ||
         letter == 0x1680 || (letter >= 0x2000 && letter <= 0x200B) || letter == 0x2028 ||
         letter == 0x2029 || letter == 0x202F || letter == 0x205F || letter == 0x2060 ||
         letter == 0x3000 || letter == 0xFEFF;
}

Letter decode(std::string_view character) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(character[i]); };
  switch (character.size()) {
    case 1:
      return byte(0);
    case 2:
      return ((byte(0) & 0x1FU) << 6U) | (byte(1) & 0x3FU);
    case 3:
      return ((byte(0) & 0x0FU) << 12U) | ((byte(1) & 0x3FU) << 6U) | (byte(2) & 0x3FU);
    default:
      return ((byte(0) & 0x07U) << 18U) | ((byte(1) & 0x3FU) << 12U) | ((byte(2) & 0x3FU) << 6U) |
             (byte(3) & 0x3FU);
  }
}

template <typename Change>
std::string changed(std::string_view text, Change change) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t size = character_size(text);
    append_utf8(out, change(decode(text.substr(0, size))));
    text.remove_prefix(size);
  }
  return out;
}

}  // namespace

std::size_t character_size(std::string_view text) noexcept {
  const auto first = static_cast<unsigned char>(text.front());
  std::size_t size = 1;
  if (first >= 0xF0) {
    size = 4;
  } else if (first >= 0xE0) {
    size = 3;
  } else if (first >= 0xC0) {
    size = 2;
  }
  return std::min(size, text.size());
}

std::size_t count_characters(std::string_view text) noexcept {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
  return count;
}

std::string_view characters(std::string_view text, std::size_t begin, std::size_t end) noexcept {
  const auto skip = [](std::string_view from, std::size_t count) {
    std::size_t bytes = 0;
    while (count-- > 0 && bytes < from.size()) bytes += character_size(from.substr(bytes));
    return bytes;
  };
  text.remove_prefix(skip(text, begin));
  return text.substr(0, skip(text, end - begin));
}

std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty()) {
    const std::size_t size = character_size(text);
    if (!is_blank(decode(text.substr(0, size)))) break;
    text.remove_prefix(size);
  }
  while (!text.empty()) {
    std::size_t start = text.size() - 1;
    while (start > 0 && (static_cast<unsigned char>(text[start]) & 0xC0U) == 0x80U) --start;
    if (!is_blank(decode(text.substr(start)))) break;
    text = text.substr(0, start);
  }
  return text;
}

std::string upper_case(std::string_view text) {
  return changed(text, to_upper);
}
std::string lower_case(std::string_view text) {
  return changed(text, to_lower);
}

std::string title_case(std::string_view text) {
  // An apostrophe starts a new word only after a single letter: O'Neil, but don't.
  std::size_t letters = 0;
  return changed(text, [&](Letter letter) {
    const bool apostrophe = letter == '\'' || letter == 0x2019;
    if (!is_letter(letter)) {
      if (!apostrophe || letters == 1) letters = 0;
      return letter;
    }
    return letters++ == 0 ? to_upper(letter) : to_lower(letter);
  });
}

void append_text(json::string& out, const json::value& value) {
  if (value.is_string()) {
    out.append(value.get_string());
  } else {
    out.append(to_json(value));
  }
}

bool is_email(std::string_view text) noexcept {
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t size = character_size(rest);
    const Letter letter = decode(rest.substr(0, size));
    if (letter <= 0x20 || letter == 0x7F || is_blank(letter)) return false;
    rest.remove_prefix(size);
  }
  if (text.find_first_of("\"(),:;<>[]\\") != std::string_view::npos) return false;
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos || at == 0 || text.rfind('@') != at) return false;
  const auto domain = text.substr(at + 1);
  const std::size_t dot = domain.rfind('.');
  if (dot == std::string_view::npos || domain.front() == '.') return false;
  if (domain.find("..") != std::string_view::npos) return false;
  // Letters of any script; punycode endings carry digits and hyphens as well.
  std::size_t letters = 0;
  for (const char c : domain.substr(dot + 1)) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                        (static_cast<unsigned char>(c) & 0xC0U) == 0xC0U;
    letters += letter ? 1 : 0;
    const bool allowed = letter || (static_cast<unsigned char>(c) & 0x80U) != 0 || c == '-' ||
                         (c >= '0' && c <= '9');
    if (!allowed) return false;
  }
  return letters >= 2;
}

}  // namespace sluice::host::expr
