#include "serve/state_cache.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <string_view>

#include "state/layout.hpp"

namespace sluice::host::serve {
namespace {

constexpr std::size_t kMostOfOne = 32, kMostIntegrations = 10'000;
// The clock of files stands still for some milliseconds: what is younger may yet be written again
// under the same stamp.
constexpr std::chrono::nanoseconds kSettled = std::chrono::milliseconds{100};

// Whoever asks for what is being worked out waits for it: many pages at once must not count the
// same a few times over.
std::mutex& making(const std::string& integration) {
  static std::array<std::mutex, 64> all;
  return all[std::hash<std::string>{}(integration) % all.size()];
}

}  // namespace

std::int64_t state_stamp(const std::filesystem::path& directory, std::int64_t* newest) {
  std::int64_t latest = 0, sizes = 0;
  for (const char* name : {"state.db", "state.db-wal", "created", "inbox"}) {
    struct stat status {};
    if (::stat((directory / name).c_str(), &status) != 0) continue;
    // An empty log holds nothing; whoever only reads leaves one behind.
    if (status.st_size == 0 && std::string_view{name} == "state.db-wal") continue;
    latest = std::max<std::int64_t>(latest,
                                    status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec);
    sizes += status.st_size;
  }
  if (newest != nullptr) *newest = latest;
  return latest == 0 ? 0 : latest + sizes;
}

json::value StateCache::get(const std::string& integration, const std::string& what,
                            const std::function<json::value()>& make) {
  const std::lock_guard one_at_a_time{making(integration)};
  std::int64_t newest = 0;
  const std::int64_t stamp = state_stamp(root_ / file_name(integration), &newest);
  {
    const std::lock_guard guard{mutex_};
    const auto entry = entries_.find(integration);
    if (entry != entries_.end() && entry->second.stamp == stamp) {
      const auto value = entry->second.values.find(what);
      if (value != entry->second.values.end()) return json::value(value->second);
    }
  }
  json::value made = make();
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  if (now - std::chrono::nanoseconds{newest} < kSettled) return made;
  const std::lock_guard guard{mutex_};
  if (entries_.size() >= kMostIntegrations) entries_.clear();
  Entry& entry = entries_[integration];
  if (entry.stamp != stamp || entry.values.size() >= kMostOfOne) entry.values.clear();
  entry.stamp = stamp;
  entry.values.insert_or_assign(what, json::value(made));
  return made;
}

}  // namespace sluice::host::serve
