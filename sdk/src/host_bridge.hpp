// HostServices over the host's C table.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "sluice/abi.h"
#include "sluice/context.hpp"

namespace sluice::detail {

// Counters are collected and handed over in one piece by `flush`, at the end of every call of the
// connector. Functions that an older or smaller host table does not hold do nothing. Threads: [any
// thread].
class HostBridge final : public HostServices {
 public:
  explicit HostBridge(const sluice_host* host) : host_{host} {}

  void log(LogLevel level, std::string_view line) override;
  std::chrono::milliseconds acquire(const RateClass& rate, std::uint32_t n) override;
  void back_off(const RateClass& rate, std::chrono::milliseconds pause) override;
  void count(std::string_view name, std::int64_t n) override;
  void flush();

 private:
  const sluice_host* host_;
  std::mutex mutex_;
  std::map<std::string, std::int64_t, std::less<>> counters_;  // guarded by mutex_
};

}  // namespace sluice::detail
