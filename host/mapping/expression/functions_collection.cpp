#include <algorithm>
#include <cmath>

#include "mapping/expression/compare.hpp"
#include "mapping/expression/functions.hpp"
#include "mapping/expression/number.hpp"
#include "mapping/expression/operators.hpp"
#include "mapping/expression/text.hpp"

namespace sluice::host::expr {
namespace {

Value text_value(Scope& scope, std::string_view text) {
  return scope.make(json::string_view{text});
}

// Visits what jq's `.[]` yields.
template <typename Visit>
void for_each_item(Value in, Visit visit) {
  if (const auto* array = in->if_array()) {
    for (const auto& item : *array) visit(item);
  } else if (const auto* object = in->if_object()) {
    for (const auto& member : *object) visit(member.value());
  } else {
    fail("cannot iterate over " + describe(*in));
  }
}

Value length(Scope& scope, Value in, const Value* /*arguments*/) {
  std::size_t size = 0;
  if (is_number(*in)) {
    return compare_numbers(*in, json::value(0)) < 0 ? negate_number(scope, *in) : in;
  }
  if (in->is_bool()) fail(describe(*in) + " has no length");
  if (in->is_string()) size = count_characters(text_of(*in));
  if (in->is_array()) size = in->get_array().size();
  if (in->is_object()) size = in->get_object().size();
  return scope.make(static_cast<std::int64_t>(size));
}

Value indices(Scope& scope, const json::array& array) {
  json::array result(scope.storage());
  for (std::size_t i = 0; i < array.size(); ++i) result.push_back(static_cast<std::int64_t>(i));
  return scope.make(std::move(result));
}

Value keys_unsorted(Scope& scope, Value in, const Value* /*arguments*/) {
  if (const auto* array = in->if_array()) return indices(scope, *array);
  if (!in->is_object()) fail(describe(*in) + " has no keys");
  json::array result(scope.storage());
  for (const auto& member : in->get_object()) result.emplace_back(member.key());
  return scope.make(std::move(result));
}

Value keys(Scope& scope, Value in, const Value* arguments) {
  if (!in->is_object()) return keys_unsorted(scope, in, arguments);
  json::array result(scope.storage());
  for (const auto key : sorted_keys(in->get_object())) result.emplace_back(json::string_view{key});
  return scope.make(std::move(result));
}

Value has_member(Value in, Value key) {
  if (in->is_object() && key->is_string()) {
    return boolean(in->get_object().contains(text_of(*key)));
  }
  if (in->is_array() && is_number(*key)) {
    const double at = std::trunc(to_double(*key));
    return boolean(at >= 0 && at < static_cast<double>(in->get_array().size()));
  }
  if (in->is_null()) return boolean(false);
  fail("cannot check whether " + std::string{type_name(*in)} + " has a " +
       std::string{type_name(*key)} + " key");
}

Value has(Scope& /*scope*/, Value in, const Value* arguments) {
  return has_member(in, arguments[0]);
}
Value in_collection(Scope& /*scope*/, Value in, const Value* arguments) {
  return has_member(arguments[0], in);
}

Value containment(Value whole, Value part) {
  const bool same_kind = type_name(*whole) == type_name(*part) &&
                         (!whole->is_bool() || whole->get_bool() == part->get_bool());
  if (!same_kind) {
    fail(describe(*whole) + " and " + describe(*part) + " cannot have their containment checked");
  }
  return boolean(contains(*whole, *part));
}
Value contains_value(Scope& /*scope*/, Value in, const Value* arguments) {
  return containment(in, arguments[0]);
}
Value inside(Scope& /*scope*/, Value in, const Value* arguments) {
  return containment(arguments[0], in);
}

// Strings are joined in place: adding one by one would copy the growing text each time.
Value add_all(Scope& scope, Value in, const Value* /*arguments*/) {
  Value sum = &kNullValue;
  json::string text(scope.storage());
  bool texts = false;
  for_each_item(in, [&](const json::value& item) {
    if (texts && item.is_string()) {
      text.append(item.get_string());
      return;
    }
    if (texts) sum = scope.make(std::move(text));
    texts = sum->is_null() && item.is_string();
    if (texts) {
      text = json::string(item.get_string(), scope.storage());
    } else {
      sum = add(scope, sum, &item);
    }
  });
  return texts ? scope.make(std::move(text)) : sum;
}

Value join(Scope& scope, Value in, const Value* arguments) {
  const Value separator = arguments[0];
  json::string text(scope.storage());
  bool first = true;
  for_each_item(in, [&](const json::value& item) {
    if (!first && !separator->is_null()) {
      if (!separator->is_string()) static_cast<void>(add(scope, scope.make(text), separator));
      text.append(separator->get_string());
    }
    first = false;
    if (item.is_null()) return;
    if (item.is_array() || item.is_object()) static_cast<void>(add(scope, scope.make(text), &item));
    append_text(text, item);
  });
  return scope.make(std::move(text));
}

void flatten_into(json::array& out, Value in, double depth) {
  for_each_item(in, [&](const json::value& item) {
    if (item.is_array() && depth != 0) {
      flatten_into(out, &item, depth - 1);
    } else {
      out.push_back(item);
    }
  });
}

Value flatten(Scope& scope, Value in, const Value* arguments) {
  static const json::value zero(0);
  const Value depth = arguments[0];
  if (compare(*depth, zero) < 0) fail("flatten depth must not be negative");
  if (!is_number(*depth)) {
    for_each_item(in, [&](const json::value& item) {
      if (item.is_array()) fail("the flatten depth must be a number, not " + describe(*depth));
    });
  }
  json::array out(scope.storage());
  flatten_into(out, in, is_number(*depth) ? to_double(*depth) : 0);
  return scope.make(std::move(out));
}

Value flatten_all(Scope& scope, Value in, const Value* /*arguments*/) {
  static const json::value deep(1'000'000'000);
  const Value depth = &deep;
  return flatten(scope, in, &depth);
}

// jq reverses anything without elements into an empty array.
Value reverse(Scope& scope, Value in, const Value* arguments) {
  json::array out(scope.storage());
  if (const auto* array = in->if_array()) {
    out.reserve(array->size());
    for (auto item = array->rbegin(); item != array->rend(); ++item) out.push_back(*item);
  } else if (compare(*length(scope, in, arguments), json::value(0)) != 0) {
    fail("cannot reverse " + describe(*in));
  }
  return scope.make(std::move(out));
}

Value to_entries(Scope& scope, Value in, const Value* /*arguments*/) {
  json::array entries(scope.storage());
  const auto append = [&](auto key, const json::value& value) {
    json::object entry(scope.storage());
    entry.reserve(2);
    entry.emplace("key", key);
    entry.emplace("value", value);
    entries.push_back(std::move(entry));
  };
  if (const auto* array = in->if_array()) {
    for (std::size_t i = 0; i < array->size(); ++i)
      append(static_cast<std::int64_t>(i), (*array)[i]);
  } else if (const auto* object = in->if_object()) {
    for (const auto& member : *object) append(member.key(), member.value());
  } else {
    fail(describe(*in) + " has no keys");
  }
  return scope.make(std::move(entries));
}

// An entry's key stands under "key", "name", "Name" or "Key"; its value under "value" or "Value".
Value from_entries(Scope& scope, Value in, const Value* /*arguments*/) {
  static const json::object nothing;
  json::object result(scope.storage());
  for_each_item(in, [&](const json::value& entry) {
    if (!entry.is_object() && !entry.is_null()) {
      fail("cannot read field \"key\" of " + describe(entry));
    }
    const auto& members = entry.is_null() ? nothing : entry.get_object();
    Value key = &kNullValue;
    for (const auto* name : {"key", "name", "Name", "Key"}) {
      const auto* found = members.if_contains(name);
      if (found != nullptr) key = found;
      if (truthy(key)) break;
    }
    if (!key->is_string()) {
      fail("cannot use " + describe(truthy(key) ? *key : kNullValue) + " as object key");
    }
    const auto* value = members.if_contains("value");
    if (value == nullptr) value = members.if_contains("Value");
    result.insert_or_assign(text_of(*key), value == nullptr ? kNullValue : *value);
  });
  return scope.make(std::move(result));
}

Value type(Scope& scope, Value in, const Value* /*arguments*/) {
  return text_value(scope, type_name(*in));
}
Value negation(Scope& /*scope*/, Value in, const Value* /*arguments*/) {
  return boolean(!truthy(in));
}

[[noreturn]] void raise(const json::value& message) {
  fail(message.is_string() ? std::string{text_of(message)} : to_json(message));
}
Value error(Scope& /*scope*/, Value in, const Value* /*arguments*/) {
  raise(*in);
}
Value error_of(Scope& /*scope*/, Value /*in*/, const Value* arguments) {
  raise(*arguments[0]);
}

constexpr Function kFunctions[] = {
    {.name = "length", .apply = length},
    {.name = "keys", .apply = keys},
    {.name = "keys_unsorted", .apply = keys_unsorted},
    {.name = "has", .arguments = 1, .apply = has},
    {.name = "in", .arguments = 1, .apply = in_collection},
    {.name = "contains", .arguments = 1, .apply = contains_value},
    {.name = "inside", .arguments = 1, .apply = inside},
    {.name = "add", .apply = add_all},
    {.name = "join", .arguments = 1, .apply = join},
    {.name = "flatten", .apply = flatten_all},
    {.name = "flatten", .arguments = 1, .apply = flatten},
    {.name = "reverse", .apply = reverse, .keeps_input = true},
    {.name = "to_entries", .apply = to_entries},
    {.name = "from_entries", .apply = from_entries},
    {.name = "type", .apply = type},
    {.name = "not", .apply = negation},
    {.name = "error", .apply = error},
    {.name = "error", .arguments = 1, .apply = error_of},
};

}  // namespace

std::span<const Function> collection_functions() {
  return kFunctions;
}

}  // namespace sluice::host::expr
