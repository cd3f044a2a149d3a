// The walks over the stream "customers": full, incremental, latest.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <sluice/source.hpp>
#include <string>
#include <unordered_set>
#include <vector>

#include "api.hpp"
#include "cursor.hpp"
#include "customer_record.hpp"
#include "run_cache.hpp"

namespace chargebee {

inline constexpr const char* kCustomers = "customers";

// Every customer in the order of creation. Its last cursor starts an incremental walk. The list's
// next page is read while the subscriptions of one are.
class FullCustomers final : public sluice::Reader {
 public:
  FullCustomers(Api& api, RunCache& cache, CustomerOptions options, std::int64_t lag,
                Cursor cursor);
  sluice::Page next(sluice::Context& context) override;

 private:
  Api& api_;
  RunCache& cache_;
  CustomerOptions options_;
  std::int64_t lag_;  // seconds
  Cursor cursor_;
  std::optional<ListWalk> walk_;
  std::optional<WalkStep> ahead_;  // behind the last page, not accepted
  std::optional<RunData> run_;
};

// What changed since the cursor's bookmark, in phases: customers, subscriptions, gifts, plans.
// Every phase emits whole joined records; the bookmark moves only after the last.
class IncrementalCustomers final : public sluice::Reader {
 public:
  IncrementalCustomers(Api& api, RunCache& cache, CustomerOptions options, std::int64_t lag,
                       Cursor cursor);
  sluice::Page next(sluice::Context& context) override;

 private:
  void prepare(sluice::Context& context);
  [[nodiscard]] Cursor customers(sluice::Context& context, sluice::RecordBatch& records);
  [[nodiscard]] Cursor subscriptions(sluice::Context& context, sluice::RecordBatch& records);
  [[nodiscard]] Cursor gifts(sluice::Context& context, sluice::RecordBatch& records);
  [[nodiscard]] Cursor plans(sluice::Context& context, sluice::RecordBatch& records);
  // The next page of a list; `next` becomes the cursor behind it. True when it was the last.
  [[nodiscard]] bool step(sluice::Context& context, const ListQuery& query, json::array& rows,
                          Cursor& next);
  void emit_owners(sluice::Context& context, json::array rows, sluice::RecordBatch& records);
  [[nodiscard]] Cursor enter(const char* phase) const;

  Api& api_;
  RunCache& cache_;
  CustomerOptions options_;
  std::int64_t lag_;
  Cursor cursor_;
  std::optional<ListWalk> walk_;
  std::optional<WalkStep> step_;  // fetched, accepted once the page is whole
  std::optional<RunData> run_;
};

// The newest customers, newest first; deleted ones are left out.
class LatestCustomers final : public sluice::Reader {
 public:
  LatestCustomers(Api& api, RunCache& cache, CustomerOptions options, std::uint32_t limit);
  sluice::Page next(sluice::Context& context) override;

 private:
  Api& api_;
  RunCache& cache_;
  CustomerOptions options_;
  std::uint32_t left_;
  ListWalk walk_;
};

}  // namespace chargebee
