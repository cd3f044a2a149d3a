// Names of plans: item prices in product catalogue 2.0, plans in 1.0. Read once a run; their number
// is that of offers, not of customers.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <sluice/context.hpp>
#include <string>
#include <unordered_map>
#include <vector>

#include "api.hpp"
#include "walk.hpp"

namespace chargebee {

[[nodiscard]] ListQuery plan_list(Catalogue catalogue);

// The plan's id on a subscription of either catalogue; empty when there is none.
[[nodiscard]] std::string plan_code(const json::object& subscription);

// Threads: [any thread].
class Plans {
 public:
  [[nodiscard]] static std::shared_ptr<Plans> load(sluice::Context& context, Api& api);

  // Empty when Chargebee knows no such plan. One that is not in the list (deleted, or new) is asked
  // for once.
  [[nodiscard]] std::string name(sluice::Context& context, const std::string& code);
  // Plans behind `after`, by id, that were edited at `bookmark` (seconds) or later: perhaps
  // renamed.
  [[nodiscard]] std::vector<std::string> changed(std::int64_t bookmark, const std::string& after,
                                                 std::size_t count) const;
  // How subscriptions are filtered by plan.
  [[nodiscard]] std::string subscription_filter() const;

 private:
  struct Plan {
    std::string name;
    std::int64_t updated_at = 0;
  };
  Plans(Api& api, Catalogue catalogue) : api_{api}, catalogue_{catalogue} {}
  [[nodiscard]] std::string name_of(const json::object& plan) const;

  Api& api_;
  Catalogue catalogue_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Plan> plans_;
};

}  // namespace chargebee
