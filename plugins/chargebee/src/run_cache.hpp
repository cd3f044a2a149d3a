// What walks read once and look-ups use again: the plans' names and who bought gifts.
#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <sluice/context.hpp>

#include "api.hpp"
#include "joins.hpp"

namespace chargebee {

// Threads: [any thread].
class RunCache {
 public:
  explicit RunCache(Api& api) : api_{api} {}
  // For a walk that begins or goes on: read anew, unless look-ups have just read everything and no
  // walk has used it yet.
  [[nodiscard]] RunData for_walk(sluice::Context& context);
  // For `keys` single customers: what a walk read lately, else the plans, and the gifts only when
  // asking for each customer would cost more requests.
  [[nodiscard]] RunData for_keys(sluice::Context& context, std::size_t keys);

 private:
  [[nodiscard]] RunData load(sluice::Context& context);
  [[nodiscard]] std::optional<RunData> recent(sluice::Context& context);
  void keep(sluice::Context& context, const RunData& data, bool is_for_walk);

  Api& api_;
  std::mutex mutex_;
  RunData data_;
  std::chrono::system_clock::time_point read_at_{};
  bool is_for_walk_ = false;  // whole, read by look-ups, and not used by a walk yet
};

}  // namespace chargebee
