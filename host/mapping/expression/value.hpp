// The values that expressions work on: JSON, borrowed from the record, from the expression's own
// literals or from the evaluation's arena, never copied on the way. And how an evaluation fails.
#pragma once

#include <cstdint>
#include <sluice/json.hpp>
#include <string>
#include <string_view>

namespace sluice::host::expr {

// Never null. Lives as long as the record, the expression and the arena of the evaluation do.
using Value = const json::value*;

// Parentheses: braces would make arrays of one element.
inline const json::value kNullValue(nullptr);
inline const json::value kTrueValue(true);
inline const json::value kFalseValue(false);

inline Value boolean(bool truth) noexcept {
  return truth ? &kTrueValue : &kFalseValue;
}

// jq's truth: everything but `null` and `false`.
inline bool truthy(Value value) noexcept {
  return !value->is_null() && !(value->is_bool() && !value->get_bool());
}

inline std::string_view text_of(const json::value& value) noexcept {
  const auto& text = value.get_string();
  return {text.data(), text.size()};
}

// jq's name of the type: "null", "boolean", "number", "string", "array", "object".
[[nodiscard]] std::string_view type_name(const json::value& value) noexcept;

// The type and, shortened, the value, for messages: `number (5)`.
[[nodiscard]] std::string describe(const json::value& value);

// Where in the expression's text a part stands: [begin, end) in bytes.
struct Span {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

// What an evaluation throws; `Expression` turns it into an EvaluationError. `?` catches it unless
// `limit` is set.
struct Failure {
  std::string message;
  bool limit = false;
};

[[noreturn]] void fail(std::string message);

}  // namespace sluice::host::expr
