#include <cmath>

#include "sluice/error.hpp"
#include "sluice/spec.hpp"

namespace sluice {
namespace {

std::string_view kind_name(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return "null";
    case json::kind::bool_:
      return "true or false";
    case json::kind::int64:
    case json::kind::uint64:
    case json::kind::double_:
      return "a number";
    case json::kind::string:
      return "text";
    case json::kind::array:
      return "a list";
    case json::kind::object:
      return "a mapping";
  }
  return "of an unknown kind";
}

// The value itself is not named: it may be a secret.
Error wrong_type(std::string_view name, std::string_view wanted, const json::value& value) {
  return Error{Code::Config, "option '" + std::string{name} + "' must be " + std::string{wanted} +
                                 ", but it is " + std::string{kind_name(value)}};
}

Error missing(std::string_view name) {
  return Error{Code::Config, "option '" + std::string{name} + "' is missing"};
}

std::string as_text(std::string_view name, const json::value& value) {
  if (const auto* text = value.if_string()) return std::string{*text};
  throw wrong_type(name, "text", value);
}

std::int64_t as_integer(std::string_view name, const json::value& value) {
  if (const auto* number = value.if_int64()) return *number;
  // 2^53: the whole numbers that a double holds exactly.
  if (const auto* number = value.if_double(); number != nullptr && std::trunc(*number) == *number &&
                                              std::abs(*number) <= 9007199254740992.0) {
    return static_cast<std::int64_t>(*number);
  }
  throw wrong_type(name, "a whole number", value);
}

}  // namespace

const json::value* Config::find(std::string_view name) const noexcept {
  const auto* value = values_.if_contains(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

bool Config::has(std::string_view name) const noexcept {
  return find(name) != nullptr;
}

std::string Config::text(std::string_view name) const {
  const auto* value = find(name);
  if (value == nullptr) throw missing(name);
  return as_text(name, *value);
}

std::string Config::text(std::string_view name, std::string_view fallback) const {
  const auto* value = find(name);
  return value == nullptr ? std::string{fallback} : as_text(name, *value);
}

std::int64_t Config::integer(std::string_view name) const {
  const auto* value = find(name);
  if (value == nullptr) throw missing(name);
  return as_integer(name, *value);
}

std::int64_t Config::integer(std::string_view name, std::int64_t fallback) const {
  const auto* value = find(name);
  return value == nullptr ? fallback : as_integer(name, *value);
}

double Config::number(std::string_view name, double fallback) const {
  const auto* value = find(name);
  if (value == nullptr) return fallback;
  if (!value->is_number()) throw wrong_type(name, "a number", *value);
  return value->to_number<double>();
}

bool Config::flag(std::string_view name, bool fallback) const {
  const auto* value = find(name);
  if (value == nullptr) return fallback;
  if (!value->is_bool()) throw wrong_type(name, "true or false", *value);
  return value->get_bool();
}

std::vector<std::string> Config::texts(std::string_view name) const {
  std::vector<std::string> result;
  const auto* value = find(name);
  if (value == nullptr) return result;
  if (!value->is_array()) throw wrong_type(name, "a list of texts", *value);
  for (const auto& item : value->get_array()) {
    if (!item.is_string()) throw wrong_type(name, "a list of texts", item);
    result.emplace_back(item.get_string());
  }
  return result;
}

}  // namespace sluice
