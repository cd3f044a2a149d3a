// What is worked out of an integration's state alone, kept until the state is written again:
// counting a million errors takes longer than showing a page of them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <sluice/json.hpp>
#include <string>

namespace sluice::host::serve {

// What changes with each write to the state in this directory; 0 without one. `newest`, if asked
// for: when it was written last, ns since the epoch.
[[nodiscard]] std::int64_t state_stamp(const std::filesystem::path& directory,
                                       std::int64_t* newest = nullptr);

// Threads: [any thread].
class StateCache {
 public:
  explicit StateCache(std::filesystem::path state_root) : root_{std::move(state_root)} {}

  // What `make` answers, or has answered since the state was written; `what` names it among all of
  // the integration's.
  [[nodiscard]] json::value get(const std::string& integration, const std::string& what,
                                const std::function<json::value()>& make);

 private:
  struct Entry {
    std::int64_t stamp = 0;
    std::map<std::string, json::value> values;
  };

  std::filesystem::path root_;
  std::mutex mutex_;
  std::map<std::string, Entry> entries_;
};

}  // namespace sluice::host::serve
