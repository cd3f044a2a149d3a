// What the service counts, for Prometheus.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "serve/service.hpp"

namespace sluice::host::serve {

// Counts since the process began. Threads: [any thread].
class Metrics {
 public:
  // One run that has ended: its report has the records by outcome, and the connectors' counters.
  void add(const Service::Ended& run);
  // The text format 0.0.4.
  [[nodiscard]] std::string text(const Service& service) const;

 private:
  using Labels = std::string;  // `integration="a",stage="full"`, escaped
  void add_report(const json::object& report, const std::string& integration);

  mutable std::mutex mutex_;
  std::map<Labels, std::int64_t> runs_, records_, requests_, counters_, restarts_;
  std::map<Labels, std::pair<double, std::int64_t>> seconds_;  // sum and count
};

}  // namespace sluice::host::serve
