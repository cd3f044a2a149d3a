#include "run_cache.hpp"

namespace chargebee {

using sluice::Context;

namespace {

constexpr std::chrono::minutes kRecent{15};
constexpr std::size_t kSingleGiftRequests = 10;

}  // namespace

RunData RunCache::load(Context& context, std::int64_t bookmark) {
  RunData data;
  // Gifts first: their time is the walk's start.
  data.gifters = Gifters::load(context, api_, bookmark);
  data.plans = Plans::load(context, api_);
  keep(context, data);
  return data;
}

RunData RunCache::for_keys(Context& context, std::size_t keys) {
  auto data = recent(context).value_or(RunData{});
  bool changed = false;
  if (!data.plans) {
    data.plans = Plans::load(context, api_);
    changed = true;
  }
  if (!data.gifters && keys > kSingleGiftRequests) {
    data.gifters = Gifters::load(context, api_, kNoBookmark);
    changed = true;
  }
  if (changed) keep(context, data);
  return data;
}

std::optional<RunData> RunCache::recent(Context& context) {
  const std::lock_guard lock{mutex_};
  if (!data_.plans || context.now() - read_at_ > kRecent) return std::nullopt;
  return data_;
}

void RunCache::keep(Context& context, const RunData& data) {
  const std::lock_guard lock{mutex_};
  data_ = data;
  read_at_ = context.now();
}

}  // namespace chargebee
