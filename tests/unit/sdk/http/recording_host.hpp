// Host services that remember what a client told them.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "sluice/context.hpp"

namespace sluice::testing {

class RecordingHost final : public HostServices {
 public:
  void log(LogLevel /*level*/, std::string_view line) override {
    const std::lock_guard lock{mutex};
    lines.emplace_back(line);
  }
  std::chrono::milliseconds acquire(const RateClass& rate, std::uint32_t n) override {
    const std::lock_guard lock{mutex};
    acquired[rate.name] += n;
    return room[rate.name];
  }
  void back_off(const RateClass& rate, std::chrono::milliseconds pause) override {
    const std::lock_guard lock{mutex};
    pauses[rate.name].push_back(pause);
  }
  void count(std::string_view name, std::int64_t n) override {
    const std::lock_guard lock{mutex};
    counters[std::string{name}] += n;
  }

  std::mutex mutex;
  std::vector<std::string> lines;
  std::map<std::string, std::uint32_t> acquired;
  std::map<std::string, std::chrono::milliseconds> room;
  std::map<std::string, std::vector<std::chrono::milliseconds>> pauses;
  std::map<std::string, std::int64_t> counters;
};

}  // namespace sluice::testing
