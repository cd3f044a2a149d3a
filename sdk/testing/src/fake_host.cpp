#include "sluice/testing/fake_host.hpp"

#include <algorithm>

namespace sluice::testing {

FakeHost::FakeHost() : now_{std::chrono::sys_days{std::chrono::year{2024} / 1 / 1}} {}

std::vector<FakeHost::LogLine> FakeHost::lines() const {
  const std::lock_guard lock{mutex_};
  return lines_;
}

bool FakeHost::logged(std::string_view text) const {
  const std::lock_guard lock{mutex_};
  return std::any_of(lines_.begin(), lines_.end(), [&](const LogLine& line) {
    return line.text.find(text) != std::string::npos;
  });
}

std::int64_t FakeHost::counter(std::string_view name) const {
  const std::lock_guard lock{mutex_};
  const auto known = counters_.find(std::string{name});
  return known == counters_.end() ? 0 : known->second;
}

std::map<std::string, std::int64_t> FakeHost::counters() const {
  const std::lock_guard lock{mutex_};
  return counters_;
}

std::vector<FakeHost::Acquired> FakeHost::acquired() const {
  const std::lock_guard lock{mutex_};
  return acquired_;
}

void FakeHost::set_now(Clock::time_point now) {
  const std::lock_guard lock{mutex_};
  now_ = now;
}

void FakeHost::advance(Milliseconds by) {
  const std::lock_guard lock{mutex_};
  now_ += by;
}

FakeHost::Milliseconds FakeHost::slept() const {
  const std::lock_guard lock{mutex_};
  return slept_;
}

void FakeHost::log(LogLevel level, std::string_view line) {
  const std::lock_guard lock{mutex_};
  lines_.push_back({level, std::string{line}});
}

FakeHost::Budget& FakeHost::budget(const RateClass& rate) {
  return budgets_[rate.account + '\n' + rate.name];
}

FakeHost::Milliseconds FakeHost::acquire(const RateClass& rate, std::uint32_t n) {
  const std::lock_guard lock{mutex_};
  auto& room = budget(rate);
  auto at = std::max(now_, room.paused_until);
  for (std::uint32_t i = 0; rate.requests > 0 && i < n; ++i) {
    if (room.reserved.size() >= rate.requests) {
      at = std::max(at, room.reserved.front() + rate.window);
      room.reserved.pop_front();
    }
    room.reserved.push_back(at);
  }
  const auto wait = std::chrono::ceil<Milliseconds>(at - now_);
  acquired_.push_back({rate, n, wait});
  return wait;
}

void FakeHost::back_off(const RateClass& rate, Milliseconds pause) {
  const std::lock_guard lock{mutex_};
  auto& until = budget(rate).paused_until;
  until = std::max(until, now_ + pause);
}

void FakeHost::count(std::string_view name, std::int64_t n) {
  const std::lock_guard lock{mutex_};
  counters_[std::string{name}] += n;
}

FakeHost::Clock::time_point FakeHost::now() {
  const std::lock_guard lock{mutex_};
  return now_;
}

void FakeHost::sleep(Milliseconds duration, const std::stop_token& stop) {
  const std::lock_guard lock{mutex_};
  if (stop.stop_requested()) return;
  now_ += duration;
  slept_ += duration;
}

}  // namespace sluice::testing
