#include "customer_record.hpp"

#include <algorithm>
#include <utility>

#include "plans.hpp"
#include "thin_rows.hpp"

namespace chargebee {

using sluice::Record;

namespace {

constexpr std::string_view kGiftsOff = "gift purchaser; gift_purchasers is off";

// Gone for good, or emptied of everything personal: what follows is the destination's on_delete.
bool is_gone(const json::object& customer) {
  return is_true(customer, "deleted") || text_of(customer, "pii_cleared") == "cleared";
}

json::value text_or_null(std::string_view text) {
  return text.empty() ? json::value{} : json::value(text);
}

}  // namespace

sluice::Spec customer_options_spec() {
  return sluice::Spec{"Customers"}
      .choice("subscription", {"prefer_active", "latest_created", "latest_updated", "highest_mrr"})
      .describe("Which of a customer's subscriptions represents the customer")
      .fallback("prefer_active")
      .boolean("gift_purchasers")
      .describe("Also deliver customers without a subscription who bought one for somebody else")
      .fallback(false);
}

CustomerOptions read_customer_options(const sluice::Config& options) {
  return {parse_choice(options.text("subscription", "prefer_active")),
          options.flag("gift_purchasers", false)};
}

void name_plan(json::object& subscription, const PlanName& plan_name) {
  const auto code = plan_code(subscription);
  subscription["plan_name"] = text_or_null(plan_name(code));
  subscription["plan_code"] = text_or_null(code);
}

Record customer_record(json::object customer, std::vector<json::object> subscriptions,
                       const GiftFacts& gifts, const CustomerOptions& options,
                       const PlanName& plan_name) {
  const auto storage = customer.storage();
  Record record{.data = json::object(storage)};
  record.key = id_of(customer, "customer");
  record.version = std::max(version_of(customer), gifts.version);
  for (const auto& subscription : subscriptions) {
    record.version = std::max(record.version, version_of(subscription));
  }
  if (is_gone(customer)) {
    record.op = Record::Op::Delete;
    return record;
  }
  std::erase_if(subscriptions, [](const auto& object) { return is_true(object, "deleted"); });
  const auto chosen = representing(subscriptions, options.subscription);
  json::value representative(storage);
  if (chosen) {
    json::object object(subscriptions[*chosen], storage);
    record.recency = whole(object, "created_at").value_or(0);
    name_plan(object, plan_name);
    representative = std::move(object);
  } else if (gifts.for_others && !options.gift_purchasers) {
    record.skip = kGiftsOff;
  }
  if (const auto active = text_of(customer, "active_id"); !active.empty()) {
    record.skip = "left behind by a move between business entities; the customer is now " + active;
  }
  json::array all(storage);
  for (auto& subscription : subscriptions) all.emplace_back(std::move(subscription));
  record.data["customer"] = std::move(customer);
  record.data["subscription"] = std::move(representative);
  record.data["subscriptions"] = std::move(all);
  record.data["gift_purchaser"] = gifts.for_others;
  return record;
}

void add_customer(sluice::RecordBatch& records, const Record& record) {
  std::string data;
  for (const auto& member : record.data) {
    data.push_back(data.empty() ? '{' : ',');
    sluice::write_json(data, std::string_view{member.key()});
    data.push_back(':');
    write_whole(data, member.value());
  }
  records.add(record, data.empty() ? "{}" : data + '}');
}

}  // namespace chargebee
