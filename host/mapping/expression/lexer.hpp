// Cuts the text of an expression into tokens.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mapping/expression/value.hpp"

namespace sluice::host::expr {

// What is wrong with an expression's text, and where in it.
struct SyntaxError {
  std::string message;
  std::string hint;
  std::uint32_t offset = 0;
};

enum class TokenKind { End, Field, String, Number, Name, Keyword, Variable, Symbol };

struct Token {
  TokenKind kind = TokenKind::End;
  // Field and Variable: the name alone. String: what stands between the quotes, as written.
  std::string_view text;
  Span span;
};

// Tokens of `text` in [begin, end), closed by an End token; spans count from the start of `text`.
// Errors: throws SyntaxError.
[[nodiscard]] std::vector<Token> tokenize(std::string_view text, std::uint32_t begin,
                                          std::uint32_t end);

// The end of the interpolation `\(…)` whose first byte after the parenthesis is at `at`: the
// position of its `)`.
[[nodiscard]] std::uint32_t interpolation_end(std::string_view text, std::uint32_t at,
                                              std::uint32_t end, int nesting = 0);

}  // namespace sluice::host::expr
