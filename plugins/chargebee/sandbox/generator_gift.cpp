#include <algorithm>
#include <array>

#include "generator_detail.hpp"

namespace chargebee_sandbox {

using namespace detail;

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
