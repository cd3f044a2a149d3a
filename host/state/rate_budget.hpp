// The request budget of vendors' accounts, shared by every integration and process on this machine.
//
// One small file per account and class of requests holds when its last requests were let through. A
// request gets the first moment at which no window of the vendor's length would hold more than the
// limit, so the limit is used fully and never broken, whatever windows the vendor counts in. A
// margin between windows allows for requests that take longer to arrive than others: at least 1.5 %
// of the window and at most 400 ms at first, more once the vendor has said that the limit was
// broken. Reservations are first come, first served.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <sluice/context.hpp>
#include <string>

namespace sluice::host {

// Milliseconds since the epoch.
using WallClock = std::function<std::int64_t()>;
[[nodiscard]] WallClock system_wall_clock();

// Threads: [any thread]. Processes: any number on one directory.
class RateBudget {
 public:
  RateBudget(std::filesystem::path directory, WallClock clock);
  ~RateBudget();

  // Reserves `n` requests and returns how long to wait before sending them. Unlimited classes
  // answer zero. Errors: StateError when the file cannot be made or written.
  std::chrono::milliseconds acquire(const RateClass& rate, std::uint32_t n);
  // How many reservations the window holds that ends now. Errors: as above.
  [[nodiscard]] std::uint32_t used(const RateClass& rate);
  // The vendor said that the limit was broken: nobody gets a reservation in this class before
  // `pause` has passed, and the margin grows.
  void back_off(const RateClass& rate, std::chrono::milliseconds pause);

 private:
  class Window;
  Window& window(const RateClass& rate);

  std::filesystem::path directory_;
  WallClock clock_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Window>> windows_;
};

}  // namespace sluice::host
