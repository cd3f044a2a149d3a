#include "serve/run_logs.hpp"

#include <date/date.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <system_error>
#include <vector>

namespace sluice::host::serve {

std::filesystem::path RunLogs::next(std::int64_t now_ms, std::string_view stage) const {
  std::vector<std::filesystem::path> files;
  std::error_code none;
  const auto is_of_events = [](std::string_view name) {
    return name.find("events") != std::string_view::npos;
  };
  for (const auto& entry : std::filesystem::directory_iterator{directory_, none}) {
    if (is_of_events(entry.path().filename().string()) == is_of_events(stage))
      files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (std::size_t i = 0; i + kKept < files.size(); ++i) std::filesystem::remove(files[i], none);
  const date::sys_time<std::chrono::milliseconds> moment{std::chrono::milliseconds{now_ms}};
  return directory_ / (date::format("%Y%m%dT%H%M%SZ", moment) + '-' + std::string{stage} + ".log");
}

}  // namespace sluice::host::serve
