#include "customers_reader.hpp"

#include <algorithm>
#include <future>
#include <utility>

namespace chargebee {

using sluice::Context;
using sluice::Page;
using sluice::RecordBatch;

namespace {

constexpr std::uint32_t kPageSize = 100;

std::vector<json::object> objects(json::array rows, const char* member) {
  std::vector<json::object> all;
  all.reserve(rows.size());
  for (auto& row : rows) all.push_back(std::move(row_object(row, member)));
  return all;
}

ListQuery latest_list(std::uint32_t limit) {
  return {.path = "/customers",
          .member = "customer",
          .filters = {{"sort_by[desc]", "created_at"}},
          .limit = std::clamp<std::uint32_t>(limit, 1, kPageSize)};
}

}  // namespace

FullCustomers::FullCustomers(Api& api, RunCache& cache, CustomerOptions options, std::int64_t lag,
                             Cursor cursor)
    : api_{api},
      cache_{cache},
      options_{options},
      lag_{lag},
      cursor_{std::move(cursor)},
      walk_{std::in_place, api, customer_list(), cursor_.walk} {}

Page FullCustomers::next(Context& context) {
  if (!run_) run_ = cache_.for_walk(context);
  if (!cursor_.started_at) cursor_.started_at = run_->gifters->loaded_at();
  auto step = ahead_ ? *std::exchange(ahead_, std::nullopt) : walk_->fetch(context, page_storage());
  const ListWalk here = *walk_;
  walk_->accept(step);
  // The list goes on while its customers' subscriptions are asked for: the more distant Chargebee
  // is, the less of its limit would be used otherwise.
  std::future<WalkStep> following;
  if (!step.end) {
    following =
        std::async(std::launch::async, [&] { return walk_->fetch(context, page_storage()); });
  }
  Page page;
  try {
    join_customers(context, api_, objects(std::move(step.page.rows), "customer"), *run_, options_,
                   page.records);
  } catch (...) {
    if (following.valid()) following.wait();
    walk_.emplace(here);
    throw;
  }
  cursor_.walk = step.state;
  page.end = page.complete = step.end;
  if (page.end) {
    Cursor start;
    start.kind = Cursor::Kind::Incremental;
    start.bookmark = *cursor_.started_at - lag_;
    page.cursor = start.to_json(kCustomers);
  } else {
    page.cursor = cursor_.to_json(kCustomers);
  }
  if (following.valid()) {
    try {
      ahead_ = following.get();
    } catch (const sluice::Error& error) {
      context.debug(std::string{"asked again when its turn comes: "} + error.what());
    }
  }
  return page;
}

LatestCustomers::LatestCustomers(Api& api, RunCache& cache, CustomerOptions options,
                                 std::uint32_t limit)
    : api_{api}, cache_{cache}, options_{options}, left_{limit}, walk_{api, latest_list(limit)} {}

Page LatestCustomers::next(Context& context) {
  Page page;
  if (left_ == 0) {
    page.end = true;
    return page;
  }
  const auto run = cache_.for_keys(context, left_);
  auto step = walk_.fetch(context, page_storage());
  if (step.page.rows.size() > left_) step.page.rows.resize(left_);
  const auto count = static_cast<std::uint32_t>(step.page.rows.size());
  join_customers(context, api_, objects(std::move(step.page.rows), "customer"), run, options_,
                 page.records);
  walk_.accept(step);
  left_ -= count;
  page.end = step.end || left_ == 0;
  return page;
}

}  // namespace chargebee
