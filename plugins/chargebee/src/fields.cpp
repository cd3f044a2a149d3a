#include "fields.hpp"

#include <algorithm>
#include <boost/json/monotonic_resource.hpp>
#include <initializer_list>
#include <sluice/error.hpp>

namespace chargebee {

using sluice::Code;
using sluice::Error;

json::storage_ptr page_storage() {
  constexpr std::size_t kFirstBlock = 256 << 10U;  // a page of customers and their subscriptions
  return json::make_shared_resource<json::monotonic_resource>(kFirstBlock);
}

std::string text_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  const auto* string = value != nullptr ? value->if_string() : nullptr;
  return string != nullptr ? std::string{string->data(), string->size()} : std::string{};
}

std::optional<std::int64_t> whole(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  const auto* number = value != nullptr ? value->if_int64() : nullptr;
  return number != nullptr ? std::optional{*number} : std::nullopt;
}

std::optional<std::int64_t> instant(const json::object& object, std::string_view name) {
  constexpr std::int64_t kYear10000 = 253'402'300'800;
  const auto seconds = whole(object, name);
  return seconds && *seconds > -kYear10000 && *seconds < kYear10000 ? seconds : std::nullopt;
}

double number_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr || !value->is_number()) return 0;
  return value->to_number<double>();
}

bool is_true(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  const auto* flag = value != nullptr ? value->if_bool() : nullptr;
  return flag != nullptr && *flag;
}

const json::object* object_in(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr ? value->if_object() : nullptr;
}

std::int64_t version_of(const json::object& object) {
  if (const auto version = whole(object, "resource_version")) return *version;
  std::int64_t newest = 0;
  for (const auto* name : {"updated_at", "occurred_at", "created_at", "date"}) {
    newest = std::max(newest, instant(object, name).value_or(0));
  }
  return newest * 1000;
}

json::object& row_object(json::value& row, std::string_view member) {
  auto* outer = row.if_object();
  auto* inner = outer != nullptr ? outer->if_contains(member) : nullptr;
  if (inner == nullptr || !inner->is_object()) {
    throw Error{Code::SchemaMismatch,
                "Chargebee answered a list whose rows have no \"" + std::string{member} + "\""};
  }
  return inner->get_object();
}

std::string id_of(const json::object& object, std::string_view member) {
  std::string id = text_of(object, "id");
  if (id.empty()) {
    throw Error{Code::SchemaMismatch,
                "Chargebee answered a " + std::string{member} + " without id"};
  }
  return id;
}

std::string bracketed(const std::vector<std::string>& values) {
  json::array array;
  for (const auto& value : values) array.emplace_back(value);
  return sluice::to_json(array);
}

}  // namespace chargebee
