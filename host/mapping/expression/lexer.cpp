#include "mapping/expression/lexer.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "mapping/limits.hpp"

namespace sluice::host::expr {
namespace {

constexpr std::array<std::string_view, 18> kKeywords = {
    "def", "if",    "then",  "else",   "elif",    "end", "as", "reduce",  "foreach",
    "try", "catch", "label", "import", "include", "and", "or", "__loc__", "module"};

// Longer symbols first.
constexpr std::array<std::string_view, 36> kSymbols = {
    "//=", "|=", "+=", "-=", "*=", "/=", "%=", "==", "!=", "<=", ">=", "//",
    "..",  "|",  ",",  "=",  "<",  ">",  "+",  "-",  "*",  "/",  "%",  "(",
    ")",   "[",  "]",  "{",  "}",  ":",  ";",  "?",  ".",  "@",  "$",  "!"};

bool is_space(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}
bool starts_name(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool continues_name(char c) noexcept {
  return starts_name(c) || is_digit(c);
}

class Lexer {
 public:
  Lexer(std::string_view text, std::uint32_t begin, std::uint32_t end, int nesting = 0)
      : text_{text.substr(0, end)}, at_{begin}, nesting_{nesting} {}

  Token next() {
    skip_blank();
    const std::uint32_t begin = at_;
    if (at_ >= text_.size()) return {TokenKind::End, {}, {begin, begin}};
    const char c = text_[at_];
    if (c == '"') return string(begin);
    if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return number(begin);
    if (c == '.' && starts_name(peek(1))) return named(begin, 1, TokenKind::Field);
    if (c == '$' && starts_name(peek(1))) return named(begin, 1, TokenKind::Variable);
    if (starts_name(c)) return name(begin);
    return symbol(begin);
  }

 private:
  [[nodiscard]] char peek(std::uint32_t ahead) const noexcept {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  void skip_blank() {
    while (at_ < text_.size()) {
      if (text_[at_] == '#') {
        while (at_ < text_.size() && text_[at_] != '\n') ++at_;
      } else if (is_space(text_[at_])) {
        ++at_;
      } else {
        return;
      }
    }
  }

  Token take(TokenKind kind, std::uint32_t begin, std::uint32_t skip) const {
    return {kind, text_.substr(begin + skip, at_ - begin - skip), {begin, at_}};
  }

  Token string(std::uint32_t begin) {
    ++at_;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (text_[at_] != '\\') {
        ++at_;
      } else if (peek(1) == '(') {
        at_ = interpolation_end(text_, at_ + 2, static_cast<std::uint32_t>(text_.size()),
                                nesting_ + 1) +
              1;
      } else {
        at_ += 2;
      }
    }
    if (at_ >= text_.size()) {
      throw SyntaxError{"the string has no closing quote", "", begin};
    }
    ++at_;
    return {TokenKind::String, text_.substr(begin + 1, at_ - begin - 2), {begin, at_}};
  }

  Token number(std::uint32_t begin) {
    while (is_digit(peek(0))) ++at_;
    if (peek(0) == '.') ++at_;
    while (is_digit(peek(0))) ++at_;
    if (peek(0) == 'e' || peek(0) == 'E') {
      const std::uint32_t sign = peek(1) == '+' || peek(1) == '-' ? 2 : 1;
      if (is_digit(peek(sign))) {
        at_ += sign;
        while (is_digit(peek(0))) ++at_;
      }
    }
    return take(TokenKind::Number, begin, 0);
  }

  Token named(std::uint32_t begin, std::uint32_t skip, TokenKind kind) {
    at_ += skip;
    while (continues_name(peek(0))) ++at_;
    return take(kind, begin, skip);
  }

  Token name(std::uint32_t begin) {
    Token token = named(begin, 0, TokenKind::Name);
    if (std::find(kKeywords.begin(), kKeywords.end(), token.text) != kKeywords.end()) {
      token.kind = TokenKind::Keyword;
    }
    return token;
  }

  Token symbol(std::uint32_t begin) {
    for (const auto candidate : kSymbols) {
      if (text_.substr(at_).starts_with(candidate)) {
        at_ += static_cast<std::uint32_t>(candidate.size());
        return take(TokenKind::Symbol, begin, 0);
      }
    }
    if (text_[at_] == '\'') {
      throw SyntaxError{"unexpected '", "strings stand in double quotes", begin};
    }
    std::uint32_t length = 1;
    while ((static_cast<unsigned char>(peek(length)) & 0xC0U) == 0x80U) ++length;
    throw SyntaxError{"unexpected " + std::string{text_.substr(at_, length)}, "", begin};
  }

  std::string_view text_;
  std::uint32_t at_;
  int nesting_;
};

}  // namespace

std::vector<Token> tokenize(std::string_view text, std::uint32_t begin, std::uint32_t end) {
  Lexer lexer{text, begin, end};
  std::vector<Token> tokens;
  do {
    tokens.push_back(lexer.next());
  } while (tokens.back().kind != TokenKind::End);
  return tokens;
}

std::uint32_t interpolation_end(std::string_view text, std::uint32_t at, std::uint32_t end,
                                int nesting) {
  if (nesting > kMaxInterpolationNesting) {
    throw SyntaxError{"strings are nested too deeply: more than " +
                          std::to_string(kMaxInterpolationNesting) + " in each other",
                      "", at};
  }
  Lexer lexer{text, at, end, nesting};
  int open = 0;
  while (true) {
    const Token token = lexer.next();
    if (token.kind == TokenKind::End) {
      throw SyntaxError{"the \\( in the string has no closing parenthesis", "", at - 2};
    }
    if (token.kind != TokenKind::Symbol) continue;
    if (token.text == "(") ++open;
    if (token.text == ")" && open-- == 0) return token.span.begin;
  }
}

}  // namespace sluice::host::expr
