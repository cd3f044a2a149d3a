// jq's total order over all JSON values: null < false < true < numbers < strings < arrays <
// objects.
#pragma once

#include <string_view>
#include <vector>

#include "mapping/expression/value.hpp"

namespace sluice::host::expr {

// Negative, zero or positive. Numbers compare by value, 64-bit integers exactly; strings by code
// point.
[[nodiscard]] int compare(const json::value& left, const json::value& right);
[[nodiscard]] bool equal(const json::value& left, const json::value& right);

// jq's `contains`: strings by substring, arrays and objects member by member. Both are of one kind.
[[nodiscard]] bool contains(const json::value& whole, const json::value& part);

// The member names in jq's order.
[[nodiscard]] std::vector<std::string_view> sorted_keys(const json::object& object);

}  // namespace sluice::host::expr
