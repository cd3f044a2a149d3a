#pragma once

#include <chrono>
#include <cstdint>

namespace sluice::host {

// Milliseconds of the clock that never jumps: for intervals within this process. What is kept for
// later ones is told by the wall clock.
[[nodiscard]] inline std::int64_t steady_ms() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace sluice::host
