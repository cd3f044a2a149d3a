#include "mapping/expression/compare.hpp"

#include <algorithm>

#include "mapping/expression/number.hpp"

namespace sluice::host::expr {
namespace {

int rank(const json::value& value) noexcept {
  switch (value.kind()) {
    case json::kind::null:
      return 0;
    case json::kind::bool_:
      return value.get_bool() ? 2 : 1;
    case json::kind::int64:
    case json::kind::uint64:
    case json::kind::double_:
      return 3;
    case json::kind::string:
      return 4;
    case json::kind::array:
      return 5;
    case json::kind::object:
      return 6;
  }
  return 0;
}

int compare_arrays(const json::array& left, const json::array& right) {
  const std::size_t common = std::min(left.size(), right.size());
  for (std::size_t i = 0; i < common; ++i) {
    if (const int order = compare(left[i], right[i]); order != 0) return order;
  }
  return left.size() < right.size() ? -1 : static_cast<int>(left.size() > right.size());
}

int compare_objects(const json::object& left, const json::object& right) {
  const auto left_keys = sorted_keys(left);
  const auto right_keys = sorted_keys(right);
  if (left_keys != right_keys) return left_keys < right_keys ? -1 : 1;
  for (const auto key : left_keys) {
    if (const int order = compare(left.at(key), right.at(key)); order != 0) return order;
  }
  return 0;
}

bool array_contains(const json::array& whole, const json::array& part) {
  return std::all_of(part.begin(), part.end(), [&](const json::value& wanted) {
    return std::any_of(whole.begin(), whole.end(),
                       [&](const json::value& item) { return contains(item, wanted); });
  });
}

bool object_contains(const json::object& whole, const json::object& part) {
  return std::all_of(part.begin(), part.end(), [&](const json::key_value_pair& wanted) {
    const auto* item = whole.if_contains(wanted.key());
    return item != nullptr && contains(*item, wanted.value());
  });
}

}  // namespace

std::vector<std::string_view> sorted_keys(const json::object& object) {
  std::vector<std::string_view> keys;
  keys.reserve(object.size());
  for (const auto& member : object) keys.emplace_back(member.key().data(), member.key().size());
  std::sort(keys.begin(), keys.end());
  return keys;
}

int compare(const json::value& left, const json::value& right) {
  const int left_rank = rank(left);
  const int right_rank = rank(right);
  if (left_rank != right_rank) return left_rank < right_rank ? -1 : 1;
  switch (left_rank) {
    case 3:
      return compare_numbers(left, right);
    case 4:
      return text_of(left).compare(text_of(right));
    case 5:
      return compare_arrays(left.get_array(), right.get_array());
    case 6:
      return compare_objects(left.get_object(), right.get_object());
    default:
      return 0;
  }
}

bool equal(const json::value& left, const json::value& right) {
  return compare(left, right) == 0;
}

bool contains(const json::value& whole, const json::value& part) {
  if (rank(whole) != rank(part)) return false;
  if (whole.is_object()) return object_contains(whole.get_object(), part.get_object());
  if (whole.is_array()) return array_contains(whole.get_array(), part.get_array());
  if (whole.is_string()) return text_of(whole).find(text_of(part)) != std::string_view::npos;
  return equal(whole, part);
}

}  // namespace sluice::host::expr
