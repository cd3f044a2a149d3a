#include "form.hpp"

#include <algorithm>
#include <array>

#include "api_error.hpp"
#include "sluice/error.hpp"

namespace chargebee_sandbox {
namespace {

namespace json = sluice::json;

constexpr std::array<std::string_view, 19> kIntegers = {"net_term_days",
                                                        "billing_date",
                                                        "billing_month",
                                                        "quantity",
                                                        "unit_price",
                                                        "amount",
                                                        "trial_end",
                                                        "start_date",
                                                        "created_at",
                                                        "billing_cycles",
                                                        "plan_quantity",
                                                        "plan_unit_price",
                                                        "scheduled_at",
                                                        "expiry_year",
                                                        "expiry_month",
                                                        "claim_expiry_date",
                                                        "contract_term_billing_cycle_on_renewal",
                                                        "free_period",
                                                        "cancel_at"};
constexpr std::array<std::string_view, 14> kBooleans = {
    "allow_direct_debit", "auto_close_invoices",   "consolidated_invoicing",
    "is_location_valid",  "end_of_term",           "auto_claim",
    "no_expiry",          "delete_payment_method", "enabled",
    "send_account_email", "send_billing_email",    "replace_items_list",
    "registered_for_gst", "invoice_immediately"};

template <typename Names>
bool contains(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

json::value typed(const std::string& key, std::string_view name, const std::string& text) {
  if (text.empty()) return nullptr;
  if (name == "meta_data" || name == "exemption_details") {
    try {
      return sluice::parse_json(text);
    } catch (const sluice::Error&) {
      throw ApiError::wrong_value(key, "should be JSON");
    }
  }
  if (contains(kIntegers, name)) {
    const bool digits =
        text.size() < 18 && text.find_first_not_of("-0123456789") == std::string::npos;
    if (!digits) throw ApiError::wrong_value(key, "should be a number");
    return std::stoll(text);
  }
  if (contains(kBooleans, name)) {
    if (text != "true" && text != "false")
      throw ApiError::wrong_value(key, "should be true or false");
    return text == "true";
  }
  if (name.starts_with("cs_") && (text == "true" || text == "false")) return text == "true";
  // Checkboxes come back as words with a capital.
  if (name.starts_with("cf_") && (text == "true" || text == "false"))
    return text == "true" ? "True" : "False";
  return json::string{text};
}

bool is_index(std::string_view text) {
  return !text.empty() && text.size() < 4 &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

// The object behind `name` in `parent`, made when it is not there.
json::object& child(json::object& parent, std::string_view name) {
  json::value& value = parent[name];
  if (!value.is_object()) value.emplace_object();
  return value.get_object();
}

json::object& element(json::object& parent, std::string_view name, std::size_t index) {
  json::value& value = parent[name];
  if (!value.is_array()) value.emplace_array();
  json::array& array = value.get_array();
  while (array.size() <= index) array.push_back(json::object{});
  return array[index].get_object();
}

}  // namespace

json::object read_form(const sluice::testing::SandboxPairs& form) {
  json::object out;
  for (const auto& [key, text] : form) {
    std::vector<std::string> parts;
    std::string part;
    for (const char c : key) {
      if (c == '[' || c == ']') {
        if (!part.empty()) parts.push_back(std::move(part));
        part.clear();
      } else {
        part.push_back(c);
      }
    }
    if (!part.empty()) parts.push_back(std::move(part));
    if (parts.empty()) continue;
    if (parts.size() == 1) {
      out[parts[0]] = typed(key, parts[0], text);
    } else if (parts.size() == 2 && is_index(parts[1])) {
      json::value& list = out[parts[0]];
      if (!list.is_array()) list.emplace_array();
      list.get_array().push_back(json::string{text});
    } else if (parts.size() == 3 && is_index(parts[2])) {
      element(out, parts[0], std::stoul(parts[2]))[parts[1]] = typed(key, parts[1], text);
    } else {
      child(out, parts[0])[parts[1]] = typed(key, parts[1], text);
    }
  }
  return out;
}

}  // namespace chargebee_sandbox
