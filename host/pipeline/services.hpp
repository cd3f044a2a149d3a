// What the pipeline offers to a running connector: its log, its share of the account's request
// budget, its counters.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <sluice/context.hpp>
#include <string>
#include <utility>
#include <vector>

#include "integration/integration.hpp"
#include "state/rate_budget.hpp"

namespace sluice::host {

// Threads: [any thread].
class ConnectorServices final : public HostServices {
 public:
  // `side` is "source" or "destination"; `connection` gives `rate:` and `share:`.
  ConnectorServices(std::string side, const Connection& connection, RateBudget& budget);

  void log(LogLevel level, std::string_view line) override;
  std::chrono::milliseconds acquire(const RateClass& rate, std::uint32_t n) override;
  void back_off(const RateClass& rate, std::chrono::milliseconds pause) override;
  void count(std::string_view name, std::int64_t n) override;

  [[nodiscard]] std::map<std::string, std::int64_t> counters() const;
  // Requests that were let through, by the limit that held for them.
  [[nodiscard]] std::vector<std::pair<RateClass, std::int64_t>> acquired() const;
  // What `rate:` and `share:` leave of a limit.
  [[nodiscard]] RateClass limited(const RateClass& rate) const;

 private:
  std::string name_;
  std::optional<RateLimit> rate_;
  double share_;
  RateBudget& budget_;
  mutable std::mutex mutex_;
  std::map<std::string, std::int64_t> counters_;
  std::map<std::string, std::pair<RateClass, std::int64_t>> acquired_;  // by class
};

}  // namespace sluice::host
