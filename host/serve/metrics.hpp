// What the service counts, for Prometheus.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "serve/alerts.hpp"
#include "serve/service.hpp"
#include "state/rate_budget.hpp"

namespace sluice::host::serve {

// Counts since the process began. Threads: [any thread].
class Metrics {
 public:
  // `rates`: where the accounts' request budgets lie.
  Metrics(const std::filesystem::path& rates, const WallClock& clock) : budget_{rates, clock} {}

  // One run that has ended: its report has the records by outcome, and the connectors' counters.
  void add(const Service::Ended& run);
  // One event that came in: "queued", "duplicate", "nothing" (it concerns no record of a sync).
  void add_event(const std::string& integration, std::string_view result);
  // One that was refused, since its secret is not known.
  void add_refused_event();
  // The text format 0.0.4.
  [[nodiscard]] std::string text(Service& service, const Alerts& alerts) const;

 private:
  using Labels = std::string;  // `integration="a",stage="full"`, escaped
  // A Prometheus histogram: counts by upper limit in ms, and the sum.
  struct Latency {
    std::map<std::int64_t, std::int64_t> within;
    std::int64_t count = 0, sum_ms = 0;
  };
  void add_report(const json::object& report, const std::string& integration);
  void add_side(const std::string& of, const json::object& side);
  void write_latency(std::string& out) const;
  void write_budgets(std::string& out) const;

  mutable std::mutex mutex_;
  std::map<Labels, std::int64_t> runs_, records_, requests_, answers_, counters_, restarts_,
      events_;
  std::int64_t refused_events_ = 0;
  std::map<Labels, std::pair<double, std::int64_t>> seconds_;  // sum and count
  std::map<Labels, Latency> latency_;
  std::map<Labels, RateClass> limits_;  // of the accounts that runs have used
  mutable RateBudget budget_;
};

}  // namespace sluice::host::serve
