// What a worker prints and logs, bounded: a connector that floods its output costs neither memory
// nor the log.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::host {

// Cuts a stream of bytes into lines. A line longer than kMaxLine is cut and its rest left out.
class LineSplitter {
 public:
  static constexpr std::size_t kMaxLine = 4096;

  // The lines that `bytes` completes.
  [[nodiscard]] std::vector<std::string> feed(std::string_view bytes);
  // What came after the last end of line.
  [[nodiscard]] std::string take_rest();

 private:
  std::string line_;
};

// Lets through bursts of `burst` lines and `per_second` of them in the long run.
class LineThrottle {
 public:
  using Clock = std::chrono::steady_clock;

  LineThrottle(std::uint32_t per_second, std::uint32_t burst) noexcept
      : per_second_(per_second), burst_(burst), room_(burst) {}

  [[nodiscard]] bool admit(Clock::time_point now) noexcept;
  // How many lines were refused since the last call.
  [[nodiscard]] std::uint64_t take_refused() noexcept;

 private:
  double per_second_;
  double burst_;
  double room_;
  Clock::time_point last_{};
  std::uint64_t refused_ = 0;
};

}  // namespace sluice::host
