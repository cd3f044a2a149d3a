#include "mapping/expression/operators.hpp"

#include <algorithm>
#include <cmath>

#include "mapping/expression/compare.hpp"
#include "mapping/expression/number.hpp"
#include "mapping/expression/text.hpp"

namespace sluice::host::expr {
namespace {

bool numbers(Value left, Value right) noexcept {
  return is_number(*left) && is_number(*right);
}

[[noreturn]] void refuse(Value left, Value right, const char* what) {
  fail(describe(*left) + " and " + describe(*right) + " cannot be " + what);
}

// jq's `"ab" * 3`; null when nothing of it is left.
Value repeat(Scope& scope, Value text, Value count) {
  const double times = std::trunc(to_double(*count) - 1);
  if (times < 0) return &kNullValue;
  const auto once = text_of(*text);
  if (static_cast<double>(once.size()) * (times + 1) > static_cast<double>(kMaxRepeatedBytes)) {
    throw Failure{"the repeated string is too long: more than " +
                      std::to_string(kMaxRepeatedBytes >> 20U) + " MiB",
                  true};
  }
  json::string repeated(scope.storage());
  for (double i = 0; i <= times && !once.empty(); ++i) repeated.append(once);
  return scope.make(std::move(repeated));
}

json::object merged(Scope& scope, const json::object& left, const json::object& right) {
  json::object result(left, scope.storage());
  for (const auto& member : right) {
    auto* existing = result.if_contains(member.key());
    if (existing != nullptr && existing->is_object() && member.value().is_object()) {
      *existing = merged(scope, existing->get_object(), member.value().get_object());
    } else {
      result.insert_or_assign(member.key(), member.value());
    }
  }
  return result;
}

}  // namespace

Value add(Scope& scope, Value left, Value right) {
  if (left->is_null()) return right;
  if (right->is_null()) return left;
  if (numbers(left, right)) return add_numbers(scope, *left, *right);
  if (left->is_string() && right->is_string()) {
    json::string joined(scope.storage());
    joined.reserve(left->get_string().size() + right->get_string().size());
    joined.append(text_of(*left));
    joined.append(text_of(*right));
    return scope.make(std::move(joined));
  }
  if (left->is_array() && right->is_array()) {
    json::array joined(left->get_array(), scope.storage());
    joined.reserve(joined.size() + right->get_array().size());
    // Not `insert`: in this version of Boost.JSON it copies what it inserts to another storage.
    for (const auto& item : right->get_array()) joined.push_back(item);
    return scope.make(std::move(joined));
  }
  if (left->is_object() && right->is_object()) {
    json::object joined(left->get_object(), scope.storage());
    for (const auto& member : right->get_object()) {
      joined.insert_or_assign(member.key(), member.value());
    }
    return scope.make(std::move(joined));
  }
  refuse(left, right, "added");
}

Value subtract(Scope& scope, Value left, Value right) {
  if (numbers(left, right)) return subtract_numbers(scope, *left, *right);
  if (left->is_array() && right->is_array()) {
    const auto& taken = right->get_array();
    json::array rest(scope.storage());
    for (const auto& item : left->get_array()) {
      if (std::none_of(taken.begin(), taken.end(),
                       [&](const json::value& other) { return equal(item, other); })) {
        rest.push_back(item);
      }
    }
    return scope.make(std::move(rest));
  }
  refuse(left, right, "subtracted");
}

Value multiply(Scope& scope, Value left, Value right) {
  if (numbers(left, right)) return multiply_numbers(scope, *left, *right);
  if (left->is_string() && is_number(*right)) return repeat(scope, left, right);
  if (is_number(*left) && right->is_string()) return repeat(scope, right, left);
  if (left->is_object() && right->is_object()) {
    return scope.make(merged(scope, left->get_object(), right->get_object()));
  }
  refuse(left, right, "multiplied");
}

Value divide(Scope& scope, Value left, Value right) {
  if (numbers(left, right)) return divide_numbers(scope, *left, *right);
  if (left->is_string() && right->is_string()) {
    return split_text(scope, text_of(*left), text_of(*right));
  }
  refuse(left, right, "divided");
}

Value remainder(Scope& scope, Value left, Value right) {
  if (numbers(left, right)) return remainder_of_numbers(scope, *left, *right);
  refuse(left, right, "divided");
}

Value split_text(Scope& scope, std::string_view text, std::string_view separator) {
  json::array parts(scope.storage());
  if (separator.empty()) {
    while (!text.empty()) {
      const std::size_t size = character_size(text);
      parts.emplace_back(text.substr(0, size));
      text.remove_prefix(size);
    }
  } else if (!text.empty()) {
    std::size_t start = 0;
    for (std::size_t at = text.find(separator); at != std::string_view::npos;
         at = text.find(separator, start)) {
      parts.emplace_back(text.substr(start, at - start));
      start = at + separator.size();
    }
    parts.emplace_back(text.substr(start));
  }
  return scope.make(std::move(parts));
}

}  // namespace sluice::host::expr
