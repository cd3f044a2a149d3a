#include "run_cache.hpp"

#include <utility>

namespace chargebee {

using sluice::Context;

namespace {

constexpr std::chrono::minutes kRecent{15};
constexpr std::size_t kSingleGiftRequests = 10;

}  // namespace

RunData RunCache::load(Context& context) {
  RunData data;
  // Gifts first: their time is the start of a walk.
  data.gifters = Gifters::load(context, api_);
  data.plans = Plans::load(context, api_);
  return data;
}

RunData RunCache::for_walk(Context& context) {
  auto data = recent(context);
  {
    const std::lock_guard lock{mutex_};
    if (std::exchange(is_for_walk_, false) && data) return *data;
  }
  data = load(context);
  keep(context, *data, false);
  return *data;
}

RunData RunCache::for_keys(Context& context, std::size_t keys) {
  auto data = recent(context).value_or(RunData{});
  if (!data.gifters && keys > kSingleGiftRequests) {
    data = load(context);
    keep(context, data, true);
  } else if (!data.plans) {
    data.plans = Plans::load(context, api_);
    keep(context, data, false);
  }
  return data;
}

std::optional<RunData> RunCache::recent(Context& context) {
  const std::lock_guard lock{mutex_};
  if (!data_.plans || context.now() - read_at_ > kRecent) return std::nullopt;
  return data_;
}

void RunCache::keep(Context& context, const RunData& data, bool is_for_walk) {
  const std::lock_guard lock{mutex_};
  data_ = data;
  read_at_ = context.now();
  is_for_walk_ = is_for_walk;
}

}  // namespace chargebee
