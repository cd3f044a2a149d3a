// The tokens of an expression, read from front to back.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "mapping/expression/lexer.hpp"

namespace sluice::host::expr {

class TokenStream {
 public:
  TokenStream(std::string_view text, std::uint32_t begin, std::uint32_t end)
      : text_{text}, tokens_{tokenize(text, begin, end)} {}

  [[nodiscard]] const Token& current() const noexcept { return tokens_[at_]; }
  [[nodiscard]] const Token& next() const noexcept;
  [[nodiscard]] const Token& previous() const noexcept { return tokens_[at_ - 1]; }
  const Token& take() noexcept { return tokens_[at_++]; }
  void skip() noexcept { ++at_; }
  void back() noexcept { --at_; }

  [[nodiscard]] bool at(std::string_view symbol) const noexcept;
  [[nodiscard]] bool at_any(std::initializer_list<std::string_view> symbols) const noexcept;
  bool accept(std::string_view symbol) noexcept;
  bool accept_keyword(std::string_view word) noexcept;

  // Errors: throw SyntaxError at the current token.
  void expect(std::string_view symbol);
  void expect_keyword(std::string_view word);
  [[noreturn]] void unexpected() const;
  [[noreturn]] void error(std::string message, std::string hint = {}) const;

 private:
  [[noreturn]] void expected(std::string_view what) const;
  [[nodiscard]] std::string written(const Token& token) const;

  std::string_view text_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
};

}  // namespace sluice::host::expr
