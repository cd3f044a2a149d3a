#include "write_support.hpp"

#include "writes.hpp"

namespace chargebee_sandbox {
namespace detail {

std::string text(const json::object& row, std::string_view name) {
  const json::value* value = row.if_contains(name);
  return value != nullptr && value->is_string() ? std::string{value->get_string()} : "";
}

void add_missing(json::object& row, const json::object& missing) {
  for (const auto& [name, value] : missing) {
    if (!row.contains(name)) row[name] = value;
  }
}

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

json::object attributes(json::object form) {
  for (const char* name :
       {"card", "payment_method", "bank_account", "end_of_term", "delete_payment_method", "id",
        "subscription_items", "replace_items_list", "invoice_immediately", "deleted", "object"}) {
    form.erase(name);
  }
  return form;
}

json::object timeline_entry(std::string_view status, std::int64_t at) {
  return {{"status", status}, {"occurred_at", at}, {"object", "gift_timeline"}};
}

}  // namespace detail

using namespace detail;

namespace {

constexpr std::int64_t kTerm = std::int64_t{30} * 86'400;  // seconds

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
                        {"current_term_end", created.to_number<std::int64_t>() + kTerm - 1},
                        {"next_billing_at", created.to_number<std::int64_t>() + kTerm}});
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

}  // namespace chargebee_sandbox
