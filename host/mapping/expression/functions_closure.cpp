#include <algorithm>

#include "mapping/expression/compare.hpp"
#include "mapping/expression/functions.hpp"
#include "mapping/expression/number.hpp"

namespace sluice::host::expr {
namespace {

class Empty final : public Node {
 public:
  Empty() { single = false; }
  bool each(Scope& /*scope*/, Value /*in*/, Emit /*emit*/) const override { return true; }
  Paths trace(Trace& /*trace*/, const Paths& /*in*/) const override { return {}; }
};

class Select final : public Node {
 public:
  explicit Select(NodePtr condition) : condition_{std::move(condition)} {
    single = false;
    depth = condition_->depth + 1;
  }
  bool each(Scope& scope, Value in, Emit emit) const override {
    const auto test = [&](Value truth) { return !truthy(truth) || emit(in); };
    return condition_->each(scope, in, test);
  }
  Paths trace(Trace& trace, const Paths& in) const override {
    static_cast<void>(condition_->trace(trace, in));
    return in;
  }

 private:
  NodePtr condition_;
};

// `first(f)`: stops `f` at its first value.
class First final : public Node {
 public:
  explicit First(NodePtr body) : body_{std::move(body)} {
    single = body_->single;
    depth = body_->depth + 1;
  }
  Value one(Scope& scope, Value in) const override { return body_->one(scope, in); }
  bool each(Scope& scope, Value in, Emit emit) const override {
    Value found = nullptr;
    const auto take = [&](Value value) {
      found = value;
      return false;
    };
    body_->each(scope, in, take);
    return found == nullptr || emit(found);
  }
  Paths trace(Trace& trace, const Paths& in) const override { return body_->trace(trace, in); }

 private:
  NodePtr body_;
};

class Last final : public Node {
 public:
  explicit Last(NodePtr body) : body_{std::move(body)} { depth = body_->depth + 1; }
  Value one(Scope& scope, Value in) const override {
    Value found = &kNullValue;
    const auto take = [&](Value value) {
      found = value;
      return true;
    };
    body_->each(scope, in, take);
    return found;
  }
  Paths trace(Trace& trace, const Paths& in) const override { return body_->trace(trace, in); }

 private:
  NodePtr body_;
};

// `any(generator; condition)` and `all(…)`: stops at the first value that decides.
class Quantifier final : public Node {
 public:
  Quantifier(NodePtr generator, NodePtr condition, bool decides)
      : generator_{std::move(generator)}, condition_{std::move(condition)}, decides_{decides} {
    depth = std::max(generator_->depth, condition_->depth) + 1;
  }
  Value one(Scope& scope, Value in) const override {
    const auto judge = [&](Value truth) { return truthy(truth) != decides_; };
    const auto item = [&](Value value) { return condition_->each(scope, value, judge); };
    const bool undecided = generator_->each(scope, in, item);
    return boolean(undecided != decides_);
  }
  Paths trace(Trace& trace, const Paths& in) const override {
    static_cast<void>(condition_->trace(trace, generator_->trace(trace, in)));
    return {};
  }

 private:
  NodePtr generator_;
  NodePtr condition_;
  bool decides_;
};

class Range final : public Node {
 public:
  Range(NodePtr from, NodePtr to) : from_{std::move(from)}, to_{std::move(to)} {
    single = false;
    depth = std::max(from_->depth, to_->depth) + 1;
  }
  bool each(Scope& scope, Value in, Emit emit) const override {
    const auto with_from = [&](Value from) {
      const auto with_to = [&](Value to) { return run(scope, *from, *to, emit); };
      return to_->each(scope, in, with_to);
    };
    return from_->each(scope, in, with_from);
  }
  Paths trace(Trace& trace, const Paths& in) const override {
    trace.look_into(from_->trace(trace, in));
    trace.look_into(to_->trace(trace, in));
    return {};
  }

 private:
  static bool run(Scope& scope, const json::value& from, const json::value& to, Emit emit) {
    if (!is_number(from) || !is_number(to)) fail("the bounds of range must be numbers");
    for (double at = to_double(from); at < to_double(to); at += 1) {
      scope.step();
      if (!emit(scope.make_whole(at))) return false;
    }
    return true;
  }
  NodePtr from_;
  NodePtr to_;
};

NodePtr items() {
  return make_iterate(make_identity(), false);
}

NodePtr piped(NodePtr first, NodePtr second) {
  NodeList stages;
  stages.push_back(std::move(first));
  stages.push_back(std::move(second));
  return make_pipe(std::move(stages));
}

NodePtr call(std::string_view name) {
  return make_call(*find_function(name, 0), {}, {});
}

// NOLINTBEGIN(performance-unnecessary-value-param): all builders are called alike
NodePtr build_empty(NodeList /*arguments*/) {
  return std::make_unique<Empty>();
}
NodePtr build_select(NodeList arguments) {
  return std::make_unique<Select>(std::move(arguments[0]));
}
NodePtr build_values(NodeList /*arguments*/) {
  return std::make_unique<Select>(make_binary("!=", make_identity(), make_literal(nullptr)));
}
NodePtr build_map(NodeList arguments) {
  return make_array(piped(items(), std::move(arguments[0])));
}
NodePtr build_with_entries(NodeList arguments) {
  NodeList stages;
  stages.push_back(call("to_entries"));
  stages.push_back(build_map(std::move(arguments)));
  stages.push_back(call("from_entries"));
  return make_pipe(std::move(stages));
}
NodePtr build_first(NodeList /*arguments*/) {
  return make_index(make_identity(), make_literal(0), false);
}
NodePtr build_last(NodeList /*arguments*/) {
  return make_index(make_identity(), make_literal(-1), false);
}
NodePtr build_first_of(NodeList arguments) {
  return std::make_unique<First>(std::move(arguments[0]));
}
NodePtr build_last_of(NodeList arguments) {
  return std::make_unique<Last>(std::move(arguments[0]));
}
// NOLINTEND(performance-unnecessary-value-param)

// any, any(f) and any(generator; f) alike; likewise all.
template <bool decides>
NodePtr build_quantifier(NodeList arguments) {
  NodePtr condition = arguments.empty() ? make_identity() : std::move(arguments.back());
  NodePtr generator = arguments.size() == 2 ? std::move(arguments[0]) : items();
  return std::make_unique<Quantifier>(std::move(generator), std::move(condition), decides);
}

NodePtr build_range(NodeList arguments) {
  NodePtr from = arguments.size() == 2 ? std::move(arguments[0]) : make_literal(0);
  return std::make_unique<Range>(std::move(from), std::move(arguments.back()));
}

constexpr Function kFunctions[] = {
    {.name = "empty", .build = build_empty},
    {.name = "select", .arguments = 1, .build = build_select},
    {.name = "values", .build = build_values},
    {.name = "map", .arguments = 1, .build = build_map},
    {.name = "with_entries", .arguments = 1, .build = build_with_entries},
    {.name = "first", .build = build_first},
    {.name = "last", .build = build_last},
    {.name = "first", .arguments = 1, .build = build_first_of},
    {.name = "last", .arguments = 1, .build = build_last_of},
    {.name = "any", .build = build_quantifier<true>},
    {.name = "any", .arguments = 1, .build = build_quantifier<true>},
    {.name = "any", .arguments = 2, .build = build_quantifier<true>},
    {.name = "all", .build = build_quantifier<false>},
    {.name = "all", .arguments = 1, .build = build_quantifier<false>},
    {.name = "all", .arguments = 2, .build = build_quantifier<false>},
    {.name = "range", .arguments = 1, .build = build_range},
    {.name = "range", .arguments = 2, .build = build_range},
};

}  // namespace

std::span<const Function> closure_functions() {
  return kFunctions;
}

}  // namespace sluice::host::expr
