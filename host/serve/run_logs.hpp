// The log files of one integration's runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string_view>

namespace sluice::host::serve {

class RunLogs {
 public:
  explicit RunLogs(std::filesystem::path directory) : directory_{std::move(directory)} {}

  // Where a run that starts now writes its log: <moment>-<stage>.log. Of earlier ones the newest
  // `kKept` stay, and as many of those for events.
  [[nodiscard]] std::filesystem::path next(std::int64_t now_ms, std::string_view stage) const;

  static constexpr std::size_t kKept = 20;

 private:
  std::filesystem::path directory_;
};

}  // namespace sluice::host::serve
