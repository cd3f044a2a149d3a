#include "api/contact_body.hpp"

#include <fmt/format.h>

#include "account/email.hpp"
#include "account/times.hpp"
#include "api/errors.hpp"

namespace activecampaign_sandbox {

namespace {

void check_length(const Switches& switches, std::string_view text, std::string_view name) {
  if (switches.max_length == 0 || text.size() <= static_cast<std::size_t>(switches.max_length)) {
    return;
  }
  throw unprocessable(fmt::format("The value of {} is too long", name), "field_invalid",
                      fmt::format("/data/attributes/{}", name));
}

std::optional<std::string> read_standard(const Switches& switches, const json::object& contact,
                                         std::string_view name) {
  const json::value* value = contact.if_contains(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_null()) {
    if (switches.standard_null_keeps) return std::nullopt;
    return std::string{};
  }
  auto text = text_in(contact, name);
  if (text && text->empty() && switches.standard_blank_keeps) return std::nullopt;
  if (text) check_length(switches, *text, name);
  return text;
}

void read_values(const Switches& switches, const json::array& entries, ContactChange& change) {
  for (const json::value& entry : entries) {
    const json::object* object = entry.if_object();
    if (object == nullptr || !object->contains("field")) {
      if (switches.bad_field_values_fail) {
        throw ApiError{500, json::object{{"message", "Internal Server Error"}}};
      }
      continue;
    }
    const std::string value = text_in(*object, "value").value_or("");
    check_length(switches, value, "fieldValues");
    change.values.push_back({id_in(*object, "field"), value});
  }
}

std::optional<Seconds> read_time(const Call& call, std::string_view name) {
  const std::string_view text = call.query(name);
  if (text.empty()) return std::nullopt;
  return parse_time(text, call.account.switches.utc_offset_minutes);
}

}  // namespace

ContactChange read_contact_change(const Call& call, const json::object& contact) {
  const Switches& switches = call.account.switches;
  ContactChange change;
  change.first_name = read_standard(switches, contact, "firstName");
  change.last_name = read_standard(switches, contact, "lastName");
  change.phone = read_standard(switches, contact, "phone");
  if (const json::value* values = contact.if_contains("fieldValues")) {
    if (const json::array* entries = values->if_array()) read_values(switches, *entries, change);
  }
  return change;
}

std::string read_email(const json::object& contact) {
  return text_in(contact, "email").value_or("");
}

ContactQuery read_contact_query(const Call& call) {
  ContactQuery query;
  query.email = fold(call.query("email"));
  query.email_like = fold(call.query("email_like"));
  query.search = fold(call.query("search"));
  query.phone = call.query("phone");
  query.exclude = call.query("exclude");
  if (const Id list = to_id(call.query("listid"))) query.list = list;
  if (const Id tag = to_id(call.query("tagid"))) query.tag = tag;
  query.status = static_cast<int>(call.query_number("status", -1));
  query.id_greater = to_id(call.query("id_greater"));
  query.id_less = to_id(call.query("id_less"));
  query.created_before = read_time(call, "filters[created_before]");
  query.created_after = read_time(call, "filters[created_after]");
  query.updated_before = read_time(call, "filters[updated_before]");
  query.updated_after = read_time(call, "filters[updated_after]");
  for (const auto& [name, value] : call.request.query) {
    if (name == "ids[]" || name == "ids") query.ids.insert(to_id(value));
    constexpr std::string_view kOrders = "orders[";
    if (name.starts_with(kOrders) && name.back() == ']') {
      query.orders.emplace_back(name.substr(kOrders.size(), name.size() - kOrders.size() - 1),
                                fold(value) == "desc");
    }
  }
  return query;
}

}  // namespace activecampaign_sandbox
