#include <algorithm>

#include "mapping/expression/nodes.hpp"

namespace sluice::host::expr {
namespace {

class Pipe final : public Node {
 public:
  explicit Pipe(NodeList stages) : stages_{std::move(stages)} {
    for (const auto& stage : stages_) {
      single = single && stage->single;
      depth = std::max(depth, stage->depth + 1);
    }
  }

  Value one(Scope& scope, Value in) const override {
    for (const auto& stage : stages_) in = stage->one(scope, in);
    return in;
  }

  bool each(Scope& scope, Value in, Emit emit) const override { return from(scope, in, emit, 0); }

  Paths trace(Trace& trace, const Paths& in) const override {
    Paths paths = in;
    for (const auto& stage : stages_) paths = stage->trace(trace, paths);
    return paths;
  }

  void constants(std::vector<const json::value*>& out) const override {
    stages_.back()->constants(out);
  }

 private:
  bool from(Scope& scope, Value in, Emit emit, std::size_t next) const {
    while (next + 1 < stages_.size() && stages_[next]->single) in = stages_[next++]->one(scope, in);
    if (next + 1 == stages_.size()) return stages_[next]->each(scope, in, emit);
    const auto rest = [&](Value value) { return from(scope, value, emit, next + 1); };
    return stages_[next]->each(scope, in, rest);
  }

  NodeList stages_;
};

class Comma final : public Node {
 public:
  explicit Comma(NodeList items) : items_{std::move(items)} {
    single = false;
    for (const auto& item : items_) depth = std::max(depth, item->depth + 1);
  }

  bool each(Scope& scope, Value in, Emit emit) const override {
    return std::all_of(items_.begin(), items_.end(), [&](const NodePtr& item) {
      scope.step();
      return item->each(scope, in, emit);
    });
  }

  bool append_literals(json::array& out) const override {
    return std::all_of(items_.begin(), items_.end(),
                       [&](const NodePtr& item) { return item->append_literals(out); });
  }

  Paths trace(Trace& trace, const Paths& in) const override {
    Paths paths;
    for (const auto& item : items_) paths = trace.united(std::move(paths), item->trace(trace, in));
    return paths;
  }

 private:
  NodeList items_;
};

// `a // b`: the values of `a` that count as true, or, without any, those of `b`.
class Alternative final : public Node {
 public:
  Alternative(NodePtr first, NodePtr second)
      : first_{std::move(first)}, second_{std::move(second)} {
    single = first_->single && second_->single;
    depth = std::max(first_->depth, second_->depth) + 1;
  }

  Value one(Scope& scope, Value in) const override {
    const Value value = first_->one(scope, in);
    return truthy(value) ? value : second_->one(scope, in);
  }

  bool each(Scope& scope, Value in, Emit emit) const override {
    bool found = false;
    const auto take = [&](Value value) {
      if (!truthy(value)) return true;
      found = true;
      return emit(value);
    };
    if (!first_->each(scope, in, take)) return false;
    return found || second_->each(scope, in, emit);
  }

  Paths trace(Trace& trace, const Paths& in) const override {
    return trace.united(first_->trace(trace, in), second_->trace(trace, in));
  }

  void constants(std::vector<const json::value*>& out) const override {
    first_->constants(out);
    second_->constants(out);
  }

 private:
  NodePtr first_;
  NodePtr second_;
};

// `and`, `or`: the right side is not looked at where the left one decides.
class Logic final : public Node {
 public:
  Logic(NodePtr left, NodePtr right, bool decides)
      : left_{std::move(left)}, right_{std::move(right)}, decides_{decides} {
    single = left_->single && right_->single;
    depth = std::max(left_->depth, right_->depth) + 1;
  }

  Value one(Scope& scope, Value in) const override {
    if (truthy(left_->one(scope, in)) == decides_) return boolean(decides_);
    return boolean(truthy(right_->one(scope, in)));
  }

  bool each(Scope& scope, Value in, Emit emit) const override {
    const auto with_left = [&](Value left) {
      if (truthy(left) == decides_) return emit(boolean(decides_));
      const auto with_right = [&](Value right) { return emit(boolean(truthy(right))); };
      return right_->each(scope, in, with_right);
    };
    return left_->each(scope, in, with_left);
  }

  Paths trace(Trace& trace, const Paths& in) const override {
    static_cast<void>(left_->trace(trace, in));
    static_cast<void>(right_->trace(trace, in));
    return {};
  }

 private:
  NodePtr left_;
  NodePtr right_;
  bool decides_;  // the truth of the left side that settles the result
};

class If final : public Node {
 public:
  If(NodePtr condition, NodePtr then, NodePtr otherwise)
      : condition_{std::move(condition)}, then_{std::move(then)}, otherwise_{std::move(otherwise)} {
    single = condition_->single && then_->single && otherwise_->single;
    depth = std::max({condition_->depth, then_->depth, otherwise_->depth}) + 1;
  }

  Value one(Scope& scope, Value in) const override {
    return branch(condition_->one(scope, in)).one(scope, in);
  }

  bool each(Scope& scope, Value in, Emit emit) const override {
    const auto with = [&](Value condition) { return branch(condition).each(scope, in, emit); };
    return condition_->each(scope, in, with);
  }

  Paths trace(Trace& trace, const Paths& in) const override {
    static_cast<void>(condition_->trace(trace, in));
    return trace.united(then_->trace(trace, in), otherwise_->trace(trace, in));
  }

  void constants(std::vector<const json::value*>& out) const override {
    then_->constants(out);
    otherwise_->constants(out);
  }

 private:
  [[nodiscard]] const Node& branch(Value condition) const noexcept {
    return truthy(condition) ? *then_ : *otherwise_;
  }

  NodePtr condition_;
  NodePtr then_;
  NodePtr otherwise_;
};

class Try final : public Node {
 public:
  explicit Try(NodePtr body) : body_{std::move(body)} {
    single = false;
    depth = body_->depth + 1;
  }

  bool each(Scope& scope, Value in, Emit emit) const override {
    // A failure of what consumes the values is not the body's.
    bool outside = false;
    const auto pass = [&](Value value) {
      outside = true;
      const bool more = emit(value);
      outside = false;
      return more;
    };
    try {
      return body_->each(scope, in, pass);
    } catch (const Failure& failure) {
      if (outside || failure.limit) throw;
      return true;
    }
  }

  Paths trace(Trace& trace, const Paths& in) const override { return body_->trace(trace, in); }

 private:
  NodePtr body_;
};

class Binding final : public Node {
 public:
  Binding(NodePtr source, std::size_t slot, NodePtr body)
      : source_{std::move(source)}, body_{std::move(body)}, slot_{slot} {
    single = source_->single && body_->single;
    depth = std::max(source_->depth, body_->depth) + 1;
  }

  Value one(Scope& scope, Value in) const override {
    scope.bind(slot_, source_->one(scope, in));
    return body_->one(scope, in);
  }

  bool each(Scope& scope, Value in, Emit emit) const override {
    const auto with = [&](Value value) {
      scope.bind(slot_, value);
      return body_->each(scope, in, emit);
    };
    return source_->each(scope, in, with);
  }

  Paths trace(Trace& trace, const Paths& in) const override {
    Paths bound = source_->trace(trace, in);
    if (trace.variables.size() <= slot_) trace.variables.resize(slot_ + 1);
    trace.variables[slot_] = std::move(bound);
    return body_->trace(trace, in);
  }

 private:
  NodePtr source_;
  NodePtr body_;
  std::size_t slot_;
};

class Variable final : public Node {
 public:
  explicit Variable(std::size_t slot) : slot_{slot} {}
  Value one(Scope& scope, Value /*in*/) const override { return scope.variable(slot_); }
  Paths trace(Trace& trace, const Paths& /*in*/) const override {
    return slot_ < trace.variables.size() ? trace.variables[slot_] : Paths{};
  }

 private:
  std::size_t slot_;
};

}  // namespace

NodePtr make_pipe(NodeList stages) {
  if (stages.size() == 1) return std::move(stages.front());
  return std::make_unique<Pipe>(std::move(stages));
}

NodePtr make_comma(NodeList items) {
  if (items.size() == 1) return std::move(items.front());
  return std::make_unique<Comma>(std::move(items));
}

NodePtr make_alternative(NodePtr first, NodePtr second) {
  return std::make_unique<Alternative>(std::move(first), std::move(second));
}
NodePtr make_and(NodePtr left, NodePtr right) {
  return std::make_unique<Logic>(std::move(left), std::move(right), false);
}
NodePtr make_or(NodePtr left, NodePtr right) {
  return std::make_unique<Logic>(std::move(left), std::move(right), true);
}
NodePtr make_if(NodePtr condition, NodePtr then, NodePtr otherwise) {
  return std::make_unique<If>(std::move(condition), std::move(then), std::move(otherwise));
}
NodePtr make_try(NodePtr body) {
  return std::make_unique<Try>(std::move(body));
}
NodePtr make_binding(NodePtr source, std::size_t slot, NodePtr body) {
  return std::make_unique<Binding>(std::move(source), slot, std::move(body));
}
NodePtr make_variable(std::size_t slot) {
  return std::make_unique<Variable>(slot);
}

}  // namespace sluice::host::expr
