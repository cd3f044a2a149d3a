// When an integration's next run is due: its schedule, what has run, what failed.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "integration/integration.hpp"

namespace sluice::host::serve {

// All times are ms since the epoch.
struct RunPast {
  std::optional<std::int64_t> last_start;  // of a whole run, or a try of one
  std::int64_t watched_since = 0;          // since when this process knows the integration
  int failures = 0;                        // runs in a row that came to nothing
  std::int64_t last_end = 0;               // of the last of those
};

// The moment at which a run is to start; may have passed. Nothing under `manual`. Any number of
// moments that passed while nothing ran come to one run. After a failure it is tried again earlier
// than the schedule says: after 5 minutes, 10, 20, … at most an hour.
[[nodiscard]] std::optional<std::int64_t> due_at(const Schedule& schedule, const RunPast& past,
                                                 std::int64_t now_ms);

// Spreads what is due at one moment: the same integration and moment always give the same delay, 0
// to `most`.
[[nodiscard]] std::chrono::milliseconds jitter_of(std::string_view integration, std::int64_t moment,
                                                  std::chrono::milliseconds most);

}  // namespace sluice::host::serve
