#include "api/import_body.hpp"

#include <boost/json/monotonic_resource.hpp>

#include "account/email.hpp"
#include "api/errors.hpp"
#include "sluice/error.hpp"

namespace activecampaign_sandbox {

namespace {

constexpr std::string_view kNotValid =
    "JSON payload did not pass validation. Please fix failureReasons and retry. The import was not "
    "queued for processing.";

ApiError refused(std::string_view reason) {
  json::array reasons;
  reasons.emplace_back(reason);
  return import_refused(kNotValid, std::move(reasons));
}

ApiError rate_limited(bool is_single) {
  json::array reasons;
  reasons.emplace_back(is_single ? "Up to 20 imports with a single contact may be requested per "
                                   "minute. Please try again later."
                                 : "Up to 100 imports may be requested per minute. Please try "
                                   "again later.");
  SandboxResponse response = import_refused("Rate limit exceeded.", std::move(reasons)).response();
  response.rate_limited = true;
  return ApiError{std::move(response)};
}

json::value parse(const Call& call) {
  if (call.request.body.size() >= kMaxImportBytes) {
    throw refused("The request body must be smaller than 400000 bytes");
  }
  try {
    return sluice::parse_json(call.request.body,
                              json::make_shared_resource<json::monotonic_resource>());
  } catch (const sluice::Error&) {
    throw refused("Invalid or unparsable json");
  }
}

const json::array& contacts_of(const json::value& document) {
  const json::object* outer = document.if_object();
  const json::value* contacts = outer == nullptr ? nullptr : outer->if_contains("contacts");
  if (contacts == nullptr) throw refused("Field 'contacts' not found");
  if (!contacts->is_array() || contacts->get_array().empty()) {
    throw refused("Field 'contacts' must be a list of at least one contact");
  }
  if (contacts->get_array().size() > kMaxImportContacts) {
    throw refused("Up to 250 contacts may be imported per request");
  }
  return contacts->get_array();
}

void validate(const json::array& contacts) {
  json::array reasons;
  for (std::size_t i = 0; i < contacts.size(); ++i) {
    const json::object* row = contacts[i].if_object();
    const auto email = row == nullptr ? std::nullopt : text_in(*row, "email");
    if (email && is_valid_email(*email)) continue;
    const bool is_missing = !email || email->empty();
    reasons.emplace_back(
        json::object{{"contact", i + 1},
                     {"failureReason", is_missing ? "Field 'email' not found"
                                                  : "Field 'email' has an incorrect format"}});
  }
  if (!reasons.empty()) throw import_refused(kNotValid, std::move(reasons));
}

const json::array* array_in(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value == nullptr ? nullptr : value->if_array();
}

std::vector<Id> list_ids(const json::object& row, std::string_view name) {
  std::vector<Id> ids;
  const json::array* entries = array_in(row, name);
  if (entries == nullptr) return ids;
  for (const json::value& entry : *entries) {
    const json::object* list = entry.if_object();
    if (const Id id = list == nullptr ? 0 : id_in(*list, "listid")) ids.push_back(id);
  }
  return ids;
}

std::optional<std::string> read_text(const Switches& switches, const json::object& row,
                                     std::string_view name) {
  auto text = text_in(row, name);
  if (text && text->empty() && !switches.bulk_blanks_clear) return std::nullopt;
  return text;
}

void read_fields(const Switches& switches, const json::object& row, ContactChange& change) {
  const json::array* fields = array_in(row, "fields");
  if (fields == nullptr) return;
  for (const json::value& entry : *fields) {
    const json::object* field = entry.if_object();
    if (field == nullptr) continue;
    auto value = read_text(switches, *field, "value");
    const Id id = id_in(*field, "id");
    if (value && id != 0) change.values.push_back({id, std::move(*value)});
  }
}

BulkRow read_row(const Switches& switches, const json::object& row, bool exclude_all) {
  BulkRow made;
  made.change.email = text_in(row, "email");
  made.change.first_name = read_text(switches, row, "first_name");
  made.change.last_name = read_text(switches, row, "last_name");
  made.change.phone = read_text(switches, row, "phone");
  made.company = text_in(row, "customer_acct_name").value_or("");
  read_fields(switches, row, made.change);
  if (const json::array* tags = array_in(row, "tags")) {
    for (const json::value& tag : *tags) {
      if (tag.is_string() && !tag.get_string().empty()) made.tags.emplace_back(tag.get_string());
    }
  }
  made.subscribe = list_ids(row, "subscribe");
  made.unsubscribe = list_ids(row, "unsubscribe");
  const json::value* own = row.if_contains("exclude_automations");
  const bool exclude_this =
      switches.exclude_automations != ExcludeAutomations::Top && own != nullptr && truthy(*own);
  made.automations = !exclude_all && !exclude_this;
  return made;
}

}  // namespace

std::vector<BulkRow> read_import(const Call& call) {
  const Switches& switches = call.account.switches;
  const json::value document = parse(call);
  const json::array& contacts = contacts_of(document);
  if (!call.bulk_rates.allows(contacts.size(), call.account.now_ms())) {
    throw rate_limited(contacts.size() == 1);
  }
  validate(contacts);
  const json::value* top = document.get_object().if_contains("exclude_automations");
  const bool exclude_all =
      switches.exclude_automations != ExcludeAutomations::Row && top != nullptr && truthy(*top);
  std::vector<BulkRow> rows;
  rows.reserve(contacts.size());
  for (const json::value& row : contacts) {
    rows.push_back(read_row(switches, row.get_object(), exclude_all));
  }
  return rows;
}

}  // namespace activecampaign_sandbox
