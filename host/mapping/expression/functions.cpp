#include "mapping/expression/functions.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace sluice::host::expr {
namespace {

constexpr std::size_t kMaxArguments = 4;

template <typename Visit>
void for_each_function(Visit visit) {
  for (const auto& table : {collection_functions(), closure_functions(), order_functions(),
                            text_functions(), own_functions(), time_functions()}) {
    for (const auto& function : table) visit(function);
  }
}

class Call final : public Node {
 public:
  Call(const Function& function, NodeList arguments)
      : function_{&function}, arguments_{std::move(arguments)} {
    for (const auto& argument : arguments_) {
      single = single && argument->single;
      depth = std::max(depth, argument->depth + 1);
    }
  }

  Value one(Scope& scope, Value in) const override {
    std::array<Value, kMaxArguments> values{};
    const Value given = function_->on_record ? scope.root() : in;
    for (std::size_t i = arguments_.size(); i-- > 0;) values[i] = arguments_[i]->one(scope, given);
    scope.at = span;
    return function_->apply(scope, in, values.data());
  }

  bool each(Scope& scope, Value in, Emit emit) const override {
    if (single) return emit(one(scope, in));
    std::array<Value, kMaxArguments> values{};
    return with(scope, in, emit, values, arguments_.size());
  }

  Paths trace(Trace& trace, const Paths& in) const override {
    for (const auto& argument : arguments_) {
      trace.look_into(argument->trace(trace, function_->on_record ? trace.root : in));
    }
    trace.look_into(in);
    return function_->keeps_input ? in : Paths{};
  }

  void constants(std::vector<const json::value*>& out) const override {
    if (function_->yields == nullptr) return;
    std::array<const json::value*, kMaxArguments> literals{};
    for (std::size_t i = 0; i < arguments_.size(); ++i) literals[i] = arguments_[i]->literal();
    function_->yields(literals.data(), out);
  }

 private:
  // The last argument varies slowest, as in jq.
  bool with(Scope& scope, Value in, Emit emit, std::array<Value, kMaxArguments>& values,
            std::size_t left) const {
    if (left == 0) {
      scope.step();
      scope.at = span;
      return emit(function_->apply(scope, in, values.data()));
    }
    const auto next = [&](Value value) {
      values[left - 1] = value;
      return with(scope, in, emit, values, left - 1);
    };
    return arguments_[left - 1]->each(scope, function_->on_record ? scope.root() : in, next);
  }

  const Function* function_;
  NodeList arguments_;
};

}  // namespace

const Function* find_function(std::string_view name, std::size_t arguments) {
  const Function* found = nullptr;
  for_each_function([&](const Function& function) {
    if (function.name == name && function.arguments == arguments) found = &function;
  });
  return found;
}

std::vector<std::string> function_names() {
  std::set<std::string> names;
  for_each_function([&](const Function& function) { names.emplace(function.name); });
  return {names.begin(), names.end()};
}

std::string accepted_arguments(std::string_view name) {
  std::set<std::size_t> counts;
  for_each_function([&](const Function& function) {
    if (function.name == name) counts.insert(function.arguments);
  });
  std::string text;
  for (const std::size_t count : counts) {
    if (!text.empty()) text += " or ";
    text += count == 0 ? "no" : std::to_string(count);
  }
  return text;
}

NodePtr make_call(const Function& function, NodeList arguments, Span span) {
  if (function.check != nullptr) {
    std::array<const json::value*, kMaxArguments> literals{};
    for (std::size_t i = 0; i < arguments.size(); ++i) literals[i] = arguments[i]->literal();
    function.check(literals.data());
  }
  if (function.build != nullptr) return function.build(std::move(arguments));
  auto call = std::make_unique<Call>(function, std::move(arguments));
  call->span = span;
  return call;
}

}  // namespace sluice::host::expr
