// The test plugins of tests/bad_plugins, and host services that remember what they were told.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <mutex>
#include <sluice/context.hpp>
#include <sluice/error.hpp>
#include <sluice/json.hpp>
#include <string>
#include <vector>

#include "connector/connector.hpp"

namespace sluice::host {

inline std::filesystem::path plugin_directory() {
  return std::filesystem::path{SLUICE_BINARY_DIR} / "tests" / "bad_plugins";
}

inline const Catalog& test_catalog() {
  static const Catalog catalog = Catalog::scan({plugin_directory()});
  return catalog;
}

struct NoBudget : Error {
  explicit NoBudget(const std::string& what) : Error{Code::Internal, what} {}
};

class RecordingServices final : public HostServices {
 public:
  void log(LogLevel level, std::string_view line) override {
    const std::lock_guard lock{mutex_};
    lines_.push_back(std::to_string(static_cast<int>(level)) + " " + std::string{line});
  }
  std::chrono::milliseconds acquire(const RateClass& rate, std::uint32_t n) override {
    const std::lock_guard lock{mutex_};
    if (!failure_.empty()) throw NoBudget{failure_};
    acquired_.push_back(rate.account + "/" + rate.name + " " + std::to_string(n) + " of " +
                        std::to_string(rate.requests) + " in " +
                        std::to_string(rate.window.count()));
    return std::chrono::milliseconds{7};
  }
  void back_off(const RateClass& rate, std::chrono::milliseconds pause) override {
    const std::lock_guard lock{mutex_};
    pauses_.push_back(rate.name + " " + std::to_string(pause.count()));
  }
  void count(std::string_view name, std::int64_t n) override {
    const std::lock_guard lock{mutex_};
    counters_[std::string{name}] += n;
  }

  // What keeps every budget from being had.
  void fail_with(std::string failure) { failure_ = std::move(failure); }

  std::vector<std::string> lines() const { return copy(lines_); }
  std::vector<std::string> acquired() const { return copy(acquired_); }
  std::vector<std::string> pauses() const { return copy(pauses_); }
  std::map<std::string, std::int64_t> counters() const { return copy(counters_); }

 private:
  template <typename Value>
  Value copy(const Value& value) const {
    const std::lock_guard lock{mutex_};
    return value;
  }

  mutable std::mutex mutex_;
  std::string failure_;
  std::vector<std::string> lines_;
  std::vector<std::string> acquired_;
  std::vector<std::string> pauses_;
  std::map<std::string, std::int64_t> counters_;
};

// The error of `call`; fails the test when there is none.
template <typename Call>
Error error_of(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no error was thrown";
  return Error{Code::Ok, ""};
}

}  // namespace sluice::host
