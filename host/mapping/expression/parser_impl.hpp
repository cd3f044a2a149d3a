// The recursive descent over the tokens of an expression. Private to parser*.cpp.
#pragma once

#include <string>
#include <utility>

#include "mapping/expression/nodes.hpp"
#include "mapping/expression/token_stream.hpp"

namespace sluice::host::expr {

// What an expression and the expressions interpolated in its strings have in common.
struct Shared {
  std::string_view text;
  std::vector<std::pair<std::string_view, std::size_t>> visible;  // variables, innermost last
  std::size_t slots = 0;
  int nesting = 0;
};

class Parser : private TokenStream {
 public:
  Parser(Shared& shared, std::uint32_t begin, std::uint32_t end)
      : TokenStream{shared.text, begin, end}, shared_{shared} {}

  // The expression up to the end of the text.
  NodePtr whole();

 private:
  // Precedence, loosest first: | , // or and (== != < <= > >=) (+ -) (* / %) postfix.
  NodePtr pipe();
  NodePtr comma();
  NodePtr alternative();
  NodePtr disjunction();
  NodePtr conjunction();
  NodePtr comparison();
  NodePtr sum();
  NodePtr product();
  NodePtr postfix();
  NodePtr binding(NodePtr source);
  NodePtr condition();

  // A value with the path steps that follow it.
  NodePtr term();
  NodePtr start(std::uint32_t begin);
  NodePtr symbol(std::uint32_t begin);
  NodePtr bracket(NodePtr target, std::uint32_t begin);
  NodePtr object(std::uint32_t begin);
  Member member();
  NodePtr member_value();
  NodePtr variable();
  NodePtr number();
  NodePtr string();
  NodePtr call();
  [[noreturn]] static void unknown(const Token& name);

  // Counts the open constructs: jq's grammar needs no deeper nesting than any person writes.
  void enter();
  void leave() noexcept { --shared_.nesting; }

  // Completes a new node: its place in the text, and the depth that all trees keep to.
  NodePtr placed(NodePtr node, std::uint32_t begin) const;

  Shared& shared_;
};

}  // namespace sluice::host::expr
