// What stands between the quotes of a string: characters, escapes, interpolations.
#pragma once

#include <string>
#include <string_view>

#include "mapping/expression/lexer.hpp"

namespace sluice::host::expr {

// Appends one character as UTF-8.
void append_utf8(std::string& out, char32_t code);

// Appends the character that the escape at `at` (its backslash) stands for; returns the position
// after the escape. Errors: throws SyntaxError.
std::uint32_t read_escape(std::string_view text, std::uint32_t at, std::uint32_t end,
                          std::string& out);

// Passes the parts of the string whose content is `span` of `text` in order: to `literal` a decoded
// text, to `nested` the positions [from, to) of an interpolated expression.
template <typename Literal, typename Nested>
void read_string(std::string_view text, Span span, Literal literal, Nested nested) {
  std::string plain;
  std::uint32_t at = span.begin;
  while (at < span.end) {
    if (text[at] != '\\') {
      plain.push_back(text[at++]);
    } else if (at + 1 < span.end && text[at + 1] == '(') {
      if (!plain.empty()) literal(plain);
      plain.clear();
      const std::uint32_t close = interpolation_end(text, at + 2, span.end);
      nested(at + 2, close);
      at = close + 1;
    } else {
      at = read_escape(text, at, span.end, plain);
    }
  }
  if (!plain.empty()) literal(plain);
}

}  // namespace sluice::host::expr
