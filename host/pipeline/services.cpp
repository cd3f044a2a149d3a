#include "pipeline/services.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>

namespace sluice::host {

ConnectorServices::ConnectorServices(std::string side, const Connection& connection,
                                     RateBudget& budget)
    : name_{std::move(side) + " " + connection.connector},
      rate_{connection.rate},
      share_{connection.share},
      budget_{budget} {}

void ConnectorServices::log(LogLevel level, std::string_view line) {
  static constexpr spdlog::level::level_enum kLevels[] = {spdlog::level::debug, spdlog::level::info,
                                                          spdlog::level::warn, spdlog::level::err};
  spdlog::log(kLevels[static_cast<std::size_t>(level) & 3], "{}: {}", name_, line);
}

RateClass ConnectorServices::limited(const RateClass& rate) const {
  RateClass out = rate;
  // `rate:` speaks of the account's main limit, which connectors name "general".
  if (rate_ && rate.name == "general") {
    out.requests = rate_->requests;
    out.window = rate_->window;
  }
  if (out.requests != 0 && share_ < 1.0) {
    out.requests = std::max(1U, static_cast<std::uint32_t>(std::floor(out.requests * share_)));
  }
  return out;
}

std::chrono::milliseconds ConnectorServices::acquire(const RateClass& rate, std::uint32_t n) {
  const RateClass limit = limited(rate);
  {
    const std::lock_guard lock{mutex_};
    auto& [known, count] = acquired_[rate.name];
    known = limit;
    count += n;
  }
  return budget_.acquire(limit, n);
}

std::vector<std::pair<RateClass, std::int64_t>> ConnectorServices::acquired() const {
  const std::lock_guard lock{mutex_};
  std::vector<std::pair<RateClass, std::int64_t>> out;
  for (const auto& [name, entry] : acquired_) out.push_back(entry);
  return out;
}

void ConnectorServices::back_off(const RateClass& rate, std::chrono::milliseconds pause) {
  budget_.back_off(limited(rate), pause);
}

void ConnectorServices::count(std::string_view name, std::int64_t n) {
  const std::lock_guard lock{mutex_};
  counters_[std::string{name}] += n;
}

std::map<std::string, std::int64_t> ConnectorServices::counters() const {
  const std::lock_guard lock{mutex_};
  return counters_;
}

}  // namespace sluice::host
