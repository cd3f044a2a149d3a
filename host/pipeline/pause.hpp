// Waits that a stop ends.
#pragma once

#include <cstdint>
#include <stop_token>

namespace sluice::host {

// Returns after `ms` milliseconds, at once when that is none, or as soon as a stop is requested.
// Threads: [any thread].
void pause(const std::stop_token& stop, std::int64_t ms);

}  // namespace sluice::host
