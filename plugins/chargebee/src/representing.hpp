// Which of a customer's subscriptions stands for the customer.
#pragma once

#include <cstddef>
#include <optional>
#include <sluice/json.hpp>
#include <string_view>
#include <vector>

#include "fields.hpp"

namespace chargebee {

enum class Choice { PreferActive, LatestCreated, LatestUpdated, HighestMrr };

// "prefer_active", … as written in an integration. Errors: throws Error{Config}.
[[nodiscard]] Choice parse_choice(std::string_view text);

// The index of the chosen one; nothing when there is none. Deleted ones must not be among them.
//   PreferActive   the best status: active, non_renewing, in_trial, future, paused, cancelled, any
//   other HighestMrr     monthly recurring revenue, converted by exchange_rate where currencies
//   differ
// Ties go to the latest created_at, then to the highest id.
[[nodiscard]] std::optional<std::size_t> representing(
    const std::vector<json::object>& subscriptions, Choice choice);

}  // namespace chargebee
