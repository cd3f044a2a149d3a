#include <algorithm>

#include "mapping/expression/compare.hpp"
#include "mapping/expression/functions.hpp"

namespace sluice::host::expr {
namespace {

struct Keyed {
  Value key;
  Value item;
};
using KeyedList = std::vector<Keyed>;

void sort_keyed(KeyedList& sequence) {
  std::stable_sort(sequence.begin(), sequence.end(), [](const Keyed& left, const Keyed& right) {
    return compare(*left.key, *right.key) < 0;
  });
}

Value collected(Scope& scope, const KeyedList& sequence) {
  json::array out(scope.storage());
  out.reserve(sequence.size());
  for (const auto& entry : sequence) out.push_back(*entry.item);
  return scope.make(std::move(out));
}

Value sorted(Scope& scope, KeyedList& sequence) {
  sort_keyed(sequence);
  return collected(scope, sequence);
}

Value uniques(Scope& scope, KeyedList& sequence) {
  sort_keyed(sequence);
  const auto same = [](const Keyed& left, const Keyed& right) {
    return equal(*left.key, *right.key);
  };
  sequence.erase(std::unique(sequence.begin(), sequence.end(), same), sequence.end());
  return collected(scope, sequence);
}

Value groups(Scope& scope, KeyedList& sequence) {
  sort_keyed(sequence);
  json::array out(scope.storage());
  for (std::size_t i = 0; i < sequence.size(); ++i) {
    if (i == 0 || !equal(*sequence[i - 1].key, *sequence[i].key))
      out.emplace_back(json::array_kind);
    out.back().get_array().push_back(*sequence[i].item);
  }
  return scope.make(std::move(out));
}

// Of equals, the first.
Value least(Scope& /*scope*/, KeyedList& sequence) {
  const auto found = std::min_element(
      sequence.begin(), sequence.end(),
      [](const Keyed& left, const Keyed& right) { return compare(*left.key, *right.key) < 0; });
  return found == sequence.end() ? &kNullValue : found->item;
}

// Of equals, the last.
Value greatest(Scope& /*scope*/, KeyedList& sequence) {
  Value result = &kNullValue;
  Value key = nullptr;
  for (const auto& entry : sequence) {
    if (key != nullptr && compare(*entry.key, *key) < 0) continue;
    key = entry.key;
    result = entry.item;
  }
  return result;
}

using Arrange = Value (*)(Scope&, KeyedList&);

// `sort_by(f)` and its kin: a key is the array of all values that `f` yields for an element.
class Ordering final : public Node {
 public:
  Ordering(Arrange arrange, NodePtr key, bool element)
      : arrange_{arrange}, key_{std::move(key)}, element_{element} {
    if (key_ != nullptr) depth = key_->depth + 1;
  }

  Value one(Scope& scope, Value in) const override {
    const auto* array = in->if_array();
    if (array == nullptr) fail(describe(*in) + " cannot be ordered, as it is not an array");
    KeyedList sequence;
    sequence.reserve(array->size());
    for (const auto& item : *array) sequence.push_back({key_of(scope, &item), &item});
    return arrange_(scope, sequence);
  }

  Paths trace(Trace& trace, const Paths& in) const override {
    trace.look_into(in);
    if (key_ == nullptr && !element_) return in;
    const Paths elements = trace.extend(in, "[]");
    if (key_ != nullptr) trace.look_into(key_->trace(trace, elements));
    return element_ ? elements : in;
  }

 private:
  Value key_of(Scope& scope, Value item) const {
    if (key_ == nullptr) return item;
    if (key_->single) return key_->one(scope, item);
    json::array keys(scope.storage());
    const auto append = [&](Value value) {
      keys.push_back(*value);
      return true;
    };
    key_->each(scope, item, append);
    return scope.make(std::move(keys));
  }

  Arrange arrange_;
  NodePtr key_;   // null: the element itself
  bool element_;  // the result is one element
};

template <Arrange arrange, bool element>
NodePtr build(NodeList arguments) {
  return std::make_unique<Ordering>(arrange, arguments.empty() ? nullptr : std::move(arguments[0]),
                                    element);
}

constexpr Function kFunctions[] = {
    {.name = "sort", .build = build<sorted, false>},
    {.name = "sort_by", .arguments = 1, .build = build<sorted, false>},
    {.name = "unique", .build = build<uniques, false>},
    {.name = "unique_by", .arguments = 1, .build = build<uniques, false>},
    {.name = "group_by", .arguments = 1, .build = build<groups, false>},
    {.name = "min", .build = build<least, true>},
    {.name = "min_by", .arguments = 1, .build = build<least, true>},
    {.name = "max", .build = build<greatest, true>},
    {.name = "max_by", .arguments = 1, .build = build<greatest, true>},
};

}  // namespace

std::span<const Function> order_functions() {
  return kFunctions;
}

}  // namespace sluice::host::expr
