#include "representing.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <sluice/error.hpp>
#include <string>
#include <tuple>

namespace chargebee {
namespace {

// The higher, the better.
double status_rank(const json::object& subscription) {
  static constexpr std::array<std::string_view, 6> kBestFirst{
      "active", "non_renewing", "in_trial", "future", "paused", "cancelled"};
  const auto status = text_of(subscription, "status");
  const auto* found = std::find(kBestFirst.begin(), kBestFirst.end(), status);
  return static_cast<double>(kBestFirst.end() - found);
}

double rank(const json::object& subscription, Choice choice) {
  switch (choice) {
    case Choice::PreferActive:
      return status_rank(subscription);
    case Choice::LatestUpdated:
      return static_cast<double>(version_of(subscription));
    case Choice::HighestMrr: {
      const double rate = number_of(subscription, "exchange_rate");
      return number_of(subscription, "mrr") * (rate > 0 ? rate : 1.0);
    }
    case Choice::LatestCreated:
      break;
  }
  return 0;
}

auto order(const json::object& subscription, Choice choice) {
  return std::tuple{rank(subscription, choice), whole(subscription, "created_at").value_or(0),
                    text_of(subscription, "id")};
}

}  // namespace

Choice parse_choice(std::string_view text) {
  if (text == "prefer_active") return Choice::PreferActive;
  if (text == "latest_created") return Choice::LatestCreated;
  if (text == "latest_updated") return Choice::LatestUpdated;
  if (text == "highest_mrr") return Choice::HighestMrr;
  throw sluice::Error{sluice::Code::Config,
                      "subscription: \"" + std::string{text} +
                          "\" is not one of prefer_active, latest_created, latest_updated, "
                          "highest_mrr"};
}

std::optional<std::size_t> representing(const std::vector<json::object>& subscriptions,
                                        Choice choice) {
  if (subscriptions.empty()) return std::nullopt;
  const auto best = std::max_element(subscriptions.begin(), subscriptions.end(),
                                     [choice](const json::object& a, const json::object& b) {
                                       return order(a, choice) < order(b, choice);
                                     });
  return static_cast<std::size_t>(best - subscriptions.begin());
}

}  // namespace chargebee
