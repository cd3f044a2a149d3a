#include "catalogue.hpp"

#include <algorithm>
#include <cctype>

namespace chargebee_sandbox {
namespace {

namespace json = sluice::json;

constexpr PlanKind kPlans[] = {{"basic", "Basic", "Basic Plan", 9, false},
                               {"silver", "Silver", "", 29, false},
                               {"gold", "Gold", "Gold – alles drin", 79, false},
                               {"platinum", "Platinum \"Pro\"", "Platinum", 199, false},
                               {"team", "Team & Friends", "", 349, false},
                               {"gift-box", "Gift Box", "Gift Box 🎁", 25, true}};
constexpr std::string_view kCurrencies[] = {"USD", "EUR", "GBP", "JPY", "CAD",
                                            "BRL", "PLN", "INR", "AUD"};

std::string lower(std::string_view text) {
  std::string out{text};
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

json::object stamp(json::object row, std::int64_t at, std::string_view object) {
  row["created_at"] = at;
  row["updated_at"] = at;
  row["resource_version"] = at * 1000 + 7;
  row["object"] = object;
  return row;
}

json::object config(std::string_view entity, std::string_view name, std::string_view title,
                    std::string_view type, std::string_view props, int order) {
  return {{"entity_type", entity}, {"api_name", name},
          {"display_name", title}, {"field_datatype", type},
          {"edit_ui", true},       {"required", false},
          {"props", props},        {"field_order", order},
          {"status", "enabled"},   {"object", "custom_field_config"}};
}

}  // namespace

std::span<const PlanKind> plan_kinds() {
  return kPlans;
}

std::span<const std::string_view> currencies() {
  return kCurrencies;
}

bool is_zero_decimal(std::string_view currency) {
  return currency == "JPY" || currency == "KRW";
}

std::int64_t plan_price(const PlanKind& plan, std::string_view currency, bool yearly) {
  const std::int64_t months = yearly ? 10 : 1;
  if (currency == "JPY") return plan.dollars * 150 * months;
  if (currency == "INR") return plan.dollars * 80 * 100 * months;
  return (plan.dollars * 100 - 1) * months;
}

std::string item_price_id(const PlanKind& plan, std::string_view currency, bool yearly) {
  return std::string{plan.id} + '-' + std::string{currency} + (yearly ? "-Yearly" : "-Monthly");
}

std::string plan_id(const PlanKind& plan, std::string_view currency, bool yearly) {
  return std::string{plan.id} + '-' + lower(currency) + (yearly ? "-yearly" : "");
}

std::vector<json::object> make_items(std::int64_t at) {
  std::vector<json::object> rows;
  for (const PlanKind& plan : kPlans) {
    json::object row = {{"id", plan.id},
                        {"name", plan.name},
                        {"status", "active"},
                        {"item_family_id", "acme-family"},
                        {"type", "plan"},
                        {"is_shippable", false},
                        {"is_giftable", plan.giftable},
                        {"enabled_for_checkout", true},
                        {"enabled_in_portal", true},
                        {"item_applicability", "all"},
                        {"metered", false},
                        {"channel", "web"}};
    if (!plan.external_name.empty()) row["external_name"] = plan.external_name;
    rows.push_back(stamp(std::move(row), at, "item"));
  }
  rows.push_back(stamp({{"id", "support"},
                        {"name", "Support"},
                        {"status", "active"},
                        {"item_family_id", "acme-family"},
                        {"type", "addon"},
                        {"is_shippable", false},
                        {"is_giftable", false},
                        {"enabled_for_checkout", true},
                        {"enabled_in_portal", true},
                        {"metered", false}},
                       at, "item"));
  return rows;
}

std::vector<json::object> make_item_prices(std::int64_t at) {
  std::vector<json::object> rows;
  const auto add = [&](json::object row) {
    rows.push_back(stamp(std::move(row), at, "item_price"));
  };
  for (const PlanKind& plan : kPlans) {
    for (const auto currency : kCurrencies) {
      for (const bool yearly : {false, true}) {
        json::object row = {{"id", item_price_id(plan, currency, yearly)},
                            {"name", std::string{plan.name} + ' ' + std::string{currency} +
                                         (yearly ? " Yearly" : " Monthly")},
                            {"item_family_id", "acme-family"},
                            {"item_id", plan.id},
                            {"status", plan.id == "silver" && yearly ? "archived" : "active"},
                            {"pricing_model", "flat_fee"},
                            {"price", plan_price(plan, currency, yearly)},
                            {"period", 1},
                            {"currency_code", currency},
                            {"period_unit", yearly ? "year" : "month"},
                            {"free_quantity", 0},
                            {"channel", "web"},
                            {"is_taxable", true},
                            {"item_type", "plan"},
                            {"show_description_in_invoices", false},
                            {"show_description_in_quotes", false}};
        if (!plan.external_name.empty()) row["external_name"] = plan.external_name;
        add(std::move(row));
      }
    }
  }
  for (const auto currency : kCurrencies) {
    add({{"id", "support-" + std::string{currency} + "-Monthly"},
         {"name", "Support " + std::string{currency} + " Monthly"},
         {"item_family_id", "acme-family"},
         {"item_id", "support"},
         {"status", "active"},
         {"pricing_model", "per_unit"},
         {"price", is_zero_decimal(currency) ? 700 : 490},
         {"period", 1},
         {"currency_code", currency},
         {"period_unit", "month"},
         {"free_quantity", 0},
         {"is_taxable", true},
         {"item_type", "addon"}});
  }
  add({{"id", "legacy-USD-Monthly"},
       {"name", "Legacy USD Monthly"},
       {"item_family_id", "acme-family"},
       {"item_id", "basic"},
       {"status", "deleted"},
       {"pricing_model", "flat_fee"},
       {"price", 500},
       {"period", 1},
       {"currency_code", "USD"},
       {"period_unit", "month"},
       {"item_type", "plan"}});
  return rows;
}

std::vector<json::object> make_plans(std::int64_t at) {
  std::vector<json::object> rows;
  for (const PlanKind& plan : kPlans) {
    for (const auto currency : kCurrencies) {
      for (const bool yearly : {false, true}) {
        json::object row = {
            {"id", plan_id(plan, currency, yearly)},
            {"name", std::string{plan.name} + (yearly ? " Yearly " : " ") + std::string{currency}},
            {"price", plan_price(plan, currency, yearly)},
            {"period", 1},
            {"period_unit", yearly ? "year" : "month"},
            {"pricing_model", "flat_fee"},
            {"charge_model", "flat_fee"},
            {"free_quantity", 0},
            {"status", plan.id == "silver" && yearly ? "archived" : "active"},
            {"enabled_in_hosted_pages", true},
            {"enabled_in_portal", true},
            {"addon_applicability", "all"},
            {"is_shippable", false},
            {"giftable", plan.giftable},
            {"currency_code", currency},
            {"taxable", true},
            {"channel", "web"},
            {"show_description_in_invoices", false},
            {"show_description_in_quotes", false}};
        if (!plan.external_name.empty()) row["invoice_name"] = plan.external_name;
        rows.push_back(stamp(std::move(row), at, "plan"));
        rows.back().erase("created_at");
      }
    }
  }
  return rows;
}

std::vector<json::object> make_addons(std::int64_t at) {
  std::vector<json::object> rows;
  for (const auto currency : kCurrencies) {
    rows.push_back(stamp({{"id", "support-" + lower(currency)},
                          {"name", "Support " + std::string{currency}},
                          {"pricing_model", "per_unit"},
                          {"type", "quantity"},
                          {"charge_type", "recurring"},
                          {"price", is_zero_decimal(currency) ? 700 : 490},
                          {"period", 1},
                          {"period_unit", "month"},
                          {"unit", "seat"},
                          {"status", "active"},
                          {"currency_code", currency}},
                         at, "addon"));
    rows.back().erase("created_at");
  }
  return rows;
}

std::vector<json::object> make_coupons(std::int64_t at) {
  std::vector<json::object> rows;
  rows.push_back(stamp({{"id", "WELCOME10"},
                        {"name", "Welcome 10 %"},
                        {"discount_type", "percentage"},
                        {"discount_percentage", 10.0},
                        {"duration_type", "one_time"},
                        {"status", "active"},
                        {"apply_on", "invoice_amount"},
                        {"redemptions", 12}},
                       at, "coupon"));
  rows.push_back(stamp({{"id", "SUMMER"},
                        {"name", "Summer & Sun"},
                        {"discount_type", "fixed_amount"},
                        {"discount_amount", 500},
                        {"currency_code", "USD"},
                        {"duration_type", "forever"},
                        {"status", "archived"},
                        {"apply_on", "invoice_amount"},
                        {"redemptions", 3}},
                       at + 60, "coupon"));
  return rows;
}

std::vector<json::object> make_custom_field_configs() {
  const std::string_view none = "{}";
  return {
      config("customer", "cf_nick", "Nickname", "string", none, 1),
      config("customer", "cf_newsletter", "Newsletter", "checkbox", R"({"default":"False"})", 2),
      config("customer", "cf_birthday", "Birthday", "date", none, 3),
      config("customer", "cf_loyalty_points", "Loyalty points", "number", none, 4),
      config("customer", "cf_tier", "Tier", "dropdown", R"({"options":["Bronze","Silver","Gold"]})",
             5),
      config("customer", "cf_external_ref", "External reference", "string", none, 6),
      config("customer", "cf_website", "Website", "url", none, 7),
      config("subscription", "cf_sales_rep", "Sales representative", "string", none, 1),
      config("subscription", "cf_auto_upgrade", "Upgrade by itself", "checkbox",
             R"({"default":"False"})", 2),
      config("subscription", "cf_contract_end", "Contract end", "date", none, 3),
      config("subscription", "cf_seats", "Seats", "number", none, 4),
      config("subscription", "cf_region", "Region", "dropdown",
             R"({"options":["EMEA","APAC","AMER"]})", 5)};
}

}  // namespace chargebee_sandbox
