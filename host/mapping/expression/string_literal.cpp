#include "mapping/expression/string_literal.hpp"

#include <charconv>

namespace sluice::host::expr {
namespace {

constexpr std::string_view kEscapes = "\"\\/bfnrt";
constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";

// The four hexadecimal digits at `at`.
std::uint32_t hex(std::string_view text, std::uint32_t at, std::uint32_t end) {
  std::uint32_t code = 0;
  const bool enough = at + 4 <= end;
  const char* first = text.data() + at;
  if (!enough || std::from_chars(first, first + 4, code, 16).ptr != first + 4) {
    throw SyntaxError{"\\u needs four hexadecimal digits", "", at};
  }
  return code;
}

}  // namespace

void append_utf8(std::string& out, char32_t code) {
  const auto put = [&](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0U | (code >> 6U));
    put(0x80U | (code & 0x3FU));
  } else if (code < 0x10000) {
    put(0xE0U | (code >> 12U));
    put(0x80U | ((code >> 6U) & 0x3FU));
    put(0x80U | (code & 0x3FU));
  } else {
    put(0xF0U | (code >> 18U));
    put(0x80U | ((code >> 12U) & 0x3FU));
    put(0x80U | ((code >> 6U) & 0x3FU));
    put(0x80U | (code & 0x3FU));
  }
}

std::uint32_t read_escape(std::string_view text, std::uint32_t at, std::uint32_t end,
                          std::string& out) {
  const char letter = text[at + 1];
  if (const auto known = kEscapes.find(letter); known != std::string_view::npos) {
    out.push_back(kMeanings[known]);
    return at + 2;
  }
  if (letter != 'u') {
    throw SyntaxError{"unknown escape \\" + std::string{letter},
                      "a backslash itself is written \\\\", at};
  }
  std::uint32_t code = hex(text, at + 2, end);
  std::uint32_t next = at + 6;
  if (code >= 0xD800 && code < 0xE000) {
    const bool pair = code < 0xDC00 && text.substr(next, 2) == "\\u";
    const std::uint32_t low = pair ? hex(text, next + 2, end) : 0;
    if (low < 0xDC00 || low >= 0xE000) throw SyntaxError{"half a surrogate pair", "", at};
    code = 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00);
    next += 6;
  }
  append_utf8(out, code);
  return next;
}

}  // namespace sluice::host::expr
