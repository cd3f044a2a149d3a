// The sandbox's time, and the two usual rate limits counted in it.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>

namespace sluice::testing {

// Milliseconds since 1970 UTC. Runs as the system's clock does, `scale` times as fast, or stands
// still until moved. Threads: all functions may be called at any time from any thread.
class SandboxClock {
 public:
  // A clock that starts now. A scale of 60 makes a limit per minute a limit per second, for
  // benchmarks.
  explicit SandboxClock(double scale = 1.0);
  // A clock that stands at `now_ms` until it is moved: for tests.
  [[nodiscard]] static SandboxClock manual(std::int64_t now_ms) { return SandboxClock{now_ms, 0}; }

  [[nodiscard]] std::int64_t now_ms() const;
  // Sandbox time that passes in one unit of real time; 0 for a manual clock.
  [[nodiscard]] double scale() const { return scale_; }
  // How many real milliseconds pass while the sandbox's clock moves by `sandbox_ms` (a manual clock
  // counts as real).
  [[nodiscard]] std::int64_t to_real_ms(std::int64_t sandbox_ms) const;
  void advance(std::int64_t ms);
  void set(std::int64_t now_ms);

 private:
  SandboxClock(std::int64_t now_ms, double scale);

  mutable std::mutex mutex_;
  double scale_;
  std::int64_t base_ms_;
  std::chrono::steady_clock::time_point start_;
};

// At most `limit` calls in any `window_ms`. Refused calls do not count.
// Threads: any.
class SlidingWindow {
 public:
  SlidingWindow(std::int64_t limit, std::int64_t window_ms)
      : limit_{limit}, window_ms_{window_ms} {}
  // Takes one call. Returns 0 when it is allowed, otherwise in how many milliseconds one will be.
  [[nodiscard]] std::int64_t acquire(std::int64_t now_ms);
  // Calls that are still free at this moment.
  [[nodiscard]] std::int64_t remaining(std::int64_t now_ms);
  void clear();

 private:
  void expire(std::int64_t now_ms);

  std::mutex mutex_;
  std::int64_t limit_;
  std::int64_t window_ms_;
  std::deque<std::int64_t> calls_;
};

// At most `limit` calls in each window [k·window_ms, (k+1)·window_ms).
// Threads: any.
class FixedWindow {
 public:
  FixedWindow(std::int64_t limit, std::int64_t window_ms) : limit_{limit}, window_ms_{window_ms} {}
  [[nodiscard]] std::int64_t acquire(std::int64_t now_ms);
  [[nodiscard]] std::int64_t remaining(std::int64_t now_ms);
  // Milliseconds until the current window ends.
  [[nodiscard]] std::int64_t reset_in_ms(std::int64_t now_ms) const;
  void clear();

 private:
  std::mutex mutex_;
  std::int64_t limit_;
  std::int64_t window_ms_;
  std::int64_t window_ = -1;
  std::int64_t used_ = 0;
};

}  // namespace sluice::testing
