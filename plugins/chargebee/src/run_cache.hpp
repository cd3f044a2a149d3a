// What walks read once and look-ups use again: the plans' names and who bought gifts.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <mutex>
#include <optional>
#include <sluice/context.hpp>

#include "api.hpp"
#include "joins.hpp"

namespace chargebee {

// Nothing counts as changed when a walk has no bookmark.
inline constexpr std::int64_t kNoBookmark = std::numeric_limits<std::int64_t>::max();

// Threads: [any thread].
class RunCache {
 public:
  explicit RunCache(Api& api) : api_{api} {}
  // Reads everything anew: for a walk that begins or goes on.
  [[nodiscard]] RunData load(sluice::Context& context, std::int64_t bookmark);
  // For `keys` single customers: what a walk read lately, else the plans, and the gifts only when
  // asking for each customer would cost more requests.
  [[nodiscard]] RunData for_keys(sluice::Context& context, std::size_t keys);

 private:
  [[nodiscard]] std::optional<RunData> recent(sluice::Context& context);
  void keep(sluice::Context& context, const RunData& data);

  Api& api_;
  std::mutex mutex_;
  RunData data_;
  std::chrono::system_clock::time_point read_at_{};
};

}  // namespace chargebee
