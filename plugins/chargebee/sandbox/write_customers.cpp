#include "api_error.hpp"
#include "write_support.hpp"
#include "writes.hpp"

namespace chargebee_sandbox {

using namespace detail;

SandboxResponse create_customer(Store& store, const json::object& form) {
  const ResourceKind& kind = kind_of("customer");
  std::string id = text(form, "id");
  if (id.empty()) id = store.new_id(16);
  if (id.size() > 50) throw ApiError::wrong_value("id", "should be at most 50 characters long");
  if (store.table(kind).find(id)) {
    throw ApiError{400, "invalid_request", "duplicate_entry", id + " already exists", "id"};
  }
  json::object row = {{"id", id}};
  merge(row, attributes(form));
  store.put(kind, with_defaults(store, kind, std::move(row)), {true, "customer_created"});
  return answer(store, kind, id);
}

SandboxResponse update_customer(Store& store, const std::string& id, const json::object& form) {
  const ResourceKind& kind = kind_of("customer");
  json::object row = store.get(kind, id);
  if (row.at("deleted") == true) throw ApiError::not_found("customer", id);
  merge(row, attributes(form));
  store.put(kind, std::move(row), {true, "customer_changed"});
  return answer(store, kind, id);
}

SandboxResponse delete_customer(Store& store, const std::string& id) {
  const ResourceKind& kind = kind_of("customer");
  if (store.get(kind, id).at("deleted") == true) throw ApiError::not_found("customer", id);
  store.remove(kind, id);
  return answer(store, kind, id);
}

SandboxResponse clear_personal_data(Store& store, const std::string& id) {
  const ResourceKind& kind = kind_of("customer");
  json::object row = store.get(kind, id);
  for (const char* name :
       {"first_name", "last_name", "email", "phone", "company", "vat_number", "billing_address",
        "contacts", "meta_data", "cf_nick", "cf_birthday", "cf_external_ref"}) {
    row.erase(name);
  }
  row["pii_cleared"] = "cleared";
  store.put(kind, std::move(row), {true, "customer_changed"});
  return answer(store, kind, id);
}

SandboxResponse add_contact(Store& store, const std::string& id, const json::object& form) {
  const ResourceKind& kind = kind_of("customer");
  json::object row = store.get(kind, id);
  const json::value* given = form.if_contains("contact");
  if (given == nullptr || !given->is_object())
    throw ApiError::wrong_value("contact[email]", "cannot be blank");
  json::object contact = given->get_object();
  add_missing(contact, {{"id", "contact_" + store.new_id(12)},
                        {"enabled", false},
                        {"send_account_email", false},
                        {"send_billing_email", false},
                        {"object", "contact"}});
  json::value& contacts = row["contacts"];
  if (!contacts.is_array()) contacts.emplace_array();
  contacts.get_array().push_back(std::move(contact));
  store.put(kind, std::move(row), {true, "customer_changed"});
  return answer(store, kind, id);
}

}  // namespace chargebee_sandbox
