// Numbers as Sluice computes with them: 64-bit integers stay exact, all else is a double. A result
// that neither holds is a failure, never a different number.
#pragma once

#include <optional>
#include <string_view>

#include "mapping/expression/node.hpp"

namespace sluice::host::expr {

inline bool is_number(const json::value& value) noexcept {
  return value.is_int64() || value.is_uint64() || value.is_double();
}

[[nodiscard]] double to_double(const json::value& number) noexcept;
[[nodiscard]] int compare_numbers(const json::value& left, const json::value& right) noexcept;

// The integer that the number equals, if int64 holds it (2.0 is 2).
[[nodiscard]] std::optional<std::int64_t> to_integer(const json::value& number) noexcept;

// Both operands are numbers.
Value add_numbers(Scope& scope, const json::value& left, const json::value& right);
Value subtract_numbers(Scope& scope, const json::value& left, const json::value& right);
Value multiply_numbers(Scope& scope, const json::value& left, const json::value& right);
Value divide_numbers(Scope& scope, const json::value& left, const json::value& right);
Value remainder_of_numbers(Scope& scope, const json::value& left, const json::value& right);
Value negate_number(Scope& scope, const json::value& number);

// Reads a decimal number as jq does: white space around it, a sign, `.5`, `5.` and `1e3` are
// allowed. nullopt: not a number. Fails for an integer beyond 64 bits or a decimal beyond a double.
[[nodiscard]] std::optional<json::value> read_number(std::string_view text);

}  // namespace sluice::host::expr
