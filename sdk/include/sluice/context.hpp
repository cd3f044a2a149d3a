// What every call of a connector receives: logging, the stop signal, counters and the rate budget.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

namespace sluice {

enum class LogLevel { Debug = 0, Info = 1, Warn = 2, Error = 3 };

// One class of requests at a vendor's account: at most `requests` in any `window`. requests == 0:
// unlimited.
struct RateClass {
  std::string account = {};  // whom the vendor counts, such as the host name
  std::string name = {};     // "general", "bulk", …
  std::uint32_t requests = 0;
  std::chrono::milliseconds window{1000};
};

// The services behind a Context. The SDK's thunks implement it over the host's table, the testing
// kit over memory. Threads: [any thread].
class HostServices {
 public:
  virtual ~HostServices() = default;
  virtual void log(LogLevel level, std::string_view line) = 0;
  // How long to wait before sending `n` requests of this class; the room is reserved by the call.
  virtual std::chrono::milliseconds acquire(const RateClass& rate, std::uint32_t n) = 0;
  virtual void back_off(const RateClass& rate, std::chrono::milliseconds pause) = 0;
  // Adds `n` to the run's counter `name`, such as "requests GET /customers".
  virtual void count(std::string_view name, std::int64_t n) = 0;
  // Time, so that tests can replace it: the wall clock, and a wait that ends early when a stop is
  // requested.
  [[nodiscard]] virtual std::chrono::system_clock::time_point now();
  virtual void sleep(std::chrono::milliseconds duration, const std::stop_token& stop);
};

// Valid for the duration of one call. Threads: [any thread].
class Context {
 public:
  Context(HostServices& host, std::stop_token stop) : host_{host}, stop_{std::move(stop)} {}

  void debug(std::string_view line) { host_.log(LogLevel::Debug, line); }
  void info(std::string_view line) { host_.log(LogLevel::Info, line); }
  void warn(std::string_view line) { host_.log(LogLevel::Warn, line); }
  void error(std::string_view line) { host_.log(LogLevel::Error, line); }

  [[nodiscard]] const std::stop_token& stop() const noexcept { return stop_; }
  [[nodiscard]] bool stop_requested() const noexcept { return stop_.stop_requested(); }
  // Errors: throws Error{Cancelled} once the host has asked to stop.
  void throw_if_stopped() const;
  // Sleeps, or throws Error{Cancelled} as soon as the host asks to stop.
  void sleep_for(std::chrono::milliseconds duration) const;
  // The wall clock. Connectors that remember "up to when" take it from here.
  [[nodiscard]] std::chrono::system_clock::time_point now() const { return host_.now(); }

  [[nodiscard]] HostServices& host() noexcept { return host_; }

 private:
  HostServices& host_;
  std::stop_token stop_;
};

}  // namespace sluice
