#include "pipeline/pause.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace sluice::host {

void pause(const std::stop_token& stop, std::int64_t ms) {
  if (ms <= 0) return;
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock{mutex};
  wake.wait_for(lock, stop, std::chrono::milliseconds{ms}, [] { return false; });
}

}  // namespace sluice::host
