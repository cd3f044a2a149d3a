#include <algorithm>
#include <utility>

#include "customers_reader.hpp"

namespace chargebee {

using sluice::Context;
using sluice::Page;
using sluice::RecordBatch;

namespace {

constexpr std::size_t kKeysAPage = 100;
constexpr std::size_t kPlansAtOnce = 20;

constexpr const char* kPhaseCustomers = "customers";
constexpr const char* kPhaseSubscriptions = "subscriptions";
constexpr const char* kPhaseGifts = "gifts";
constexpr const char* kPhasePlans = "plans";
constexpr const char* kPhaseDone = "done";

// Open-ended, so that no row leaves the list while it is read; [after] is exclusive.
ListQuery changed_since(ListQuery query, std::int64_t bookmark) {
  query.filters.emplace_back("updated_at[after]",
                             std::to_string(std::max<std::int64_t>(bookmark - 1, 0)));
  return query;
}

}  // namespace

IncrementalCustomers::IncrementalCustomers(Api& api, RunCache& cache, CustomerOptions options,
                                           std::int64_t lag, Cursor cursor)
    : api_{api}, cache_{cache}, options_{options}, lag_{lag}, cursor_{std::move(cursor)} {}

void IncrementalCustomers::prepare(Context& context) {
  if (!run_) run_ = cache_.for_walk(context);
  if (!cursor_.started_at) cursor_.started_at = run_->gifters->loaded_at();
  if (cursor_.phase.empty()) cursor_.phase = kPhaseCustomers;
}

Cursor IncrementalCustomers::enter(const char* phase) const {
  Cursor next;
  next.kind = Cursor::Kind::Incremental;
  next.started_at = cursor_.started_at;
  next.bookmark = cursor_.bookmark;
  next.phase = phase;
  return next;
}

bool IncrementalCustomers::step(Context& context, const ListQuery& query, json::array& rows,
                                Cursor& next) {
  if (!walk_) walk_.emplace(api_, query, cursor_.walk);
  step_ = walk_->fetch(context);
  rows = std::move(step_->page.rows);
  next = cursor_;
  next.walk = step_->state;
  return step_->end;
}

Cursor IncrementalCustomers::customers(Context& context, RecordBatch& records) {
  json::array rows;
  Cursor next;
  const bool last = step(context, changed_since(customer_list(), cursor_.bookmark), rows, next);
  std::vector<json::object> customers;
  for (auto& row : rows) customers.push_back(std::move(row_object(row, "customer")));
  join_customers(context, api_, std::move(customers), *run_, options_, records);
  return last ? enter(kPhaseSubscriptions) : next;
}

Cursor IncrementalCustomers::subscriptions(Context& context, RecordBatch& records) {
  json::array rows;
  Cursor next;
  const bool last = step(context, changed_since(subscription_list(), cursor_.bookmark), rows, next);
  emit_owners(context, std::move(rows), records);
  return last ? enter(kPhaseGifts) : next;
}

Cursor IncrementalCustomers::gifts(Context& context, RecordBatch& records) {
  const auto ids = run_->gifters->changed(cursor_.bookmark, cursor_.after, kKeysAPage);
  if (!ids.empty()) join_customers_by_id(context, api_, ids, *run_, options_, records);
  if (ids.size() < kKeysAPage) return enter(kPhasePlans);
  Cursor next = cursor_;
  next.after = ids.back();
  return next;
}

// An edited plan may have a new name, which its subscribers carry.
Cursor IncrementalCustomers::plans(Context& context, RecordBatch& records) {
  auto current = cursor_.current;
  if (current.empty()) {
    current = run_->plans->changed(cursor_.bookmark, cursor_.after, kPlansAtOnce);
    if (current.empty()) return enter(kPhaseDone);
  }
  auto query = subscription_list();
  query.filters.emplace_back(run_->plans->subscription_filter(), bracketed(current));
  json::array rows;
  Cursor next;
  const bool last = step(context, query, rows, next);
  emit_owners(context, std::move(rows), records);
  next.current = current;
  if (!last) return next;
  next = enter(kPhasePlans);
  next.after = current.back();
  return next;
}

void IncrementalCustomers::emit_owners(Context& context, json::array rows, RecordBatch& records) {
  std::vector<std::string> ids;
  std::unordered_set<std::string> seen;
  for (auto& row : rows) {
    auto id = text_of(row_object(row, "subscription"), "customer_id");
    if (!id.empty() && seen.insert(id).second) ids.push_back(std::move(id));
  }
  if (!ids.empty()) join_customers_by_id(context, api_, ids, *run_, options_, records);
}

Page IncrementalCustomers::next(Context& context) {
  prepare(context);
  Page page;
  Cursor next;
  step_.reset();
  if (cursor_.phase == kPhaseCustomers) {
    next = customers(context, page.records);
  } else if (cursor_.phase == kPhaseSubscriptions) {
    next = subscriptions(context, page.records);
  } else if (cursor_.phase == kPhaseGifts) {
    next = gifts(context, page.records);
  } else if (cursor_.phase == kPhasePlans) {
    next = plans(context, page.records);
  } else {
    throw sluice::Error{sluice::Code::CursorInvalid,
                        "the cursor names the unknown phase \"" + cursor_.phase + "\""};
  }
  if (next.phase == kPhaseDone) {
    next = Cursor{};
    next.kind = Cursor::Kind::Incremental;
    next.bookmark = std::max(cursor_.bookmark, *cursor_.started_at - lag_);
    page.end = true;
  }
  if (walk_ && step_) walk_->accept(*step_);
  if (next.phase != cursor_.phase || next.current != cursor_.current) walk_.reset();
  page.cursor = next.to_json(kCustomers);
  cursor_ = std::move(next);
  return page;
}

}  // namespace chargebee
