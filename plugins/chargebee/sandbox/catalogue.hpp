// The products that the generated subscriptions are for, as both product catalogues see them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/json.hpp"

namespace chargebee_sandbox {

struct PlanKind {
  std::string_view id;
  std::string_view name;
  std::string_view external_name;  // empty: none
  std::int64_t dollars;            // a month
  bool giftable;
};

[[nodiscard]] std::span<const PlanKind> plan_kinds();
[[nodiscard]] std::span<const std::string_view> currencies();
// Whether amounts are whole units rather than hundredths.
[[nodiscard]] bool is_zero_decimal(std::string_view currency);
// What a plan costs per period, in the API's integers.
[[nodiscard]] std::int64_t plan_price(const PlanKind& plan, std::string_view currency, bool yearly);
[[nodiscard]] std::string item_price_id(const PlanKind& plan, std::string_view currency,
                                        bool yearly);
[[nodiscard]] std::string plan_id(const PlanKind& plan, std::string_view currency, bool yearly);

// All rows of one kind, `at` being their created_at and updated_at.
[[nodiscard]] std::vector<sluice::json::object> make_items(std::int64_t at);
[[nodiscard]] std::vector<sluice::json::object> make_item_prices(std::int64_t at);
[[nodiscard]] std::vector<sluice::json::object> make_plans(std::int64_t at);
[[nodiscard]] std::vector<sluice::json::object> make_addons(std::int64_t at);
[[nodiscard]] std::vector<sluice::json::object> make_coupons(std::int64_t at);
// Descriptions of the cf_* fields that generated rows carry.
[[nodiscard]] std::vector<sluice::json::object> make_custom_field_configs();

}  // namespace chargebee_sandbox
