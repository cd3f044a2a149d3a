#include <cmath>

#include "mapping/expression/compare.hpp"
#include "mapping/expression/nodes.hpp"
#include "mapping/expression/number.hpp"
#include "mapping/expression/text.hpp"

namespace sluice::host::expr {
namespace {

class Identity final : public Node {
 public:
  Value one(Scope& /*scope*/, Value in) const override { return in; }
  Paths trace(Trace& /*trace*/, const Paths& in) const override { return in; }
};

// nullptr when `of` has no members to read.
Value member(Value of, std::string_view name) noexcept {
  if (const auto* object = of->if_object()) {
    const auto* found = object->if_contains(name);
    return found != nullptr ? found : &kNullValue;
  }
  return of->is_null() ? &kNullValue : nullptr;
}

// `.a.b.c`: a whole chain of names, without a call per step.
class Fields final : public Node {
 public:
  Fields(NodePtr target, std::vector<std::string> names, bool optional)
      : target_{std::move(target)}, names_{std::move(names)}, optional_{optional} {
    single = !optional && (target_ == nullptr || target_->single);
    depth = target_ == nullptr ? 1 : target_->depth + 1;
  }

  Value one(Scope& scope, Value in) const override {
    Value at = target_ == nullptr ? in : target_->one(scope, in);
    return walk(scope, at);
  }

  bool each(Scope& scope, Value in, Emit emit) const override {
    const auto step = [&](Value of) {
      if (optional_ && member(of, names_.front()) == nullptr) return true;
      return emit(walk(scope, of));
    };
    if (target_ == nullptr) return step(in);
    return target_->each(scope, in, step);
  }

  Paths trace(Trace& trace, const Paths& in) const override {
    Paths paths = target_ == nullptr ? in : target_->trace(trace, in);
    for (const auto& name : names_) paths = trace.extend(paths, name);
    return paths;
  }

  // The chain one name longer, sharing nothing; nullptr when this one cannot be prolonged.
  [[nodiscard]] bool prolongable() const noexcept { return !optional_ && target_ == nullptr; }
  [[nodiscard]] const std::vector<std::string>& names() const noexcept { return names_; }

 private:
  Value walk(Scope& scope, Value at) const {
    for (const auto& name : names_) {
      const Value next = member(at, name);
      if (next == nullptr) {
        scope.at = span;
        fail("cannot read field \"" + name + "\" of " + describe(*at));
      }
      at = next;
    }
    return at;
  }

  NodePtr target_;  // null: the input itself
  std::vector<std::string> names_;
  bool optional_;  // then there is one name only
};

// jq's `.[[1,2]]`: the positions at which the pattern stands in the array.
Value positions_of(Scope& scope, const json::array& in, const json::array& pattern) {
  json::array found(scope.storage());
  for (std::size_t i = 0; !pattern.empty() && i + pattern.size() <= in.size(); ++i) {
    std::size_t k = 0;
    while (k < pattern.size() && equal(in[i + k], pattern[k])) ++k;
    if (k == pattern.size()) found.push_back(i);
  }
  return pattern.empty() ? &kNullValue : scope.make(std::move(found));
}

Value element(const json::array& array, const json::value& index) {
  double position = to_double(index);
  if (std::trunc(position) != position) return &kNullValue;
  if (position < 0) position += static_cast<double>(array.size());
  if (position < 0 || position >= static_cast<double>(array.size())) return &kNullValue;
  return &array[static_cast<std::size_t>(position)];
}

// nullptr when jq has no such look-up.
Value looked_up(Scope& scope, Value of, Value key) {
  if (key->is_string()) return member(of, text_of(*key));
  if (is_number(*key)) {
    if (const auto* array = of->if_array()) return element(*array, *key);
    return of->is_null() ? &kNullValue : nullptr;
  }
  if (of->is_array() && key->is_array()) {
    return positions_of(scope, of->get_array(), key->get_array());
  }
  return nullptr;
}

class Index final : public Node {
 public:
  Index(NodePtr target, NodePtr key, bool optional)
      : target_{std::move(target)}, key_{std::move(key)}, optional_{optional} {
    single = !optional && target_->single && key_->single;
    depth = std::max(target_->depth, key_->depth) + 1;
  }

  Value one(Scope& scope, Value in) const override {
    const Value key = key_->one(scope, in);
    return step(scope, target_->one(scope, in), key);
  }

  bool each(Scope& scope, Value in, Emit emit) const override {
    const auto with_key = [&](Value key) {
      const auto with_target = [&](Value of) {
        const Value found = optional_ ? looked_up(scope, of, key) : step(scope, of, key);
        return found == nullptr || emit(found);
      };
      return target_->each(scope, in, with_target);
    };
    return key_->each(scope, in, with_key);
  }

  Paths trace(Trace& trace, const Paths& in) const override {
    trace.look_into(key_->trace(trace, in));
    const Paths of = target_->trace(trace, in);
    const json::value* key = key_->literal();
    if (key == nullptr || !is_number(*key)) trace.look_into(of);
    if (key == nullptr) return {};
    if (key->is_string()) return trace.extend(of, text_of(*key));
    return trace.extend(of, "[]");
  }

 private:
  Value step(Scope& scope, Value of, Value key) const {
    const Value found = looked_up(scope, of, key);
    if (found == nullptr) {
      scope.at = span;
      fail("cannot look up " + describe(*key) + " in " + describe(*of));
    }
    return found;
  }

  NodePtr target_;
  NodePtr key_;
  bool optional_;
};

class Slice final : public Node {
 public:
  Slice(NodePtr target, NodePtr from, NodePtr to, bool optional)
      : target_{std::move(target)},
        from_{std::move(from)},
        to_{std::move(to)},
        optional_{optional} {
    single = false;
    depth = std::max({target_->depth, from_->depth, to_->depth}) + 1;
  }

  bool each(Scope& scope, Value in, Emit emit) const override {
    const auto with_from = [&](Value from) {
      const auto with_to = [&](Value to) {
        const auto with_target = [&](Value of) {
          if (optional_ && !sliceable(of, from, to)) return true;
          return emit(cut(scope, of, from, to));
        };
        return target_->each(scope, in, with_target);
      };
      return to_->each(scope, in, with_to);
    };
    return from_->each(scope, in, with_from);
  }

  Paths trace(Trace& trace, const Paths& in) const override {
    trace.look_into(from_->trace(trace, in));
    trace.look_into(to_->trace(trace, in));
    return target_->trace(trace, in);
  }

 private:
  static bool sliceable(Value of, Value from, Value to) {
    if (of->is_null()) return true;
    return (of->is_array() || of->is_string()) && (from->is_null() || is_number(*from)) &&
           (to->is_null() || is_number(*to));
  }

  Value cut(Scope& scope, Value of, Value from, Value to) const {
    if (of->is_null()) return &kNullValue;
    if (!sliceable(of, from, to)) {
      scope.at = span;
      fail("cannot take a slice of " + describe(*of));
    }
    const bool text = of->is_string();
    const std::size_t size = text ? count_characters(text_of(*of)) : of->get_array().size();
    const auto [begin, end] = bounds(*from, *to, static_cast<double>(size));
    if (text) return scope.make(json::string_view{characters(text_of(*of), begin, end)});
    json::array part(scope.storage());
    for (std::size_t i = begin; i < end; ++i) part.push_back(of->get_array()[i]);
    return scope.make(std::move(part));
  }

  static std::pair<std::size_t, std::size_t> bounds(const json::value& from, const json::value& to,
                                                    double size) {
    double begin = from.is_null() ? 0 : to_double(from);
    double end = to.is_null() ? size : to_double(to);
    if (begin < 0) begin += size;
    if (end < 0) end += size;
    begin = std::clamp(begin, 0.0, size);
    end = std::clamp(end, begin, size);
    return {static_cast<std::size_t>(begin), static_cast<std::size_t>(std::ceil(end))};
  }

  NodePtr target_;
  NodePtr from_;
  NodePtr to_;
  bool optional_;
};

class Iterate final : public Node {
 public:
  Iterate(NodePtr target, bool optional) : target_{std::move(target)}, optional_{optional} {
    single = false;
    depth = target_->depth + 1;
  }

  bool each(Scope& scope, Value in, Emit emit) const override {
    const auto elements = [&](Value of) {
      if (const auto* array = of->if_array()) {
        for (const auto& item : *array) {
          scope.step();
          if (!emit(&item)) return false;
        }
      } else if (const auto* object = of->if_object()) {
        for (const auto& entry : *object) {
          scope.step();
          if (!emit(&entry.value())) return false;
        }
      } else if (!optional_) {
        scope.at = span;
        fail("cannot iterate over " + describe(*of));
      }
      return true;
    };
    return target_->each(scope, in, elements);
  }

  Paths trace(Trace& trace, const Paths& in) const override {
    return trace.extend(target_->trace(trace, in), "[]");
  }

 private:
  NodePtr target_;
  bool optional_;
};

}  // namespace

NodePtr make_identity() {
  return std::make_unique<Identity>();
}

NodePtr make_field(NodePtr target, std::string name, bool optional) {
  const Node* of = target.get();
  if (dynamic_cast<const Identity*>(of) != nullptr) {
    return std::make_unique<Fields>(nullptr, std::vector{std::move(name)}, optional);
  }
  if (const auto* chain = dynamic_cast<const Fields*>(of);
      chain != nullptr && chain->prolongable() && !optional) {
    auto names = chain->names();
    names.push_back(std::move(name));
    return std::make_unique<Fields>(nullptr, std::move(names), false);
  }
  return std::make_unique<Fields>(std::move(target), std::vector{std::move(name)}, optional);
}

NodePtr make_index(NodePtr target, NodePtr key, bool optional) {
  const json::value* name = key->literal();
  if (name != nullptr && name->is_string()) {
    return make_field(std::move(target), std::string{text_of(*name)}, optional);
  }
  return std::make_unique<Index>(std::move(target), std::move(key), optional);
}

NodePtr make_slice(NodePtr target, NodePtr from, NodePtr to, bool optional) {
  if (from == nullptr) from = make_literal(nullptr);
  if (to == nullptr) to = make_literal(nullptr);
  return std::make_unique<Slice>(std::move(target), std::move(from), std::move(to), optional);
}

NodePtr make_iterate(NodePtr target, bool optional) {
  return std::make_unique<Iterate>(std::move(target), optional);
}

}  // namespace sluice::host::expr
