#include <algorithm>
#include <array>

#include "generator_detail.hpp"
#include "people.hpp"

namespace chargebee_sandbox {
using namespace detail;

namespace {

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

Product detail::product_of(Draw draws, bool gift, std::string_view currency) {
  const auto plans = plan_kinds();
  const auto normal = plans.size() - 1;  // the last one is for gifts
  const bool yearly = draws.chance(0.25);
  return {&plans[gift ? normal : draws.below(normal)], currency, gift ? false : yearly,
          draws.chance(0.1) ? draws.between(2, 20) : 1, !gift && draws.chance(0.2)};
}

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

}  // namespace chargebee_sandbox
