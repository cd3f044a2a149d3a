#include "connector/worker_output.hpp"

#include <algorithm>
#include <utility>

namespace sluice::host {

std::vector<std::string> LineSplitter::feed(std::string_view bytes) {
  std::vector<std::string> lines;
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view piece = bytes.substr(0, end);
    line_.append(piece.substr(0, kMaxLine - std::min(line_.size(), kMaxLine)));
    if (end == std::string_view::npos) break;
    lines.push_back(std::exchange(line_, {}));
    bytes.remove_prefix(end + 1);
  }
  return lines;
}

std::string LineSplitter::take_rest() {
  return std::exchange(line_, {});
}

bool LineThrottle::admit(Clock::time_point now) noexcept {
  const double elapsed = std::chrono::duration<double>(now - last_).count();
  room_ = std::min(burst_, room_ + std::max(0.0, elapsed) * per_second_);
  last_ = now;
  if (room_ < 1) {
    ++refused_;
    return false;
  }
  room_ -= 1;
  return true;
}

std::uint64_t LineThrottle::take_refused() noexcept {
  return std::exchange(refused_, 0);
}

}  // namespace sluice::host
