#include "mapping/expression/parser.hpp"

#include "integration/source_text.hpp"
#include "mapping/expression/number.hpp"
#include "mapping/expression/parser_impl.hpp"

namespace sluice::host::expr {
namespace {

// jq refuses it before it runs.
bool divides_by_zero(const Node& left, const Node& right) noexcept {
  const auto is_constant = [](const Node& node) {
    return node.literal() != nullptr && is_number(*node.literal());
  };
  return is_constant(left) && is_constant(right) && to_double(*right.literal()) == 0;
}

}  // namespace

NodePtr Parser::whole() {
  NodePtr node = pipe();
  if (current().kind != TokenKind::End) unexpected();
  return node;
}

void Parser::enter() {
  if (++shared_.nesting > kMaxExpressionNesting) {
    error("the expression is nested too deeply: more than " +
              std::to_string(kMaxExpressionNesting) + " levels",
          "bind a part to a name: .a as $a | …");
  }
}

NodePtr Parser::placed(NodePtr node, std::uint32_t begin) const {
  if (node->depth > kMaxExpressionDepth) {
    error("the expression is nested too deeply: more than " + std::to_string(kMaxExpressionDepth) +
              " operations in each other",
          "collect the parts in [ ] and use add, any, all or join");
  }
  if (node->span.end == 0) node->span = {begin, previous().span.end};
  return node;
}

NodePtr Parser::pipe() {
  enter();
  const std::uint32_t begin = current().span.begin;
  NodeList stages;
  stages.push_back(comma());
  while (accept("|")) stages.push_back(comma());
  leave();
  return placed(make_pipe(std::move(stages)), begin);
}

NodePtr Parser::comma() {
  NodeList items;
  items.push_back(alternative());
  while (accept(",")) items.push_back(alternative());
  return make_comma(std::move(items));
}

NodePtr Parser::alternative() {
  const std::uint32_t begin = current().span.begin;
  NodeList choices;
  choices.push_back(disjunction());
  while (accept("//")) choices.push_back(disjunction());
  NodePtr node = std::move(choices.back());
  for (choices.pop_back(); !choices.empty(); choices.pop_back()) {
    node = placed(make_alternative(std::move(choices.back()), std::move(node)), begin);
  }
  return node;
}

NodePtr Parser::disjunction() {
  const std::uint32_t begin = current().span.begin;
  NodePtr left = conjunction();
  while (accept_keyword("or")) {
    left = placed(make_or(std::move(left), conjunction()), begin);
  }
  return left;
}

NodePtr Parser::conjunction() {
  const std::uint32_t begin = current().span.begin;
  NodePtr left = comparison();
  while (accept_keyword("and")) {
    left = placed(make_and(std::move(left), comparison()), begin);
  }
  return left;
}

NodePtr Parser::comparison() {
  const std::uint32_t begin = current().span.begin;
  NodePtr left = sum();
  if (!at_any({"==", "!=", "<", "<=", ">", ">="})) return left;
  const auto symbol = take().text;
  NodePtr node = placed(make_binary(symbol, std::move(left), sum()), begin);
  if (at_any({"==", "!=", "<", "<=", ">", ">="})) {
    error("comparisons cannot be chained: use parentheses or `and`");
  }
  return node;
}

NodePtr Parser::sum() {
  const std::uint32_t begin = current().span.begin;
  NodePtr left = product();
  while (at_any({"+", "-"})) {
    const auto symbol = take().text;
    left = placed(make_binary(symbol, std::move(left), product()), begin);
  }
  return left;
}

NodePtr Parser::product() {
  const std::uint32_t begin = current().span.begin;
  NodePtr left = postfix();
  while (at_any({"*", "/", "%"})) {
    const auto symbol = take().text;
    NodePtr right = postfix();
    if (symbol == "/" && divides_by_zero(*left, *right)) error("division by zero");
    left = placed(make_binary(symbol, std::move(left), std::move(right)), begin);
  }
  return left;
}

NodePtr Parser::postfix() {
  const std::uint32_t begin = current().span.begin;
  NodePtr node;
  if (accept("-")) {
    enter();
    node = placed(make_negation(product()), begin);
    leave();
  } else if (accept_keyword("if")) {
    node = condition();
  } else {
    node = term();
    if (accept_keyword("as")) return binding(std::move(node));
  }
  while (accept("?")) node = placed(make_try(std::move(node)), begin);
  return node;
}

NodePtr Parser::binding(NodePtr source) {
  if (current().kind != TokenKind::Variable) {
    error("`as` needs a variable such as $x", "patterns are not part of the language");
  }
  const auto name = take().text;
  expect("|");
  const std::size_t slot = shared_.slots++;
  shared_.visible.emplace_back(name, slot);
  NodePtr body = pipe();
  shared_.visible.pop_back();
  return make_binding(std::move(source), slot, std::move(body));
}

NodePtr Parser::condition() {
  enter();
  NodePtr test = pipe();
  expect_keyword("then");
  NodePtr then = pipe();
  NodePtr otherwise;
  if (accept_keyword("elif")) {
    otherwise = condition();
  } else {
    if (!accept_keyword("else")) error("`if` needs an `else`");
    otherwise = pipe();
    expect_keyword("end");
  }
  leave();
  return make_if(std::move(test), std::move(then), std::move(otherwise));
}

Program parse_program(std::string_view text) {
  if (text.size() > kMaxExpressionBytes) {
    throw SyntaxError{
        "the expression is longer than " + std::to_string(kMaxExpressionBytes >> 20U) + " MiB", "",
        0};
  }
  if (const auto bad = first_invalid_utf8(text)) {
    throw SyntaxError{"not valid UTF-8", "", static_cast<std::uint32_t>(*bad)};
  }
  Shared shared;
  shared.text = text;
  Program program;
  program.root = Parser{shared, 0, static_cast<std::uint32_t>(text.size())}.whole();
  program.variables = shared.slots;
  return program;
}

}  // namespace sluice::host::expr
