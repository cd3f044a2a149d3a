#include "cli/progress_bar.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace sluice::host::cli {

ProgressBar::ProgressBar(bool enabled)
    : enabled_{enabled}, started_{std::chrono::steady_clock::now()}, last_{started_} {}

ProgressBar::~ProgressBar() {
  clear();
}

void ProgressBar::show(const Progress& progress) {
  static constexpr const char* kFrames[] = {"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"};
  if (!enabled_) return;
  const auto now = std::chrono::steady_clock::now();
  const double seconds = std::chrono::duration<double>(now - started_).count();
  if (seconds < 1 || now - last_ < std::chrono::milliseconds{100}) return;
  last_ = now;
  shown_ = true;
  const auto frame = static_cast<std::size_t>(seconds * 10) % std::size(kFrames);
  const std::string line =
      fmt::format("\r\x1b[2K{} {} {}: {} read, {} delivered, {:.0f} s, {:.0f} records/s",
                  kFrames[frame], progress.stage, progress.sync, progress.read, progress.delivered,
                  seconds, static_cast<double>(progress.read) / seconds);
  std::fputs(line.c_str(), stderr);
  std::fflush(stderr);
}

void ProgressBar::clear() {
  if (!shown_) return;
  std::fputs("\r\x1b[2K", stderr);
  std::fflush(stderr);
  shown_ = false;
}

}  // namespace sluice::host::cli
