#include <algorithm>

#include "mapping/expression/nodes.hpp"
#include "mapping/expression/text.hpp"

namespace sluice::host::expr {
namespace {

class Literal final : public Node {
 public:
  explicit Literal(json::value value) : value_(std::move(value)) {}
  Value one(Scope& /*scope*/, Value /*in*/) const override { return &value_; }
  Paths trace(Trace& /*trace*/, const Paths& /*in*/) const override { return {}; }
  [[nodiscard]] const json::value* literal() const noexcept override { return &value_; }

 private:
  json::value value_;
};

class Array final : public Node {
 public:
  explicit Array(NodePtr content) : content_{std::move(content)} { depth = content_->depth + 1; }

  Value one(Scope& scope, Value in) const override {
    json::array items(scope.storage());
    const auto append = [&](Value value) {
      scope.step();
      items.push_back(*value);
      return true;
    };
    content_->each(scope, in, append);
    return scope.make(std::move(items));
  }

  Paths trace(Trace& trace, const Paths& in) const override {
    trace.look_into(content_->trace(trace, in));
    return {};
  }

 private:
  NodePtr content_;
};

class Object final : public Node {
 public:
  explicit Object(std::vector<Member> members) : members_{std::move(members)} {
    for (const auto& member : members_) {
      single = single && member.key->single && member.value->single;
      depth = std::max({depth, member.key->depth + 1, member.value->depth + 1});
    }
  }

  Value one(Scope& scope, Value in) const override {
    json::object object(scope.storage());
    object.reserve(members_.size());
    for (const auto& member : members_) {
      const Value key = member.key->one(scope, in);
      insert(scope, object, key, member.value->one(scope, in));
    }
    return scope.make(std::move(object));
  }

  bool each(Scope& scope, Value in, Emit emit) const override {
    if (single) return emit(one(scope, in));
    return from(scope, in, emit, 0, json::object(scope.storage()));
  }

  Paths trace(Trace& trace, const Paths& in) const override {
    for (const auto& member : members_) {
      trace.look_into(member.key->trace(trace, in));
      trace.look_into(member.value->trace(trace, in));
    }
    return {};
  }

 private:
  void insert(Scope& scope, json::object& object, Value key, Value value) const {
    if (!key->is_string()) {
      scope.at = span;
      fail("cannot use " + describe(*key) + " as object key");
    }
    object.insert_or_assign(text_of(*key), *value);
  }

  // All objects that the members from `next` on make of `so_far`.
  bool from(Scope& scope, Value in, Emit emit, std::size_t next, const json::object& so_far) const {
    if (next == members_.size()) {
      scope.step();
      return emit(scope.make(so_far));
    }
    const auto with_key = [&](Value key) {
      const auto with_value = [&](Value value) {
        json::object more(so_far, scope.storage());
        insert(scope, more, key, value);
        return from(scope, in, emit, next + 1, more);
      };
      return members_[next].value->each(scope, in, with_value);
    };
    return members_[next].key->each(scope, in, with_key);
  }

  std::vector<Member> members_;
};

class Text final : public Node {
 public:
  explicit Text(NodeList parts) : parts_{std::move(parts)} {
    for (const auto& part : parts_) {
      single = single && part->single;
      depth = std::max(depth, part->depth + 1);
    }
  }

  Value one(Scope& scope, Value in) const override {
    json::string text(scope.storage());
    for (const auto& part : parts_) append_text(text, *part->one(scope, in));
    return scope.make(std::move(text));
  }

  bool each(Scope& scope, Value in, Emit emit) const override {
    if (single) return emit(one(scope, in));
    std::vector<Value> chosen(parts_.size());
    return choose(scope, in, emit, chosen, parts_.size());
  }

  Paths trace(Trace& trace, const Paths& in) const override {
    for (const auto& part : parts_) trace.look_into(part->trace(trace, in));
    return {};
  }

 private:
  // The last part varies slowest, as in jq.
  bool choose(Scope& scope, Value in, Emit emit, std::vector<Value>& chosen,
              std::size_t left) const {
    if (left == 0) {
      scope.step();
      json::string text(scope.storage());
      for (const Value value : chosen) append_text(text, *value);
      return emit(scope.make(std::move(text)));
    }
    const auto with = [&](Value value) {
      chosen[left - 1] = value;
      return choose(scope, in, emit, chosen, left - 1);
    };
    return parts_[left - 1]->each(scope, in, with);
  }

  NodeList parts_;
};

}  // namespace

NodePtr make_literal(json::value value) {
  return std::make_unique<Literal>(std::move(value));
}

NodePtr make_array(NodePtr content) {
  if (content == nullptr) return make_literal(json::array{});
  if (json::array items; content->append_literals(items)) return make_literal(std::move(items));
  return std::make_unique<Array>(std::move(content));
}

NodePtr make_object(std::vector<Member> members) {
  const bool constant = std::all_of(members.begin(), members.end(), [](const Member& member) {
    return member.key->literal() != nullptr && member.key->literal()->is_string() &&
           member.value->literal() != nullptr;
  });
  if (!constant) return std::make_unique<Object>(std::move(members));
  json::object object;
  for (const auto& member : members) {
    object.insert_or_assign(text_of(*member.key->literal()), *member.value->literal());
  }
  return make_literal(std::move(object));
}

NodePtr make_text(NodeList parts) {
  if (parts.empty()) return make_literal(json::string{});
  if (parts.size() == 1 && parts.front()->literal() != nullptr &&
      parts.front()->literal()->is_string()) {
    return std::move(parts.front());
  }
  return std::make_unique<Text>(std::move(parts));
}

}  // namespace sluice::host::expr
