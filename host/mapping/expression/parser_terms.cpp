#include "integration/suggest.hpp"
#include "mapping/expression/functions.hpp"
#include "mapping/expression/number.hpp"
#include "mapping/expression/parser_impl.hpp"
#include "mapping/expression/string_literal.hpp"

namespace sluice::host::expr {

NodePtr Parser::term() {
  const std::uint32_t begin = current().span.begin;
  NodePtr node = start(begin);
  while (true) {
    if (current().kind == TokenKind::Field) {
      std::string name{take().text};
      node = placed(make_field(std::move(node), std::move(name), accept("?")), begin);
    } else if (at(".") && next().kind == TokenKind::String) {
      skip();
      NodePtr key = string();
      node = placed(make_index(std::move(node), std::move(key), accept("?")), begin);
    } else if (at("[")) {
      node = bracket(std::move(node), begin);
    } else {
      return node;
    }
  }
}

NodePtr Parser::start(std::uint32_t begin) {
  const Token& token = current();
  switch (token.kind) {
    case TokenKind::Field: {
      std::string name{take().text};
      return placed(make_field(make_identity(), std::move(name), accept("?")), begin);
    }
    case TokenKind::String:
      return string();
    case TokenKind::Number:
      return number();
    case TokenKind::Name:
      return call();
    case TokenKind::Variable:
      return variable();
    case TokenKind::Symbol:
      return symbol(begin);
    default:
      unexpected();
  }
}

NodePtr Parser::symbol(std::uint32_t begin) {
  if (accept(".")) {
    if (current().kind == TokenKind::String) {
      NodePtr key = string();
      return placed(make_index(make_identity(), std::move(key), accept("?")), begin);
    }
    return make_identity();
  }
  if (accept("(")) {
    NodePtr node = pipe();
    expect(")");
    return node;
  }
  if (accept("[")) {
    NodePtr content = at("]") ? nullptr : pipe();
    expect("]");
    return make_array(std::move(content));
  }
  if (accept("{")) return object(begin);
  unexpected();
}

// `[]`, `[key]`, `[from:to]` after a value.
NodePtr Parser::bracket(NodePtr target, std::uint32_t begin) {
  expect("[");
  if (accept("]")) return placed(make_iterate(std::move(target), accept("?")), begin);
  NodePtr from = at(":") ? nullptr : pipe();
  if (accept(":")) {
    NodePtr to = at("]") ? nullptr : pipe();
    if (from == nullptr && to == nullptr) error("a slice needs a beginning or an end");
    expect("]");
    return placed(make_slice(std::move(target), std::move(from), std::move(to), accept("?")),
                  begin);
  }
  expect("]");
  return placed(make_index(std::move(target), std::move(from), accept("?")), begin);
}

NodePtr Parser::object(std::uint32_t begin) {
  std::vector<Member> members;
  while (!at("}")) {
    members.push_back(member());
    if (!accept(",")) break;
  }
  expect("}");
  return placed(make_object(std::move(members)), begin);
}

Member Parser::member() {
  const Token token = current();
  if (token.kind == TokenKind::Variable) {
    return {make_literal(json::string{token.text}), variable()};
  }
  if (accept("(")) {
    NodePtr key = pipe();
    if (key->literal() != nullptr && !key->literal()->is_string()) {
      error("only texts can be the names of an object's members");
    }
    expect(")");
    expect(":");
    return {std::move(key), member_value()};
  }
  NodePtr key;
  NodePtr short_form;  // {a} stands for {a: .a}
  if (token.kind == TokenKind::String) {
    key = string();
    back();
    short_form = make_index(make_identity(), string(), false);
  } else if (token.kind == TokenKind::Name || token.kind == TokenKind::Keyword) {
    skip();
    key = make_literal(json::string{token.text});
    if (token.kind == TokenKind::Name) {
      short_form = make_field(make_identity(), std::string{token.text}, false);
    }
  } else {
    error("an object's member starts with a name, a string, a $variable or (…)");
  }
  if (short_form != nullptr && !at(":")) return {std::move(key), std::move(short_form)};
  expect(":");
  return {std::move(key), member_value()};
}

// jq allows no operators here but `|` and a leading `-`.
NodePtr Parser::member_value() {
  NodeList stages;
  do {
    const std::uint32_t begin = current().span.begin;
    stages.push_back(accept("-") ? placed(make_negation(term()), begin) : term());
  } while (accept("|"));
  if (!at(",") && !at("}")) {
    error("an operator in an object's member", "put the value in parentheses: {a: (1 + 2)}");
  }
  return make_pipe(std::move(stages));
}

NodePtr Parser::variable() {
  const Token token = take();
  for (auto entry = shared_.visible.rbegin(); entry != shared_.visible.rend(); ++entry) {
    if (entry->first == token.text) return make_variable(entry->second);
  }
  throw SyntaxError{"$" + std::string{token.text} + " is not defined", "", token.span.begin};
}

NodePtr Parser::number() {
  const Token token = take();
  try {
    return make_literal(*read_number(token.text));
  } catch (const Failure& failure) {
    throw SyntaxError{failure.message, "", token.span.begin};
  }
}

NodePtr Parser::string() {
  const Token token = take();
  const auto begin = token.span.begin + 1;
  NodeList parts;
  const auto literal = [&](std::string_view text) {
    parts.push_back(make_literal(json::string{text}));
  };
  const auto nested = [&](std::uint32_t from, std::uint32_t to) {
    parts.push_back(Parser{shared_, from, to}.whole());
  };
  read_string(shared_.text, {begin, token.span.end - 1}, literal, nested);
  return make_text(std::move(parts));
}

NodePtr Parser::call() {
  const Token name = take();
  if (name.text == "null") return make_literal(nullptr);
  if (name.text == "true") return make_literal(true);
  if (name.text == "false") return make_literal(false);
  NodeList arguments;
  if (accept("(")) {
    do {
      arguments.push_back(pipe());
    } while (accept(";"));
    expect(")");
  }
  const Span span{name.span.begin, previous().span.end};
  const Function* function = find_function(name.text, arguments.size());
  if (function == nullptr) unknown(name);
  try {
    return make_call(*function, std::move(arguments), span);
  } catch (const Failure& failure) {
    throw SyntaxError{failure.message, "", name.span.begin};
  }
}

void Parser::unknown(const Token& name) {
  const std::string counts = accepted_arguments(name.text);
  if (!counts.empty()) {
    throw SyntaxError{std::string{name.text} + " takes " + counts + " argument(s)",
                      "arguments are separated by `;`", name.span.begin};
  }
  const auto close = closest(name.text, function_names());
  throw SyntaxError{"unknown function " + in_quotes(name.text),
                    close
                        ? "did you mean " + in_quotes(*close) + "?"
                        : "a text stands in double quotes; docs/expressions.md names the functions",
                    name.span.begin};
}

}  // namespace sluice::host::expr
