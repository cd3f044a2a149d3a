// A host in memory: remembers what a connector logged, counted and asked room for, keeps the rate
// budgets over a clock that only moves when it is told to or when somebody sleeps on it.
//
//   FakeHost host;
//   auto context = host.context();
//   source.check(context);
//   EXPECT_EQ(host.counter("requests GET /ping"), 1);
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/context.hpp"

namespace sluice::testing {

// Threads: [any thread].
class FakeHost final : public HostServices {
 public:
  using Clock = std::chrono::system_clock;
  using Milliseconds = std::chrono::milliseconds;

  struct LogLine {
    LogLevel level;
    std::string text;
  };
  struct Acquired {
    RateClass rate;
    std::uint32_t requests;
    Milliseconds wait;  // what was answered
  };

  // The clock starts at 2024-01-01T00:00:00Z.
  FakeHost();

  // A call's context. It ends with `stop`.
  [[nodiscard]] Context context() { return {*this, stop_.get_token()}; }
  void stop() { stop_.request_stop(); }

  [[nodiscard]] std::vector<LogLine> lines() const;
  // Has a line with this text in it been logged?
  [[nodiscard]] bool logged(std::string_view text) const;
  // 0 when nothing was counted under this name.
  [[nodiscard]] std::int64_t counter(std::string_view name) const;
  [[nodiscard]] std::map<std::string, std::int64_t> counters() const;
  [[nodiscard]] std::vector<Acquired> acquired() const;

  void set_now(Clock::time_point now);
  void advance(Milliseconds by);
  // How long connectors have slept altogether. A sleep moves the clock and takes no time.
  [[nodiscard]] Milliseconds slept() const;

  void log(LogLevel level, std::string_view line) override;
  // As the real host: room for the requests in the sliding window of their class, after the pauses.
  Milliseconds acquire(const RateClass& rate, std::uint32_t n) override;
  void back_off(const RateClass& rate, Milliseconds pause) override;
  void count(std::string_view name, std::int64_t n) override;
  [[nodiscard]] Clock::time_point now() override;
  void sleep(Milliseconds duration, const std::stop_token& stop) override;

 private:
  struct Budget {
    std::deque<Clock::time_point> reserved;  // the last RateClass::requests of them
    Clock::time_point paused_until{};
  };

  Budget& budget(const RateClass& rate);

  std::stop_source stop_;
  mutable std::mutex mutex_;
  Clock::time_point now_;
  Milliseconds slept_{0};
  std::vector<LogLine> lines_;
  std::map<std::string, std::int64_t> counters_;
  std::vector<Acquired> acquired_;
  std::map<std::string, Budget> budgets_;
};

}  // namespace sluice::testing
