#include "mapping/expression/token_stream.hpp"

#include <algorithm>

namespace sluice::host::expr {
namespace {

// Says of jq's constructs that the language leaves out that they are left out.
std::string reason(const Token& token) {
  if (token.text == "=") return "equality is written `==`";
  if (token.text == "!") return "negation is written `| not`";
  for (const auto* left_out :
       {"|=", "+=", "-=", "*=", "/=", "%=", "//=", "..", "@", "def", "reduce", "foreach", "try",
        "label", "import", "include", "__loc__"}) {
    if (token.text == left_out) return "this part of jq is not part of Sluice's expressions";
  }
  return {};
}

}  // namespace

const Token& TokenStream::next() const noexcept {
  return tokens_[std::min(at_ + 1, tokens_.size() - 1)];
}

bool TokenStream::at(std::string_view symbol) const noexcept {
  return current().kind == TokenKind::Symbol && current().text == symbol;
}

bool TokenStream::at_any(std::initializer_list<std::string_view> symbols) const noexcept {
  return current().kind == TokenKind::Symbol &&
         std::find(symbols.begin(), symbols.end(), current().text) != symbols.end();
}

bool TokenStream::accept(std::string_view symbol) noexcept {
  if (!at(symbol)) return false;
  ++at_;
  return true;
}

bool TokenStream::accept_keyword(std::string_view word) noexcept {
  if (current().kind != TokenKind::Keyword || current().text != word) return false;
  ++at_;
  return true;
}

void TokenStream::expect(std::string_view symbol) {
  if (!accept(symbol)) expected(symbol);
}

void TokenStream::expect_keyword(std::string_view word) {
  if (!accept_keyword(word)) expected(word);
}

void TokenStream::error(std::string message, std::string hint) const {
  throw SyntaxError{std::move(message), std::move(hint), current().span.begin};
}

void TokenStream::expected(std::string_view what) const {
  const std::string wanted = "`" + std::string{what} + "`";
  if (current().kind == TokenKind::End)
    error("the expression ends where " + wanted + " is missing");
  error("expected " + wanted + ", found `" + written(current()) + "`", reason(current()));
}

void TokenStream::unexpected() const {
  if (current().kind == TokenKind::End) error("the expression ends where a value is missing");
  error("unexpected `" + written(current()) + "`", reason(current()));
}

std::string TokenStream::written(const Token& token) const {
  return std::string{text_.substr(token.span.begin, token.span.end - token.span.begin)};
}

}  // namespace sluice::host::expr
