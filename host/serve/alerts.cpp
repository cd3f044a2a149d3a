#include "serve/alerts.hpp"

#include <fmt/format.h>
#include <httplib.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "integration/log_subject.hpp"
#include "serve/tokens.hpp"
#include "state/private_files.hpp"

namespace sluice::host::serve {
namespace {

constexpr std::array<Alert, 3> kAlerts{Alert::RunFailed, Alert::RejectedShare, Alert::CursorAge};
constexpr std::int64_t kFirstRetryMs = 2'000, kLastRetryMs = 300'000;
// A receiver that never takes anything must not fill the disk.
constexpr std::int64_t kMostUntold = 10'000;
constexpr std::chrono::seconds kPatience{10};

// Exit codes of the command line.
constexpr int kInterrupted = 4, kBusy = 6;

constexpr const char* kSchema = R"sql(
CREATE TABLE IF NOT EXISTS firing(integration TEXT NOT NULL, alert TEXT NOT NULL, since INTEGER NOT NULL,
  PRIMARY KEY(integration,alert)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS untold(id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL);
)sql";

std::filesystem::path file_in(const std::filesystem::path& directory) {
  make_private_directory(directory);
  auto file = directory / "alerts.db";
  make_private_file(file);
  return file;
}

std::optional<Alert> alert_of(std::string_view text) {
  for (const Alert alert : kAlerts) {
    if (to_string(alert) == text) return alert;
  }
  return std::nullopt;
}

struct Share {
  std::int64_t read = 0, rejected = 0;
};

Share share_of(const json::object& report) {
  Share share;
  const auto* syncs = report.if_contains("syncs");
  if (syncs == nullptr || !syncs->is_array()) return share;
  for (const auto& sync : syncs->get_array()) {
    share.read += sync.at("read").to_number<std::int64_t>();
    share.rejected += sync.at("rejected").to_number<std::int64_t>();
  }
  return share;
}

// What a person is to look at first.
std::string_view remedy(Alert alert) {
  switch (alert) {
    case Alert::RunFailed:
      return "see the message, and `sluice status`; the next run tries again by itself";
    case Alert::RejectedShare:
      return "see `sluice errors list`: the causes, most often first";
    case Alert::CursorAge:
      break;
  }
  return "see `sluice status`: whether it is run at all, and what its last runs said";
}

}  // namespace

std::string_view to_string(Alert alert) noexcept {
  switch (alert) {
    case Alert::RunFailed:
      return "run_failed";
    case Alert::RejectedShare:
      return "rejected_share";
    case Alert::CursorAge:
      break;
  }
  return "cursor_age";
}

Alerts::Alerts(const std::filesystem::path& directory, AlertOptions options, WallClock clock,
               Post post)
    : options_{std::move(options)},
      clock_{std::move(clock)},
      post_{std::move(post)},
      database_{file_in(directory), Database::Mode::Shared} {
  database_.execute(kSchema);
  Statement rows = database_.prepare("SELECT integration,alert,since FROM firing");
  while (rows.step()) {
    if (const auto alert = alert_of(rows.text(1)))
      firing_[{std::string{rows.text(0)}, *alert}] = rows.integer(2);
  }
  if (!options_.url.empty())
    thread_ = std::jthread{[this](const std::stop_token& stop) { deliver(stop); }};
}

Alerts::~Alerts() = default;

void Alerts::end() {
  thread_ = {};
}

void Alerts::write(const Key& key, bool fires, std::int64_t since, const std::string& body) {
  database_.transact([&] {
    Statement row = database_.prepare(
        fires ? "INSERT OR REPLACE INTO firing(integration,alert,since) VALUES(?1,?2,?3)"
              : "DELETE FROM firing WHERE integration=?1 AND alert=?2");
    row.bind(1, key.first).bind(2, to_string(key.second));
    if (fires) row.bind(3, since);
    row.run();
    if (options_.url.empty()) return;
    Statement untold = database_.prepare("INSERT INTO untold(body) VALUES(?1)");
    untold.bind(1, body).run();
    Statement most =
        database_.prepare("DELETE FROM untold WHERE id<=(SELECT max(id) FROM untold)-?1");
    most.bind(1, kMostUntold).run();
  });
}

void Alerts::set(const std::string& integration, Alert alert, bool fires,
                 const std::string& message) {
  const std::lock_guard guard{mutex_};
  const LogScope scope{integration};
  const Key key{integration, alert};
  const auto known = firing_.find(key);
  if (fires == (known != firing_.end())) return;
  const std::int64_t now = clock_();
  const std::int64_t since = fires ? now : known->second;
  json::object body{{"id", random_secret()},
                    {"alert", to_string(alert)},
                    {"state", fires ? "firing" : "resolved"},
                    {"integration", integration},
                    {"since", since},
                    {"at", now},
                    {"message", message}};
  if (fires) body["remedy"] = remedy(alert);
  try {
    write(key, fires, since, to_json(json::value(std::move(body))));
  } catch (const std::exception& error) {
    spdlog::error("{}: alert {} cannot be written down: {}", integration, to_string(alert),
                  error.what());
    return;
  }
  if (fires) {
    firing_[key] = since;
    spdlog::warn("{}: alert {}: {}", integration, to_string(alert), message);
  } else {
    firing_.erase(known);
    spdlog::info("{}: alert {} is over: {}", integration, to_string(alert), message);
  }
  changed_.notify_all();
}

void Alerts::judge(const Service::Ended& run) {
  const int code = run.end.exit_code;
  if (code == kInterrupted || code == kBusy) return;
  // Whoever started a run sees how it ends.
  if (code > 1) {
    if (run.by.empty())
      set(run.integration, Alert::RunFailed, true, run.stage + ": " + run.end.message);
    return;
  }
  set(run.integration, Alert::RunFailed, false, run.stage + " is done");
  const Share share = share_of(run.end.document);
  if (share.read < kFewRecords || run.stage == "events") return;
  const double part = static_cast<double>(share.rejected) / static_cast<double>(share.read);
  set(run.integration, Alert::RejectedShare, part > options_.rejected_share,
      fmt::format("{} of {} records were rejected", share.rejected, share.read));
}

void Alerts::judge(const std::vector<Standing>& standings) {
  const std::int64_t now = clock_();
  std::set<std::string> present;
  bool all_known = true;
  for (const auto& standing : standings) {
    const std::string& name = standing.member.name;
    present.insert(name);
    all_known = all_known && !standing.member.broken;
    if (standing.member.broken || !standing.schedule.is_known) continue;
    const auto& schedule = standing.member.schedule;
    const bool is_scheduled = schedule.every || !schedule.cron.empty();
    if (!standing.schedule.read_up_to || !is_scheduled) {
      set(name, Alert::CursorAge, false, "it is not active, or has no schedule");
      continue;
    }
    const auto limit =
        std::max(options_.cursor_age, schedule.every ? 2 * *schedule.every : options_.cursor_age);
    const std::int64_t age = (now - *standing.schedule.read_up_to) / 1000;
    set(name, Alert::CursorAge, age > limit.count(),
        fmt::format("changes have been read up to {} minutes ago", age / 60));
  }
  std::vector<Key> gone;
  {
    const std::lock_guard guard{mutex_};
    for (const auto& [key, since] : firing_) {
      // A broken file may be one that does not say its name.
      if (all_known && present.count(key.first) == 0) gone.push_back(key);
    }
  }
  for (const auto& [integration, alert] : gone)
    set(integration, alert, false, "the integration's file is gone");
}

std::vector<std::pair<std::string, Alert>> Alerts::firing() const {
  const std::lock_guard guard{mutex_};
  std::vector<Key> out;
  for (const auto& [key, since] : firing_) out.push_back(key);
  return out;
}

// One after the other, so that a receiver hears of the end after the beginning.
void Alerts::deliver(const std::stop_token& stop) {
  std::int64_t wait = 0;
  std::unique_lock lock{mutex_};
  while (!stop.stop_requested()) {
    std::int64_t id = 0;
    std::string body;
    try {
      Statement row = database_.prepare("SELECT id,body FROM untold ORDER BY id LIMIT 1");
      if (row.step()) {
        id = row.integer(0);
        body = std::string{row.text(1)};
      }
      row.reset();
      if (id == 0) {
        changed_.wait(lock, stop,
                      [this] { return database_.scalar("SELECT count(*) FROM untold") != 0; });
        continue;
      }
      lock.unlock();
      const bool told = post_(options_.url, body);
      lock.lock();
      if (told) {
        Statement done = database_.prepare("DELETE FROM untold WHERE id=?1");
        done.bind(1, id).run();
        wait = 0;
        continue;
      }
    } catch (const std::exception& error) {
      if (!lock.owns_lock()) lock.lock();
      spdlog::error("alerts: {}", error.what());
    }
    wait = std::clamp(wait * 2, kFirstRetryMs, kLastRetryMs);
    spdlog::warn("an alert could not be told to its receiver; it is tried again in {} s",
                 wait / 1000);
    changed_.wait_for(lock, stop, std::chrono::milliseconds{wait}, [] { return false; });
  }
}

bool post_alert(const std::string& url, const std::string& body) {
  const auto scheme = url.find("://");
  const auto path = url.find('/', scheme == std::string::npos ? 0 : scheme + 3);
  httplib::Client client{url.substr(0, path)};
  client.set_connection_timeout(kPatience);
  client.set_read_timeout(kPatience);
  client.set_write_timeout(kPatience);
  const auto answer =
      client.Post(path == std::string::npos ? "/" : url.substr(path), body, "application/json");
  return answer && answer->status >= 200 && answer->status < 300;
}

}  // namespace sluice::host::serve
