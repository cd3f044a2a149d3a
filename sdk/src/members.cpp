#include "members.hpp"

#include "sluice/error.hpp"

namespace sluice::detail {
namespace {

json::object& object_of(json::value& value, const std::string& where) {
  if (value.is_object()) return value.get_object();
  throw Error{Code::SchemaMismatch, where + " is not a JSON object"};
}

}  // namespace

Members::Members(json::value& value, std::string where)
    : object_{object_of(value, where)}, where_{std::move(where)} {}

json::value* Members::find(std::string_view name) const noexcept {
  auto* value = object_.if_contains(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

void Members::fail(std::string_view name, std::string_view wanted) const {
  throw Error{Code::SchemaMismatch,
              where_ + ": '" + std::string{name} + "' must be " + std::string{wanted}};
}

std::optional<std::string> Members::maybe_text(std::string_view name) const {
  const auto* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) fail(name, "text");
  return std::string{value->get_string()};
}

std::string Members::text(std::string_view name) const {
  auto value = maybe_text(name);
  if (!value) fail(name, "given, as text");
  return *std::move(value);
}

std::string Members::text_or_empty(std::string_view name) const {
  return maybe_text(name).value_or(std::string{});
}

bool Members::flag(std::string_view name, bool fallback) const {
  const auto* value = find(name);
  if (value == nullptr) return fallback;
  if (!value->is_bool()) fail(name, "true or false");
  return value->get_bool();
}

std::int64_t Members::integer(std::string_view name, std::int64_t fallback) const {
  const auto* value = find(name);
  if (value == nullptr) return fallback;
  if (!value->is_int64()) fail(name, "a whole number");
  return value->get_int64();
}

std::optional<std::vector<std::string>> Members::maybe_texts(std::string_view name) const {
  const auto* value = find(name);
  if (value == nullptr) return std::nullopt;
  return texts_of(*value, *this, name);
}

std::vector<std::string> Members::texts(std::string_view name) const {
  return maybe_texts(name).value_or(std::vector<std::string>{});
}

json::object Members::take_object(std::string_view name) {
  auto* value = find(name);
  if (value == nullptr) return json::object{object_.storage()};
  if (!value->is_object()) fail(name, "an object");
  return std::move(value->get_object());
}

std::vector<std::string> texts_of(const json::value& value, const Members& members,
                                  std::string_view name) {
  if (!value.is_array()) members.fail(name, "a list of texts");
  std::vector<std::string> result;
  result.reserve(value.get_array().size());
  for (const auto& item : value.get_array()) {
    if (!item.is_string()) members.fail(name, "a list of texts");
    result.emplace_back(item.get_string());
  }
  return result;
}

}  // namespace sluice::detail
