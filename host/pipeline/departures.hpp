// What becomes of targets whose owners have left them, at the end of a run: another claimant takes
// over, or `on_delete` or `on_exclude` is carried out, all of it or, when there are suspiciously
// many, none.
#pragma once

#include <cstdint>
#include <vector>

#include "pipeline/delivery.hpp"
#include "pipeline/record_flow.hpp"
#include "pipeline/sync_context.hpp"

namespace sluice::host {

// How many deletions a run may make: --allow-deletes, else `max_deletes`, else the larger of 20 and
// 2 % of `delivered`.
[[nodiscard]] std::int64_t deletion_limit(const RunOptions& options, const DeleteLimit& limit,
                                          std::int64_t delivered);

// Hands over or removes every orphaned target. Errors: Refused, before the first deletion, when
// there are too many.
void settle_departures(SyncContext& context, RecordFlow& flow, Delivery& delivery);

}  // namespace sluice::host
