#include "writes.hpp"

#include <algorithm>

#include "api_error.hpp"
#include "reads.hpp"

namespace chargebee_sandbox {
namespace {

const ResourceKind& kind_of(std::string_view name) {
  return *find_kind(name);
}

SandboxResponse answer(Store& store, const ResourceKind& kind, const std::string& id) {
  return retrieve_row(store, kind, id);
}

std::string text(const json::object& row, std::string_view name) {
  const json::value* value = row.if_contains(name);
  return value != nullptr && value->is_string() ? std::string{value->get_string()} : "";
}

// Sets what `missing` lacks.
void add_missing(json::object& row, const json::object& missing) {
  for (const auto& [name, value] : missing) {
    if (!row.contains(name)) row[name] = value;
  }
}

// Takes over the form's attributes; null clears one, nested objects are merged.
void merge(json::object& row, const json::object& form) {
  for (const auto& [name, value] : form) {
    if (value.is_null()) {
      row.erase(name);
    } else if (value.is_object() && name != "meta_data") {
      json::value& target = row[name];
      if (!target.is_object()) target.emplace_object();
      merge(target.get_object(), value.get_object());
      target.get_object()["object"] = name;
    } else {
      row[name] = value;
    }
  }
}

// The attributes of a form that become part of the row; the rest are instructions.
json::object attributes(json::object form) {
  for (const char* name :
       {"card", "payment_method", "bank_account", "end_of_term", "delete_payment_method", "id",
        "subscription_items", "replace_items_list", "invoice_immediately", "deleted", "object"}) {
    form.erase(name);
  }
  return form;
}

json::array subscription_items(Store& store, const json::object& form, std::string& currency,
                               std::int64_t& mrr) {
  json::array items;
  const json::value* given = form.if_contains("subscription_items");
  if (given == nullptr || !given->is_array()) return items;
  std::size_t index = 0;
  for (const auto& entry : given->get_array()) {
    const std::string param = "subscription_items[item_price_id][" + std::to_string(index++) + "]";
    const std::string id = entry.is_object() ? text(entry.get_object(), "item_price_id") : "";
    if (!store.table("item_price").find(id)) throw ApiError::wrong_value(param, id + " not found");
    const json::object price = store.get(kind_of("item_price"), id);
    const json::value* quantity = entry.get_object().if_contains("quantity");
    const std::int64_t count =
        quantity != nullptr && quantity->is_int64() ? quantity->get_int64() : 1;
    const std::int64_t unit = price.at("price").as_int64();
    currency = price.at("currency_code").as_string();
    mrr += text(price, "period_unit") == "year" ? unit * count / 12 : unit * count;
    items.push_back(json::object{{"item_price_id", id},
                                 {"item_type", price.at("item_type")},
                                 {"quantity", count},
                                 {"unit_price", unit},
                                 {"amount", unit * count},
                                 {"free_quantity", 0},
                                 {"object", "subscription_item"}});
  }
  return items;
}

void set_products(Store& store, json::object& row, const json::object& form) {
  std::string currency = text(row, "currency_code");
  std::int64_t mrr = 0;
  if (store.settings().catalog == 2) {
    json::array items = subscription_items(store, form, currency, mrr);
    if (items.empty()) return;
    row["subscription_items"] = std::move(items);
  } else {
    const std::string id = text(form, "plan_id");
    if (id.empty()) return;
    if (!store.table("plan").find(id)) throw ApiError::wrong_value("plan_id", id + " not found");
    const json::object plan = store.get(kind_of("plan"), id);
    currency = plan.at("currency_code").as_string();
    mrr = plan.at("price").as_int64();
    row["plan_id"] = id;
    row["plan_unit_price"] = mrr;
    if (!row.contains("plan_quantity")) row["plan_quantity"] = 1;
  }
  row["currency_code"] = currency;
  row["mrr"] = mrr;
}

std::string new_subscription(Store& store, const std::string& customer, const json::object& form,
                             const json::object& extra) {
  static_cast<void>(store.get(kind_of("customer"), customer));
  std::string id = text(form, "id");
  if (id.empty()) id = store.new_id(17);
  if (store.table("subscription").find(id)) {
    throw ApiError{400, "invalid_request", "duplicate_entry", id + " already exists", "id"};
  }
  json::object row = {{"id", id}, {"customer_id", customer}};
  merge(row, attributes(form));
  merge(row, extra);
  set_products(store, row, form);
  if (!row.contains("plan_id") && !row.contains("subscription_items")) {
    throw ApiError::wrong_value(store.settings().catalog == 2 ? "subscription_items" : "plan_id",
                                "cannot be blank");
  }
  store.put(kind_of("subscription"), with_defaults(store, kind_of("subscription"), std::move(row)),
            {true, "subscription_created"});
  return id;
}

json::object timeline_entry(std::string_view status, std::int64_t at) {
  return {{"status", status}, {"occurred_at", at}, {"object", "gift_timeline"}};
}

SandboxResponse settle_gift(Store& store, const std::string& id, std::string_view status,
                            std::string_view subscription_status) {
  const ResourceKind& gifts = kind_of("gift");
  json::object gift = store.get(gifts, id);
  const std::string before = text(gift, "status");
  if (before != "scheduled" && before != "unclaimed") {
    throw ApiError::invalid_state("The gift is " + before + " and cannot be " +
                                  std::string{status});
  }
  const std::int64_t now = store.now_ms() / 1000;
  gift["status"] = status;
  auto& timeline = gift["gift_timelines"];
  if (!timeline.is_array()) timeline.emplace_array();
  timeline.get_array().insert(timeline.get_array().begin(), timeline_entry(status, now));
  const std::string subscription = text(gift.at("gift_receiver").as_object(), "subscription_id");
  store.put(gifts, std::move(gift), {true, "gift_" + std::string{status}});
  if (store.table("subscription").find(subscription)) {
    json::object row = store.get(kind_of("subscription"), subscription);
    row["status"] = subscription_status;
    store.put(kind_of("subscription"), std::move(row), {true, "subscription_changed"});
  }
  return answer(store, gifts, id);
}

}  // namespace

json::object with_defaults(Store& store, const ResourceKind& kind, json::object row) {
  const std::int64_t now = store.now_ms() / 1000;
  if (!row.contains("id")) row["id"] = store.new_id(kind.name == "gift" ? 50 : 16);
  if (kind.name == "customer") {
    add_missing(row, {{"auto_collection", "on"},
                      {"net_term_days", 0},
                      {"allow_direct_debit", false},
                      {"created_at", now},
                      {"taxability", "taxable"},
                      {"pii_cleared", "active"},
                      {"channel", "web"},
                      {"deleted", false},
                      {"object", "customer"},
                      {"card_status", "no_card"},
                      {"promotional_credits", 0},
                      {"refundable_credits", 0},
                      {"excess_payments", 0},
                      {"unbilled_charges", 0},
                      {"preferred_currency_code", "USD"},
                      {"mrr", 0},
                      {"tax_providers_fields", json::array{}},
                      {"auto_close_invoices", true}});
  } else if (kind.name == "subscription") {
    add_missing(row, {{"currency_code", "USD"},
                      {"status", "active"},
                      {"created_at", now},
                      {"has_scheduled_changes", false},
                      {"has_scheduled_advance_invoices", false},
                      {"due_invoices_count", 0},
                      {"exchange_rate", 1.0},
                      {"base_currency_code", "USD"},
                      {"channel", "web"},
                      {"decommissioned", false},
                      {"auto_close_invoices", true},
                      {"mrr", 0},
                      {"deleted", false},
                      {"object", "subscription"}});
    if (row.at("status") == "active") {
      const json::value created = row.at("created_at");
      add_missing(row, {{"started_at", created},
                        {"activated_at", created},
                        {"current_term_start", created},
                        {"current_term_end", created.to_number<std::int64_t>() + 30 * 86'400 - 1},
                        {"next_billing_at", created.to_number<std::int64_t>() + 30 * 86'400}});
    }
  } else if (kind.name == "gift") {
    add_missing(row, {{"status", "scheduled"},
                      {"scheduled_at", now},
                      {"auto_claim", false},
                      {"no_expiry", true},
                      {"gift_timelines", json::array{timeline_entry("scheduled", now)}},
                      {"object", "gift"}});
  } else {
    add_missing(row, {{kind.created, now}, {"object", kind.name}});
  }
  return row;
}

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

SandboxResponse create_subscription(Store& store, const std::string& customer,
                                    const json::object& form) {
  return answer(store, kind_of("subscription"), new_subscription(store, customer, form, {}));
}

SandboxResponse update_subscription(Store& store, const std::string& id, const json::object& form) {
  const ResourceKind& kind = kind_of("subscription");
  json::object row = store.get(kind, id);
  merge(row, attributes(form));
  set_products(store, row, form);
  store.put(kind, std::move(row), {true, "subscription_changed"});
  return answer(store, kind, id);
}

SandboxResponse cancel_subscription(Store& store, const std::string& id, const json::object& form) {
  const ResourceKind& kind = kind_of("subscription");
  json::object row = store.get(kind, id);
  if (row.at("status") == "cancelled")
    throw ApiError::invalid_state("The subscription is cancelled already");
  const json::value* later = form.if_contains("end_of_term");
  if (later == nullptr) later = form.if_contains("cancel_option");
  const bool at_end = later != nullptr && (*later == true || *later == "end_of_term");
  row["status"] = at_end ? "non_renewing" : "cancelled";
  row["cancelled_at"] = at_end && row.contains("current_term_end")
                            ? row.at("current_term_end")
                            : json::value(store.now_ms() / 1000);
  if (form.contains("cancel_reason_code"))
    row["cancel_reason_code"] = form.at("cancel_reason_code");
  row.erase("next_billing_at");
  if (!at_end) row["mrr"] = 0;
  store.put(kind, std::move(row),
            {true, at_end ? "subscription_cancellation_scheduled" : "subscription_cancelled"});
  return answer(store, kind, id);
}

SandboxResponse reactivate_subscription(Store& store, const std::string& id) {
  const ResourceKind& kind = kind_of("subscription");
  json::object row = store.get(kind, id);
  if (row.at("status") != "cancelled")
    throw ApiError::invalid_state("The subscription is not cancelled");
  row["status"] = "active";
  for (const char* name : {"cancelled_at", "cancel_reason", "cancel_reason_code"}) row.erase(name);
  store.put(kind, std::move(row), {true, "subscription_reactivated"});
  return answer(store, kind, id);
}

SandboxResponse delete_subscription(Store& store, const std::string& id) {
  const ResourceKind& kind = kind_of("subscription");
  store.remove(kind, id);
  return answer(store, kind, id);
}

SandboxResponse create_gift(Store& store, const json::object& form) {
  const auto side = [&](const char* name) -> const json::object& {
    const json::value* value = form.if_contains(name);
    if (value == nullptr || !value->is_object() ||
        text(value->get_object(), "customer_id").empty()) {
      throw ApiError::wrong_value(std::string{name} + "[customer_id]", "cannot be blank");
    }
    return value->get_object();
  };
  json::object gifter = side("gifter");
  json::object receiver = side("gift_receiver");
  static_cast<void>(store.get(kind_of("customer"), text(gifter, "customer_id")));
  json::object subscription_form = form;
  if (const json::value* nested = form.if_contains("subscription");
      nested != nullptr && nested->is_object()) {
    merge(subscription_form, nested->get_object());
  }
  for (const char* name : {"gifter", "gift_receiver", "scheduled_at", "auto_claim", "no_expiry",
                           "claim_expiry_date", "subscription"}) {
    subscription_form.erase(name);
  }
  const std::string id = store.new_id(50);
  const std::string subscription =
      new_subscription(store, text(receiver, "customer_id"), subscription_form,
                       {{"status", "future"}, {"gift_id", id}, {"mrr", 0}});
  gifter["object"] = "gifter";
  receiver["subscription_id"] = subscription;
  receiver["object"] = "gift_receiver";
  json::object gift = {{"id", id}, {"gifter", gifter}, {"gift_receiver", receiver}};
  for (const char* name : {"scheduled_at", "auto_claim", "no_expiry", "claim_expiry_date"}) {
    if (form.contains(name)) gift[name] = form.at(name);
  }
  store.put(kind_of("gift"), with_defaults(store, kind_of("gift"), std::move(gift)),
            {true, "gift_scheduled"});
  return answer(store, kind_of("gift"), id);
}

SandboxResponse claim_gift(Store& store, const std::string& id) {
  return settle_gift(store, id, "claimed", "non_renewing");
}

SandboxResponse cancel_gift(Store& store, const std::string& id) {
  return settle_gift(store, id, "cancelled", "cancelled");
}

}  // namespace chargebee_sandbox
