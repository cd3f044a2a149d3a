#include "serve/due.hpp"

#include <algorithm>
#include <functional>
#include <string>

#include "integration/next_run.hpp"

namespace sluice::host::serve {
namespace {

constexpr std::int64_t kFirstRetry = 5LL * 60'000;
constexpr std::int64_t kLastRetry = 60LL * 60'000;

std::int64_t retry_at(const RunPast& past) {
  std::int64_t wait = kFirstRetry;
  for (int i = 1; i < past.failures && wait < kLastRetry; ++i) wait *= 2;
  return past.last_end + std::min(wait, kLastRetry);
}

}  // namespace

std::optional<std::int64_t> due_at(const Schedule& schedule, const RunPast& past,
                                   std::int64_t now_ms) {
  // A moment of `cron` that follows the last run has been missed if it has passed.
  const std::int64_t from = schedule.every ? now_ms : past.last_start.value_or(past.watched_since);
  const auto regular = next_run(schedule, past.last_start, from);
  if (!regular || past.failures == 0) return regular;
  return std::min(*regular, retry_at(past));
}

std::chrono::milliseconds jitter_of(std::string_view integration, std::int64_t moment,
                                    std::chrono::milliseconds most) {
  if (most.count() <= 0) return {};
  const auto hash =
      std::hash<std::string>{}(std::string{integration} + ' ' + std::to_string(moment));
  return std::chrono::milliseconds{
      static_cast<std::int64_t>(hash % static_cast<std::uint64_t>(most.count() + 1))};
}

}  // namespace sluice::host::serve
