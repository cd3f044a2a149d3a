// When a schedule starts the next run.
#pragma once

#include <cstdint>
#include <optional>

#include "integration/integration.hpp"

namespace sluice::host {

// Milliseconds since the epoch. Under `every`: that long after the start of the last run, or at
// once without one; may have passed. Under `cron`: the first moment after `now_ms` that all five
// fields allow, in the schedule's time zone: one that a changed clock leaves out falls to the
// moment of the change, one that it repeats is meant once. Nothing under `manual`, and for fields
// that no moment of the next years fits.
[[nodiscard]] std::optional<std::int64_t> next_run(const Schedule& schedule,
                                                   std::optional<std::int64_t> last_start_ms,
                                                   std::int64_t now_ms);

}  // namespace sluice::host
