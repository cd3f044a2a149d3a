#include <algorithm>
#include <array>

#include "mapping/expression/compare.hpp"
#include "mapping/expression/nodes.hpp"
#include "mapping/expression/number.hpp"
#include "mapping/expression/operators.hpp"

namespace sluice::host::expr {
namespace {

using Operation = Value (*)(Scope&, Value, Value);

Value is_equal(Scope& /*scope*/, Value l, Value r) {
  return boolean(equal(*l, *r));
}
Value is_unequal(Scope& /*scope*/, Value l, Value r) {
  return boolean(!equal(*l, *r));
}
Value is_less(Scope& /*scope*/, Value l, Value r) {
  return boolean(compare(*l, *r) < 0);
}
Value is_at_most(Scope& /*scope*/, Value l, Value r) {
  return boolean(compare(*l, *r) <= 0);
}
Value is_greater(Scope& /*scope*/, Value l, Value r) {
  return boolean(compare(*l, *r) > 0);
}
Value is_at_least(Scope& /*scope*/, Value l, Value r) {
  return boolean(compare(*l, *r) >= 0);
}

struct Operator {
  std::string_view symbol;
  Operation operation;
  bool compares = false;
};

constexpr std::array<Operator, 11> kOperators = {{
    {"+", add},
    {"-", subtract},
    {"*", multiply},
    {"/", divide},
    {"%", remainder},
    {"==", is_equal, true},
    {"!=", is_unequal, true},
    {"<", is_less, true},
    {"<=", is_at_most, true},
    {">", is_greater, true},
    {">=", is_at_least, true},
}};

// What is compared with it shows no more of itself than its type, unless it is a scalar as well.
bool is_scalar(const Node& node) noexcept {
  return node.literal() != nullptr && !node.literal()->is_structured();
}

class Binary final : public Node {
 public:
  Binary(const Operator& op, NodePtr left, NodePtr right)
      : operator_{op}, left_{std::move(left)}, right_{std::move(right)} {
    single = left_->single && right_->single;
    depth = std::max(left_->depth, right_->depth) + 1;
  }

  Value one(Scope& scope, Value in) const override {
    const Value right = right_->one(scope, in);
    const Value left = left_->one(scope, in);
    scope.at = span;
    return operator_.operation(scope, left, right);
  }

  // The right side varies slowest, as in jq.
  bool each(Scope& scope, Value in, Emit emit) const override {
    const auto with_right = [&](Value right) {
      const auto with_left = [&](Value left) {
        scope.step();
        scope.at = span;
        return emit(operator_.operation(scope, left, right));
      };
      return left_->each(scope, in, with_left);
    };
    return right_->each(scope, in, with_right);
  }

  Paths trace(Trace& trace, const Paths& in) const override {
    const Paths left = left_->trace(trace, in);
    const Paths right = right_->trace(trace, in);
    if (operator_.compares && (is_scalar(*left_) || is_scalar(*right_))) return {};
    trace.look_into(left);
    trace.look_into(right);
    return {};
  }

 private:
  const Operator& operator_;
  NodePtr left_;
  NodePtr right_;
};

class Negation final : public Node {
 public:
  explicit Negation(NodePtr operand) : operand_{std::move(operand)} {
    single = operand_->single;
    depth = operand_->depth + 1;
  }

  Value one(Scope& scope, Value in) const override {
    return negated(scope, operand_->one(scope, in));
  }

  bool each(Scope& scope, Value in, Emit emit) const override {
    const auto with = [&](Value value) { return emit(negated(scope, value)); };
    return operand_->each(scope, in, with);
  }

  Paths trace(Trace& trace, const Paths& in) const override {
    trace.look_into(operand_->trace(trace, in));
    return {};
  }

 private:
  Value negated(Scope& scope, Value value) const {
    if (!is_number(*value)) {
      scope.at = span;
      fail(describe(*value) + " cannot be negated");
    }
    return negate_number(scope, *value);
  }

  NodePtr operand_;
};

}  // namespace

NodePtr make_binary(std::string_view symbol, NodePtr left, NodePtr right) {
  const auto* found = std::find_if(kOperators.begin(), kOperators.end(),
                                   [&](const Operator& entry) { return entry.symbol == symbol; });
  return std::make_unique<Binary>(*found, std::move(left), std::move(right));
}

NodePtr make_negation(NodePtr operand) {
  const json::value* number = operand->literal();
  if (number != nullptr && number->is_int64() && number->get_int64() > 0) {
    return make_literal(-number->get_int64());
  }
  if (number != nullptr && number->is_double()) return make_literal(-number->get_double());
  return std::make_unique<Negation>(std::move(operand));
}

}  // namespace sluice::host::expr
