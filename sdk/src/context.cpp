#include "sluice/context.hpp"

#include <condition_variable>
#include <mutex>

#include "sluice/error.hpp"

namespace sluice {

std::chrono::system_clock::time_point HostServices::now() {
  return std::chrono::system_clock::now();
}

void HostServices::sleep(std::chrono::milliseconds duration, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any woken;
  std::unique_lock lock{mutex};
  woken.wait_for(lock, stop, duration, [] { return false; });
}

void Context::throw_if_stopped() const {
  if (stop_.stop_requested()) throw Error{Code::Cancelled, "the host asked to stop"};
}

void Context::sleep_for(std::chrono::milliseconds duration) const {
  throw_if_stopped();
  host_.sleep(duration, stop_);
  throw_if_stopped();
}

}  // namespace sluice
