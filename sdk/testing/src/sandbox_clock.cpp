#include "sluice/testing/sandbox_clock.hpp"

#include <algorithm>
#include <cmath>

namespace sluice::testing {
namespace {

std::int64_t system_now_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace

SandboxClock::SandboxClock(double scale) : SandboxClock{system_now_ms(), scale} {}

SandboxClock::SandboxClock(std::int64_t now_ms, double scale)
    : scale_{scale}, base_ms_{now_ms}, start_{std::chrono::steady_clock::now()} {}

std::int64_t SandboxClock::now_ms() const {
  const std::lock_guard lock{mutex_};
  if (scale_ == 0) return base_ms_;
  const std::chrono::duration<double, std::milli> passed =
      std::chrono::steady_clock::now() - start_;
  return base_ms_ + static_cast<std::int64_t>(passed.count() * scale_);
}

std::int64_t SandboxClock::to_real_ms(std::int64_t sandbox_ms) const {
  if (scale_ == 0) return sandbox_ms;
  return static_cast<std::int64_t>(std::ceil(static_cast<double>(sandbox_ms) / scale_));
}

void SandboxClock::advance(std::int64_t ms) {
  const std::lock_guard lock{mutex_};
  base_ms_ += ms;
}

void SandboxClock::set(std::int64_t now_ms) {
  const std::lock_guard lock{mutex_};
  base_ms_ = now_ms;
  start_ = std::chrono::steady_clock::now();
}

void SlidingWindow::expire(std::int64_t now_ms) {
  while (!calls_.empty() && calls_.front() <= now_ms - window_ms_) calls_.pop_front();
}

std::int64_t SlidingWindow::acquire(std::int64_t now_ms) {
  const std::lock_guard lock{mutex_};
  expire(now_ms);
  if (static_cast<std::int64_t>(calls_.size()) >= limit_) {
    return calls_.empty() ? window_ms_
                          : std::max<std::int64_t>(1, calls_.front() + window_ms_ - now_ms);
  }
  calls_.push_back(now_ms);
  return 0;
}

std::int64_t SlidingWindow::remaining(std::int64_t now_ms) {
  const std::lock_guard lock{mutex_};
  expire(now_ms);
  return limit_ - static_cast<std::int64_t>(calls_.size());
}

void SlidingWindow::clear() {
  const std::lock_guard lock{mutex_};
  calls_.clear();
}

std::int64_t FixedWindow::acquire(std::int64_t now_ms) {
  const std::lock_guard lock{mutex_};
  if (const std::int64_t window = now_ms / window_ms_; window != window_) {
    window_ = window;
    used_ = 0;
  }
  if (used_ >= limit_) return reset_in_ms(now_ms);
  ++used_;
  return 0;
}

std::int64_t FixedWindow::remaining(std::int64_t now_ms) {
  const std::lock_guard lock{mutex_};
  return now_ms / window_ms_ == window_ ? limit_ - used_ : limit_;
}

std::int64_t FixedWindow::reset_in_ms(std::int64_t now_ms) const {
  return window_ms_ - now_ms % window_ms_;
}

void FixedWindow::clear() {
  const std::lock_guard lock{mutex_};
  window_ = -1;
  used_ = 0;
}

}  // namespace sluice::testing
