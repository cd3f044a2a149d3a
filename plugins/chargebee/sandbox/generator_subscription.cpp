#include <algorithm>
#include <array>

#include "catalogue.hpp"
#include "generator.hpp"
#include "people.hpp"

namespace chargebee_sandbox {
namespace {

constexpr std::int64_t kDay = 86'400;

// Apart from the customer's own kinds.
enum Kind : std::uint64_t {
  kCountDraw = 101,
  kSubscriptionDraw,
  kStatusDraw,
  kTermDraw,
  kProductDraw,
  kGiftDraw,
  kGifterDraw,
  kInvoiceDraw,
};

struct Product {
  const PlanKind* plan;
  std::string_view currency;
  bool yearly;
  std::int64_t quantity;
  bool with_addon;
};

bool is_gift(std::uint64_t source) {
  return source % 256 >= kGiftOrdinal;
}

Product product_of(Draw draws, bool gift, std::string_view currency) {
  const auto plans = plan_kinds();
  const auto normal = plans.size() - 1;  // the last one is for gifts
  const bool yearly = draws.chance(0.25);
  return {&plans[gift ? normal : draws.below(normal)], currency, gift ? false : yearly,
          draws.chance(0.1) ? draws.between(2, 20) : 1, !gift && draws.chance(0.2)};
}

std::int64_t mrr_of(const Product& product, std::string_view status) {
  if (status == "cancelled" || status == "future" || status == "in_trial" || status == "paused" ||
      status == "transferred") {
    return 0;
  }
  const std::int64_t amount =
      plan_price(*product.plan, product.currency, product.yearly) * product.quantity;
  return product.yearly ? amount / 12 : amount;
}

}  // namespace

std::vector<unsigned> Generator::subscription_ordinals(std::uint64_t customer) const {
  auto draws = draw(kCountDraw, customer);
  std::vector<unsigned> ordinals;
  unsigned own = 1;
  if (draws.chance(is_gifter(customer) ? 0.5 : settings_.without_subscription)) {
    own = 0;
  } else if (draws.chance(settings_.several_subscriptions)) {
    own = static_cast<unsigned>(draws.between(2, 4));
  }
  // One customer whose subscriptions alone exceed a page.
  if (customer == 7 && total_ >= 1000) own = 120;
  for (unsigned i = 0; i < own; ++i) ordinals.push_back(i);
  if (customer < total_ && !deleted(customer)) {
    const auto before = live_before(customer);
    if (before && is_gifter(*before) && receiver(*before) == customer)
      ordinals.push_back(kGiftOrdinal);
    if (is_gifter(customer) && is_self_gift(customer)) ordinals.push_back(kSelfGiftOrdinal);
  }
  return ordinals;
}

bool Generator::is_self_gift(std::uint64_t gifter) const {
  return draw(kGiftDraw, gifter).chance(0.02);
}

std::optional<std::uint64_t> Generator::receiver(std::uint64_t gifter) const {
  if (is_self_gift(gifter)) return gifter;
  for (std::uint64_t next = gifter + 1; next < total_; ++next) {
    if (!deleted(next)) return next;
  }
  return std::nullopt;
}

bool Generator::is_gifter(std::uint64_t index) const {
  return index < total_ && draw(kGifterDraw, index).chance(settings_.gifters) && !deleted(index) &&
         receiver(index).has_value();
}

std::uint64_t Generator::gifter_of(std::uint64_t subscription) const {
  const std::uint64_t customer = subscription / 256;
  return subscription % 256 == kSelfGiftOrdinal ? customer : live_before(customer).value_or(0);
}

std::string_view Generator::gift_status(std::uint64_t gifter) const {
  static constexpr std::array<std::string_view, 6> kStatuses = {
      "claimed", "claimed", "unclaimed", "scheduled", "cancelled", "expired"};
  return kStatuses[draw(kGiftDraw, gifter + (1ULL << 60)).below(kStatuses.size())];
}

std::string_view Generator::subscription_status(std::uint64_t source) const {
  if (is_gift(source)) {
    const std::string_view gift = gift_status(gifter_of(source));
    if (gift == "claimed") return "non_renewing";
    return gift == "scheduled" || gift == "unclaimed" ? "future" : "cancelled";
  }
  if (deleted(source / 256)) return "cancelled";
  const std::uint64_t place = draw(kStatusDraw, source).below(100);
  if (place < 62) return "active";
  if (place < 77) return "cancelled";
  if (place < 85) return "in_trial";
  if (place < 92) return "non_renewing";
  if (place < 95) return "future";
  return place < 98 ? "paused" : "transferred";
}

RowKeys Generator::subscription_keys(std::uint64_t source) const {
  auto draws = draw(kSubscriptionDraw, source);
  const std::uint64_t customer = source / 256;
  const RowKeys owner = customer_keys(customer);
  RowKeys keys;
  keys.id = draws.token(17);
  const std::int64_t room = std::max<std::int64_t>(1, settings_.data_end - owner.created_at);
  keys.created_at =
      owner.created_at + (source % 256 == 0 ? draws.between(0, 30) : draws.between(0, room - 1));
  keys.deleted = owner.deleted || draws.chance(0.005);
  if (is_gift(source)) {
    keys.deleted = false;
    keys.created_at = gift_keys(gifter_of(source)).created_at;
  }
  const std::int64_t after = std::max<std::int64_t>(1, settings_.data_end - keys.created_at);
  keys.updated_at = keys.created_at + draws.between(0, after - 1);
  if (owner.deleted) keys.updated_at = std::max(keys.created_at, owner.updated_at);
  keys.resource_version = keys.updated_at * 1000 + draws.between(0, 999);
  return keys;
}

void Generator::add_terms(json::object& row, std::uint64_t source, std::string_view status) const {
  auto draws = draw(kTermDraw, source);
  const std::int64_t created = row.at("created_at").as_int64();
  const std::int64_t end = settings_.data_end;
  const std::int64_t month = 30 * kDay;
  if (status == "future") {
    row["start_date"] = end + draws.between(1, 60) * kDay;
    return;
  }
  row["started_at"] = created;
  if (status == "in_trial" || draws.chance(0.3)) {
    row["trial_start"] = created;
    row["trial_end"] =
        status == "in_trial" ? end + draws.between(1, 14) * kDay : created + 14 * kDay;
  }
  if (status == "in_trial") {
    row["next_billing_at"] = row.at("trial_end");
    return;
  }
  row["activated_at"] = created;
  const std::int64_t term = status == "cancelled" ? created : end - draws.between(0, 29) * kDay;
  row["current_term_start"] = std::max(created, term);
  row["current_term_end"] = row.at("current_term_start").as_int64() + month - 1;
  if (status == "active") row["next_billing_at"] = row.at("current_term_end").as_int64() + 1;
  if (status == "non_renewing") {
    row["remaining_billing_cycles"] = 0;
    row["cancelled_at"] = row.at("current_term_end");
  }
  if (status == "paused") row["pause_date"] = end - draws.between(1, 20) * kDay;
  if (status == "cancelled") {
    row["cancelled_at"] = row.contains("updated_at") ? row.at("updated_at") : row.at("created_at");
    const double why = draws.unit();
    if (why < 0.3) {
      row["cancel_reason"] = draws.chance(0.5) ? "not_paid" : "no_card";
    } else if (why < 0.8) {
      static constexpr std::array<std::string_view, 4> kCodes = {
          "Too expensive", "Missing features", "Order change", "Zu teuer, \"leider\""};
      row["cancel_reason_code"] = draws.pick(kCodes);
    }
  }
}

void Generator::add_products(json::object& row, std::uint64_t source,
                             std::string_view status) const {
  const std::string_view currency = row.at("currency_code").as_string();
  const Product product = product_of(draw(kProductDraw, source), is_gift(source), currency);
  const std::int64_t price = plan_price(*product.plan, currency, product.yearly);
  row["billing_period"] = 1;
  row["billing_period_unit"] = product.yearly ? "year" : "month";
  row["mrr"] = mrr_of(product, status);
  const std::int64_t addon_price = is_zero_decimal(currency) ? 700 : 490;
  if (settings_.catalog == 1) {
    row["plan_id"] = plan_id(*product.plan, currency, product.yearly);
    row["plan_quantity"] = product.quantity;
    row["plan_unit_price"] = price;
    row["plan_amount"] = price * product.quantity;
    row["plan_free_quantity"] = 0;
    if (product.with_addon) {
      row["addons"] = json::array{json::object{{"id", "support-usd"},
                                               {"quantity", 1},
                                               {"unit_price", addon_price},
                                               {"amount", addon_price},
                                               {"object", "addon"}}};
    }
    return;
  }
  json::array items;
  const auto item = [&](const std::string& id, std::string_view type, std::int64_t unit,
                        std::int64_t quantity) {
    items.push_back(json::object{{"item_price_id", id},
                                 {"item_type", type},
                                 {"quantity", quantity},
                                 {"unit_price", unit},
                                 {"amount", unit * quantity},
                                 {"free_quantity", 0},
                                 {"object", "subscription_item"}});
  };
  // The plan is not always the first item.
  if (product.with_addon)
    item("support-" + std::string{currency} + "-Monthly", "addon", addon_price, 1);
  item(item_price_id(*product.plan, currency, product.yearly), "plan", price, product.quantity);
  row["subscription_items"] = std::move(items);
}

std::int64_t Generator::subscription_mrr(std::uint64_t source) const {
  return mrr_of(product_of(draw(kProductDraw, source), is_gift(source), currency(source / 256)),
                subscription_status(source));
}

json::object Generator::subscription(std::uint64_t source) const {
  const RowKeys keys = subscription_keys(source);
  const std::uint64_t customer = source / 256;
  const std::string_view status = subscription_status(source);
  json::object row;
  row.reserve(36);
  row["id"] = keys.id;
  row["currency_code"] = currency(customer);
  row["customer_id"] = customer_keys(customer).id;
  row["status"] = status;
  row["created_at"] = keys.created_at;
  if (keys.updated_at != 0) row["updated_at"] = keys.updated_at;
  add_terms(row, source, status);
  add_products(row, source, status);
  row["has_scheduled_changes"] = false;
  row["has_scheduled_advance_invoices"] = false;
  row["due_invoices_count"] = 0;
  row["exchange_rate"] = 1.0;
  row["base_currency_code"] = "USD";
  row["channel"] = "web";
  row["decommissioned"] = false;
  row["auto_close_invoices"] = true;
  row["resource_version"] = keys.resource_version;
  row["deleted"] = keys.deleted;
  row["object"] = "subscription";
  if (is_gift(source)) row["gift_id"] = gift_keys(gifter_of(source)).id;
  auto draws = draw(kSubscriptionDraw, source + (1ULL << 60));
  const auto set = [&](std::string_view name, double share, auto&& value) {
    if (draws.chance(share)) {
      row[name] = value();
    } else if (settings_.null_custom_fields) {
      row[name] = nullptr;
    }
  };
  set("cf_sales_rep", 0.2,
      [&] { return json::value(draws.pick(cultures()).last.front().written); });
  set("cf_auto_upgrade", 0.3, [&] { return json::value(draws.chance(0.5) ? "True" : "False"); });
  set("cf_contract_end", 0.1, [] { return json::value("2027-02-28"); });
  set("cf_seats", 0.2, [&] { return json::value(draws.between(1, 500)); });
  set("cf_region", 0.3, [&] {
    return json::value(std::array{"EMEA", "APAC", "AMER"}[draws.below(3)]);
  });
  if (draws.chance(0.1)) {
    row["coupons"] = json::array{
        json::object{{"coupon_id", "WELCOME10"}, {"applied_count", 1}, {"object", "coupon"}}};
  }
  return row;
}

RowKeys Generator::gift_keys(std::uint64_t gifter) const {
  auto draws = draw(kGiftDraw, gifter + (1ULL << 61));
  const RowKeys buyer = customer_keys(gifter);
  RowKeys keys;
  keys.id = draws.token(50);
  const std::int64_t room = std::max<std::int64_t>(2, settings_.data_end - buyer.created_at);
  keys.created_at = buyer.created_at + draws.between(0, room / 2);
  const std::int64_t after = std::max<std::int64_t>(1, settings_.data_end - keys.created_at);
  keys.updated_at = keys.created_at + draws.between(0, after - 1);
  keys.resource_version = keys.updated_at * 1000 + draws.between(0, 999);
  return keys;
}

json::object Generator::gift(std::uint64_t gifter) const {
  const RowKeys keys = gift_keys(gifter);
  const std::string_view status = gift_status(gifter);
  const std::uint64_t to = receiver(gifter).value_or(gifter);
  const unsigned ordinal = to == gifter ? kSelfGiftOrdinal : kGiftOrdinal;
  auto draws = draw(kGiftDraw, gifter + (1ULL << 62));
  json::array timeline;
  const auto step = [&](std::string_view name, std::int64_t at) {
    // Newest first, as the vendor lists them.
    timeline.insert(
        timeline.begin(),
        json::object{{"status", name}, {"occurred_at", at}, {"object", "gift_timeline"}});
  };
  step("scheduled", keys.created_at);
  if (status != "scheduled" && status != "cancelled")
    step("unclaimed", (keys.created_at + keys.updated_at) / 2);
  if (status != "scheduled" && status != "unclaimed") step(status, keys.updated_at);

  json::object row = {{"id", keys.id},
                      {"status", status},
                      {"scheduled_at", keys.created_at},
                      {"auto_claim", draws.chance(0.2)},
                      {"resource_version", keys.resource_version},
                      {"updated_at", keys.updated_at}};
  const bool no_expiry = status != "expired" && draws.chance(0.5);
  row["no_expiry"] = no_expiry;
  if (!no_expiry) row["claim_expiry_date"] = keys.created_at + 90 * kDay;
  row["gifter"] = json::object{{"customer_id", customer_keys(gifter).id},
                               {"invoice_id", "INV-G" + std::to_string(gifter)},
                               {"signature", "Für Dich ♥"},
                               {"note", "Happy birthday!"},
                               {"object", "gifter"}};
  json::object person = {
      {"customer_id", customer_keys(to).id},
      {"subscription_id", subscription_keys(subscription_source(to, ordinal)).id}};
  json::object receiver_row;
  add_person(receiver_row, to);
  for (const char* name : {"first_name", "last_name", "email"}) {
    if (const json::value* value = receiver_row.if_contains(name)) person[name] = *value;
  }
  person["object"] = "gift_receiver";
  row["gift_receiver"] = std::move(person);
  row["gift_timelines"] = std::move(timeline);
  row["object"] = "gift";
  return row;
}

bool Generator::has_invoice(std::uint64_t subscription) const {
  const std::string_view status = subscription_status(subscription);
  return status != "future" && status != "in_trial" && !is_gift(subscription);
}

RowKeys Generator::invoice_keys(std::uint64_t subscription) const {
  const RowKeys owner = subscription_keys(subscription);
  RowKeys keys = owner;
  keys.id = "INV-" + std::to_string(subscription);
  keys.updated_at =
      owner.created_at + static_cast<std::int64_t>(draw(kInvoiceDraw, subscription).below(3));
  keys.resource_version = keys.updated_at * 1000 + 3;
  return keys;
}

json::object Generator::invoice(std::uint64_t subscription_index) const {
  const RowKeys keys = invoice_keys(subscription_index);
  const json::object owner = subscription(subscription_index);
  const std::string_view currency = owner.at("currency_code").as_string();
  const Product product = product_of(draw(kProductDraw, subscription_index), false, currency);
  const std::int64_t total = plan_price(*product.plan, currency, product.yearly) * product.quantity;
  return {{"id", keys.id},
          {"customer_id", owner.at("customer_id")},
          {"subscription_id", owner.at("id")},
          {"recurring", true},
          {"status", "paid"},
          {"price_type", "tax_exclusive"},
          {"date", keys.created_at},
          {"due_date", keys.created_at},
          {"net_term_days", 0},
          {"currency_code", currency},
          {"total", total},
          {"amount_paid", total},
          {"amount_adjusted", 0},
          {"write_off_amount", 0},
          {"credits_applied", 0},
          {"amount_due", 0},
          {"paid_at", keys.updated_at},
          {"updated_at", keys.updated_at},
          {"resource_version", keys.resource_version},
          {"first_invoice", true},
          {"is_gifted", false},
          {"term_finalized", true},
          {"deleted", keys.deleted},
          {"object", "invoice"}};
}

}  // namespace chargebee_sandbox
