#include "integration/option_schema.hpp"

#include <algorithm>
#include <cmath>

#include "integration/scalar.hpp"

namespace sluice::host {
namespace {

bool is_integer(const json::value& value) {
  if (value.is_int64() || value.is_uint64()) return true;
  constexpr double kExact = 9'007'199'254'740'992;
  return value.is_double() && std::trunc(value.get_double()) == value.get_double() &&
         std::abs(value.get_double()) <= kExact;
}

bool has_type(const json::value& value, std::string_view type) {
  if (type == "string") return value.is_string();
  if (type == "integer") return is_integer(value);
  if (type == "number") return value.is_number();
  if (type == "boolean") return value.is_bool();
  if (type == "null") return value.is_null();
  if (type == "array") return value.is_array();
  if (type == "object") return value.is_object();
  return true;
}

}  // namespace

const json::object* object_at(const json::object& schema, std::string_view key) {
  const json::value* value = schema.if_contains(key);
  return value == nullptr ? nullptr : value->if_object();
}

const json::array* array_at(const json::object& schema, std::string_view key) {
  const json::value* value = schema.if_contains(key);
  return value == nullptr ? nullptr : value->if_array();
}

bool is_set(const json::object& schema, std::string_view key) {
  const json::value* value = schema.if_contains(key);
  return value != nullptr && value->is_bool() && value->get_bool();
}

std::vector<std::string> types_of(const json::object& schema) {
  const json::value* type = schema.if_contains("type");
  std::vector<std::string> types;
  if (type == nullptr) return types;
  if (type->is_string()) types.emplace_back(type->get_string());
  if (type->is_array()) {
    for (const auto& word : type->get_array()) {
      if (word.is_string()) types.emplace_back(word.get_string());
    }
  }
  return types;
}

bool has_one_of(const json::value& value, const std::vector<std::string>& types) {
  return types.empty() || std::any_of(types.begin(), types.end(), [&](const std::string& type) {
           return has_type(value, type);
         });
}

std::string described(const std::vector<std::string>& types) {
  std::string result;
  for (const auto& type : types) {
    if (!result.empty()) result += " or ";
    if (type == "object")
      result += "a mapping";
    else if (type == "array")
      result += "a sequence";
    else if (type == "integer")
      result += "an integer";
    else if (type == "null")
      result += "nothing";
    else
      result += "a " + type;
  }
  return result;
}

std::optional<json::value> coerced(const json::value& value,
                                   const std::vector<std::string>& types) {
  if (!value.is_string() || has_one_of(value, types)) return std::nullopt;
  auto typed = core_value(value.get_string());
  if (!typed || typed->is_null() || !has_one_of(*typed, types)) return std::nullopt;
  return typed;
}

std::string join_path(const std::string& path, std::string_view key) {
  if (path.empty() || key.empty()) return path + std::string{key};
  return path + "." + std::string{key};
}

std::string item_path(const std::string& path, std::size_t index) {
  return path + "[" + std::to_string(index) + "]";
}

}  // namespace sluice::host
