// The functions of the expression language: one table a topic, found by name and number of
// arguments.
#pragma once

#include <span>

#include "mapping/expression/nodes.hpp"

namespace sluice::host::expr {

struct Function {
  std::string_view name;
  std::size_t arguments = 0;

  // What it does with the input and the values of its arguments …
  Value (*apply)(Scope& scope, Value in, const Value* arguments) = nullptr;
  // … or, for a function that takes expressions rather than values, how its node is made.
  NodePtr (*build)(NodeList arguments) = nullptr;

  // Sluice's own functions: their arguments are evaluated against the whole record.
  bool on_record = false;
  // The result is (part of) the input: `trace` follows it.
  bool keeps_input = false;
  // Refuses impossible arguments while parsing; an entry is null where an argument is computed.
  // Throws Failure.
  void (*check)(const json::value* const* literals) = nullptr;
  // Which of its literal arguments (null: computed) it may yield as they are.
  void (*yields)(const json::value* const* literals,
                 std::vector<const json::value*>& out) = nullptr;
};

// nullptr when there is none.
[[nodiscard]] const Function* find_function(std::string_view name, std::size_t arguments);
// All names, once each, for suggestions.
[[nodiscard]] std::vector<std::string> function_names();
// How many arguments the function takes: "1 or 2"; empty for an unknown name.
[[nodiscard]] std::string accepted_arguments(std::string_view name);

// Errors: throws Failure when `check` or `build` refuses the arguments.
NodePtr make_call(const Function& function, NodeList arguments, Span span);

// The tables (functions_*.cpp).
std::span<const Function> collection_functions();
std::span<const Function> closure_functions();
std::span<const Function> order_functions();
std::span<const Function> text_functions();
std::span<const Function> own_functions();
std::span<const Function> time_functions();

}  // namespace sluice::host::expr
