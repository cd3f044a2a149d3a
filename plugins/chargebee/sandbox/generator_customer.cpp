#include <algorithm>
#include <array>
#include <cmath>

#include "generator_detail.hpp"

namespace chargebee_sandbox {

using namespace detail;

namespace {

constexpr std::int64_t kSpan = 4200LL * 86'400;
// Chargebee records updated_at since this day only.
constexpr std::int64_t kUpdatedAtIntroduced = 1'475'020'800;
// Rows that share one second, as after an import: more than fit on a page.
constexpr std::uint64_t kSameSecond = 150;

void add_contact(json::object& row, Draw& draw, const Culture& culture, std::string_view email) {
  const Name& first = draw.pick(culture.first);
  const Name& last = draw.pick(culture.last);
  row["contacts"] = json::array{json::object{{"id", std::string{"contact_"} + draw.token(12)},
                                             {"first_name", first.written},
                                             {"last_name", last.written},
                                             {"email", "accounts." + std::string{email}},
                                             {"label", "Accounting"},
                                             {"enabled", true},
                                             {"send_account_email", false},
                                             {"send_billing_email", true},
                                             {"object", "contact"}}};
}

}  // namespace

Generator::Generator(const Settings& settings)
    : settings_{settings},
      live_{settings.customers},
      deleted_count_{
          static_cast<std::uint64_t>(std::llround(static_cast<double>(live_) * settings.deleted))},
      total_{live_ + deleted_count_},
      start_{settings.data_end - kSpan} {}

Draw Generator::draw(std::uint64_t kind, std::uint64_t index) const {
  return Draw{settings_.seed, kind, index};
}

bool Generator::deleted(std::uint64_t index) const {
  if (index >= total_) return false;
  // Spread evenly, so that exactly deleted_count_ of total_ are.
  return (index + 1) * deleted_count_ / total_ != index * deleted_count_ / total_;
}

std::int64_t Generator::customer_created(std::uint64_t index) const {
  if (index >= total_) return settings_.data_end;
  const std::uint64_t block = total_ * 2 / 5;
  const bool in_block = total_ >= 1000 && index >= block && index < block + kSameSecond;
  const std::uint64_t place = in_block ? block : index;
  const auto span = static_cast<std::uint64_t>(kSpan - 86'400);
  const std::uint64_t spacing = std::max<std::uint64_t>(1, span / total_);
  const auto offset =
      span * place / total_ + (in_block ? 0 : draw(kCreatedDraw, index).below(spacing));
  return start_ + static_cast<std::int64_t>(offset);
}

RowKeys Generator::customer_keys(std::uint64_t index) const {
  RowKeys keys;
  auto ids = draw(kIdDraw, index);
  const double style = ids.unit();
  if (style < 0.8) {
    keys.id = ids.token(16);
  } else if (style < 0.99) {
    keys.id = "cust_" + digits(index, 7);
  } else {
    static constexpr std::array<std::string_view, 5> kOdd = {"acme/eu-", "Kunde ü ", "a+b@c.",
                                                             "50%-", "x&y=#?"};
    keys.id = std::string{ids.pick(kOdd)} + std::to_string(index);
  }
  keys.created_at = customer_created(index);
  keys.deleted = deleted(index);

  auto updates = draw(kUpdatedDraw, index);
  const std::uint64_t block = total_ * 7 / 10;
  const bool in_block = total_ >= 1000 && index >= block && index < block + kSameSecond;
  const double since = updates.unit();
  if (in_block) {
    keys.updated_at = settings_.data_end - 40LL * 86'400;
  } else if (since < 0.25 && !keys.deleted) {
    keys.updated_at = keys.created_at + updates.between(0, 2);
  } else {
    const auto room = static_cast<double>(settings_.data_end - keys.created_at);
    keys.updated_at = keys.created_at + static_cast<std::int64_t>(room * std::sqrt(updates.unit()));
  }
  const double old_share =
      static_cast<double>(kUpdatedAtIntroduced - start_) / static_cast<double>(kSpan);
  const bool without = keys.created_at < kUpdatedAtIntroduced && !keys.deleted &&
                       updates.chance(settings_.without_updated_at / std::max(0.01, old_share));
  const std::int64_t base = without ? keys.created_at : keys.updated_at;
  keys.resource_version = base * 1000 + updates.between(0, 999);
  if (without) keys.updated_at = 0;
  return keys;
}

std::optional<std::uint64_t> Generator::live_before(std::uint64_t index) const {
  while (index > 0) {
    if (!deleted(--index)) return index;
  }
  return std::nullopt;
}

void Generator::add_custom_fields(json::object& row, std::uint64_t index) const {
  auto draws = draw(kFieldsDraw, index);
  const auto set = [&](std::string_view name, double share, auto&& value) {
    if (draws.chance(share)) {
      row[name] = value();
    } else if (settings_.null_custom_fields) {
      row[name] = nullptr;
    }
  };
  const bool cleared = pii_state(index) == "cleared";
  set("cf_nick", cleared ? 0 : 0.3,
      [&] { return json::value(draws.pick(cultures()).first.front().written); });
  set("cf_newsletter", 0.5, [&] { return json::value(draws.chance(0.5) ? "True" : "False"); });
  set("cf_birthday", cleared ? 0 : 0.2, [&] {
    const std::int64_t year = draws.between(1940, 2004);
    const std::uint64_t month = draws.below(12) + 1;
    const std::uint64_t day = draws.below(28) + 1;
    return json::value(std::to_string(year) + "-" + digits(month, 2) + "-" + digits(day, 2));
  });
  set("cf_loyalty_points", 0.25, [&] { return json::value(draws.between(0, 5000)); });
  set("cf_tier", 0.4, [&] {
    return json::value(std::array{"Bronze", "Silver", "Gold"}[draws.below(3)]);
  });
  set("cf_external_ref", 0.2, [&] { return json::value(digits(draws.below(100'000), 8)); });

  const double consent = draws.unit();
  if (consent < 0.25) {
    row["cs_marketing"] = settings_.consent_as_text ? json::value("True") : json::value(true);
  } else if (consent < 0.35) {
    row["cs_marketing"] = settings_.consent_as_text ? json::value("False") : json::value(false);
  } else if (consent < 0.45) {
    row["cs_marketing"] = nullptr;
  }
  if (draws.chance(0.2)) {
    row["meta_data"] = json::object{{"source", draws.chance(0.5) ? "import" : "web"},
                                    {"tags", json::array{"a", "b,c"}},
                                    {"score", static_cast<double>(draws.below(1000)) / 100}};
  }
}

void Generator::add_accounts(json::object& row, std::uint64_t index) const {
  auto draws = draw(kAccountDraw, index);
  if (const json::value* email = row.if_contains("email"); email != nullptr && draws.chance(0.08)) {
    add_contact(row, draws, draws.pick(cultures()), std::string{email->get_string()});
  }
  const auto card_row = card(index);
  row["card_status"] = card_row ? "valid" : "no_card";
  if (card_row) {
    row["primary_payment_source_id"] = card_row->at("payment_source_id");
    row["payment_method"] = json::object{{"type", "card"},
                                         {"gateway", "stripe"},
                                         {"gateway_account_id", "gw_acme"},
                                         {"status", "valid"},
                                         {"reference_id", "cus_" + draws.token(12)},
                                         {"object", "payment_method"}};
  }
  row["promotional_credits"] = draws.chance(0.02) ? 500 : 0;
  row["refundable_credits"] = 0;
  row["excess_payments"] = 0;
  row["unbilled_charges"] = 0;
  std::int64_t mrr = 0;
  for (const unsigned ordinal : subscription_ordinals(index)) {
    mrr += subscription_mrr(subscription_source(index, ordinal));
  }
  row["mrr"] = mrr;
  row["tax_providers_fields"] = json::array{};
  row["auto_close_invoices"] = true;
  if (settings_.catalog == 2 && index < total_ && draws.chance(0.003)) {
    if (const auto other = live_before(index); other && !deleted(index)) {
      const std::string address = email(*other);
      row["business_entity_id"] = "entity_eu";
      row["active_id"] = customer_keys(*other).id;
      if (!address.empty()) row["email"] = address;
    }
  }
}

json::object Generator::customer(std::uint64_t index) const {
  const RowKeys keys = customer_keys(index);
  json::object row;
  row.reserve(40);
  row["id"] = keys.id;
  add_person(row, index);
  row["auto_collection"] = draw(kAccountDraw, index).chance(0.9) ? "on" : "off";
  row["net_term_days"] = 0;
  row["allow_direct_debit"] = false;
  row["created_at"] = keys.created_at;
  row["taxability"] = "taxable";
  if (keys.updated_at != 0) row["updated_at"] = keys.updated_at;
  row["pii_cleared"] = pii_state(index);
  row["channel"] = "web";
  row["resource_version"] = keys.resource_version;
  row["deleted"] = keys.deleted;
  row["object"] = "customer";
  add_address(row, index);
  add_custom_fields(row, index);
  add_accounts(row, index);
  return row;
}

std::optional<json::object> Generator::card(std::uint64_t index) const {
  auto draws = draw(kCardDraw, index);
  if (!draws.chance(0.5) || pii_state(index) == "cleared") return std::nullopt;
  const std::string last4 = digits(draws.below(10'000), 4);
  const RowKeys keys = customer_keys(index);
  return json::object{{"payment_source_id", "pm_" + draws.token(16)},
                      {"status", "valid"},
                      {"gateway", "stripe"},
                      {"gateway_account_id", "gw_acme"},
                      {"iin", "411111"},
                      {"last4", last4},
                      {"card_type", "visa"},
                      {"funding_type", "credit"},
                      {"expiry_month", draws.between(1, 12)},
                      {"expiry_year", draws.between(2027, 2031)},
                      {"masked_number", "************" + last4},
                      {"customer_id", keys.id},
                      {"created_at", keys.created_at},
                      {"object", "card"}};
}

}  // namespace chargebee_sandbox
