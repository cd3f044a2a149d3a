#include "api_error.hpp"
#include "write_support.hpp"
#include "writes.hpp"

namespace chargebee_sandbox {

using namespace detail;

namespace {

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

}  // namespace

std::string detail::new_subscription(Store& store, const std::string& customer,
                                     const json::object& form, const json::object& extra) {
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

}  // namespace chargebee_sandbox
