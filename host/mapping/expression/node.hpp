// The compiled form of an expression: a tree of nodes, immutable after parsing, so that threads may
// share it.
#pragma once

#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "mapping/expression/arena.hpp"
#include "mapping/expression/value.hpp"
#include "mapping/limits.hpp"

namespace sluice::host::expr {

// Everything that changes while an expression is evaluated.
class Scope {
 public:
  Scope(const json::value& root, Arena& arena, std::size_t variables)
      : root_{&root}, arena_{&arena}, storage_{&arena} {
    if (variables > 0) {
      variables_ = static_cast<Value*>(arena.allocate(variables * sizeof(Value), alignof(Value)));
    }
  }

  // The whole record: what the arguments of Sluice's own functions are evaluated against.
  [[nodiscard]] Value root() const noexcept { return root_; }
  [[nodiscard]] const json::storage_ptr& storage() const noexcept { return storage_; }

  // A new value in the arena, from whatever a json::value is made of.
  template <typename T>
  Value make(T&& content) {
    void* place = arena_->allocate(sizeof(json::value), alignof(json::value));
    return new (place) json::value(std::forward<T>(content), storage_);
  }
  // A new number: a whole double that an integer holds exactly becomes that integer.
  Value make_whole(double number);

  [[nodiscard]] Value variable(std::size_t slot) const noexcept { return variables_[slot]; }
  void bind(std::size_t slot, Value value) noexcept { variables_[slot] = value; }

  // Counts a value that a generator yields, so that no expression runs away.
  void step() {
    if (++steps_ > kMaxExpressionValues) {
      throw Failure{
          "the expression yields more than " + std::to_string(kMaxExpressionValues) + " values",
          true};
    }
  }

  // The part under evaluation, for messages.
  Span at;

 private:
  Value root_;
  Arena* arena_;
  json::storage_ptr storage_;
  Value* variables_ = nullptr;
  std::uint32_t steps_ = 0;
};

// A borrowed callable that takes each value of a generator; it answers false to stop the generator.
class Emit {
 public:
  template <typename Callable>
  // NOLINTNEXTLINE(google-explicit-constructor): made where a lambda is passed
  requires(!std::is_same_v<std::remove_cv_t<Callable>, Emit>) Emit(Callable& callable)
      : target_{const_cast<void*>(static_cast<const void*>(&callable))},
        call_{[](void* target, Value value) -> bool {
          return (*static_cast<Callable*>(target))(value);
        }} {}
  bool operator()(Value value) const { return call_(target_, value); }

 private:
  void* target_;
  bool (*call_)(void*, Value);
};

// The record paths that a part may stand for, as far as they can be told without a record.
// "[]" stands for any element of an array. Empty: computed, or unknown.
using Path = std::vector<std::string>;
using Paths = std::vector<Path>;

// Collects the paths that an expression reads.
struct Trace {
  Paths read;                    // of these, at least which type of value stands there
  Paths looked_into;             // of these, everything
  Paths root;                    // the record itself: one empty path
  std::vector<Paths> variables;  // by slot

  // Records and returns `from`, each one step further.
  Paths extend(const Paths& from, std::string_view step);
  // What stands there is not only passed on, or asked for its type or truth.
  void look_into(const Paths& paths);
  Paths united(Paths left, const Paths& right);
};

class Node {
 public:
  virtual ~Node() = default;

  // The value of a part that yields exactly one (`single`). Calling it on another part is a defect.
  virtual Value one(Scope& scope, Value in) const;
  // Passes every value to `emit`; false when `emit` asked to stop.
  virtual bool each(Scope& scope, Value in, Emit emit) const;
  // The paths that this part stands for when its input stands for `in`; what it reads goes to
  // `trace`. What it makes of values that it has looked into stands for none: they are all there.
  virtual Paths trace(Trace& trace, const Paths& in) const = 0;
  // The value of a literal, else nullptr.
  [[nodiscard]] virtual const json::value* literal() const noexcept { return nullptr; }
  // Collects values that the part may yield whatever it reads, as far as they can be told.
  virtual void constants(std::vector<const json::value*>& out) const {
    if (const auto* value = literal()) out.push_back(value);
  }
  // Appends the values of a part made of literals only; false for any other part.
  virtual bool append_literals(json::array& out) const;

  bool single = true;
  std::uint32_t depth = 1;
  Span span;
};

using NodePtr = std::unique_ptr<Node>;
using NodeList = std::vector<NodePtr>;

}  // namespace sluice::host::expr
