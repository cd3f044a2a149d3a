// Alerts: conditions of integrations that begin and end. Each change is told to a webhook, under an
// id of its own; what stands and what is still to be told is on disk, so that a restart loses none.
// A kill right after the webhook's answer has that change told again, with the same id.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "serve/service.hpp"
#include "state/sqlite.hpp"

namespace sluice::host::serve {

// The conditions; docs/operations.md says what to do for each.
enum class Alert {
  RunFailed,      // the last run failed, or was refused by a gate or guard
  RejectedShare,  // too many of its records were rejected
  CursorAge,      // nothing has been read from the source for too long
};
[[nodiscard]] std::string_view to_string(Alert alert) noexcept;

struct AlertOptions {
  std::string url;  // where changes are POSTed as JSON; empty: nowhere
  double rejected_share = 0.1;
  std::chrono::seconds cursor_age = std::chrono::hours{13};  // or twice the interval, if longer
};

// Threads: [any thread]. Errors: StateError when `<directory>/alerts.db` cannot be opened; later
// ones are logged, and what could not be written down is judged again.
class Alerts {
 public:
  // Hands a body over; false: try again later. Errors: none.
  using Post = std::function<bool(const std::string& url, const std::string& body)>;
  // Fewer records than this say nothing about a share.
  static constexpr std::int64_t kFewRecords = 20;

  Alerts(const std::filesystem::path& directory, AlertOptions options, WallClock clock, Post post);
  ~Alerts();
  Alerts(const Alerts&) = delete;
  Alerts& operator=(const Alerts&) = delete;

  // What has not been told by then is told after the next start.
  void end();

  // A run has ended.
  void judge(const Service::Ended& run);
  // How all integrations stand now: ages, and those that are gone.
  void judge(const std::vector<Standing>& standings);

  // Those that stand: integration and condition.
  [[nodiscard]] std::vector<std::pair<std::string, Alert>> firing() const;

 private:
  using Key = std::pair<std::string, Alert>;
  void set(const std::string& integration, Alert alert, bool fires, const std::string& message);
  void write(const Key& key, bool fires, std::int64_t since, const std::string& body);
  void deliver(const std::stop_token& stop);

  AlertOptions options_;
  WallClock clock_;
  Post post_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  Database database_;
  std::map<Key, std::int64_t> firing_;  // since when
  std::jthread thread_;                 // last: it uses the members above
};

// Over HTTP(S), with certificates checked and no redirect followed.
[[nodiscard]] bool post_alert(const std::string& url, const std::string& body);

}  // namespace sluice::host::serve
