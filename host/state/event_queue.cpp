#include "state/event_queue.hpp"

#include <exception>
#include <sluice/error.hpp>
#include <utility>

#include "state/layout.hpp"
#include "state/private_files.hpp"
#include "state/state_error.hpp"

namespace sluice::host {
namespace {

constexpr std::int64_t kApplication = 0x534c5145;  // "SLQE"
constexpr std::int64_t kVersion = 1;

constexpr const char* kSchema = R"sql(
CREATE TABLE IF NOT EXISTS waiting(integration TEXT NOT NULL, sync TEXT NOT NULL, key TEXT NOT NULL,
  version INTEGER NOT NULL, due INTEGER NOT NULL, tries INTEGER NOT NULL, stamp INTEGER NOT NULL,
  PRIMARY KEY(integration,sync,key)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS waiting_by_due ON waiting(integration,sync,due);
CREATE TABLE IF NOT EXISTS seen(integration TEXT NOT NULL, event TEXT NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY(integration,event)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS seen_by_moment ON seen(at);
)sql";

std::filesystem::path file_in(const std::filesystem::path& root) {
  return root / kServiceDirectory / "events.db";
}

std::filesystem::path made(const std::filesystem::path& root) {
  auto file = file_in(root);
  make_private_directory(file.parent_path());
  make_private_file(file);
  return file;
}

void prepare(Database& database, const std::filesystem::path& file) {
  // Keys of persons that are deleted leave no bytes behind.
  database.execute("PRAGMA secure_delete=ON");
  database.transact([&] {
    if (database.set_up(kApplication, kVersion, kSchema)) return;
    throw StateError{StateError::Kind::Unusable,
                     file.string() +
                         " is no queue of events of this version of sluice: use the "
                         "version that wrote it, or move the file away; what it holds "
                         "is then read by the next scheduled run"};
  });
}

}  // namespace

EventQueue::EventQueue(const std::filesystem::path& root)
    : database_{made(root), Database::Mode::Shared} {
  prepare(database_, file_in(root));
  remember_ =
      database_.prepare("INSERT OR IGNORE INTO seen(integration,event,at) VALUES(?1,?2,?3)");
  wait_ = database_.prepare(
      "INSERT INTO waiting(integration,sync,key,version,due,tries,stamp) "
      "VALUES(?1,?2,?3,?4,?5,0,random()) ON CONFLICT DO UPDATE SET "
      "version=max(version,excluded.version),due=min(due,excluded.due),tries=0,stamp=excluded."
      "stamp");
}

std::unique_ptr<EventQueue> EventQueue::find(const std::filesystem::path& root) {
  std::error_code none;
  if (!std::filesystem::exists(file_in(root), none)) return nullptr;
  return std::make_unique<EventQueue>(root);
}

template <typename Change>
void EventQueue::change(const Change& change) {
  const std::lock_guard guard{mutex_};
  database_.transact(change);
}

bool EventQueue::put_one(const Event& event) {
  remember_.bind(1, event.integration).bind(2, event.id).bind(3, event.at).run();
  if (database_.changes() == 0) return false;
  for (const auto& record : event.records) {
    wait_.bind(1, event.integration)
        .bind(2, record.sync)
        .bind(3, record.key)
        .bind(4, record.version)
        .bind(5, event.at)
        .run();
  }
  return true;
}

void EventQueue::write(const std::vector<Put*>& batch) {
  try {
    change([&] {
      Statement old = database_.prepare("DELETE FROM seen WHERE at<?1");
      old.bind(1, batch.front()->event->at - kRememberedMs).run();
      for (auto* put : batch) put->is_new = put_one(*put->event);
    });
  } catch (...) {
    for (auto* put : batch) put->failure = std::current_exception();
  }
}

// Whoever comes while nobody writes, writes for all who have come.
bool EventQueue::put(const Event& event) {
  Put own{&event, false, false, nullptr};
  std::unique_lock lock{puts_mutex_};
  puts_.push_back(&own);
  puts_changed_.wait(lock, [&] { return own.done || !writing_; });
  if (!own.done) {
    writing_ = true;
    const auto batch = std::exchange(puts_, {});
    lock.unlock();
    write(batch);
    lock.lock();
    writing_ = false;
    for (auto* put : batch) put->done = true;
    puts_changed_.notify_all();
  }
  if (own.failure) std::rethrow_exception(own.failure);
  return own.is_new;
}

std::vector<WaitingRecord> EventQueue::due(std::string_view integration, std::string_view sync,
                                           std::int64_t now_ms, std::size_t most) {
  const std::lock_guard guard{mutex_};
  Statement rows = database_.prepare(
      "SELECT key,version,tries,stamp FROM waiting WHERE integration=?1 AND sync=?2 AND due<=?3 "
      "ORDER BY due LIMIT ?4");
  rows.bind(1, integration).bind(2, sync).bind(3, now_ms).bind(4, static_cast<std::int64_t>(most));
  std::vector<WaitingRecord> out;
  while (rows.step())
    out.push_back({std::string{rows.text(0)}, rows.integer(1), static_cast<int>(rows.integer(2)),
                   rows.integer(3)});
  return out;
}

void EventQueue::settle(std::string_view integration, std::string_view sync,
                        const std::vector<WaitingRecord>& records) {
  if (records.empty()) return;
  change([&] {
    Statement row = database_.prepare(
        "DELETE FROM waiting WHERE integration=?1 AND sync=?2 AND key=?3 AND stamp=?4");
    for (const auto& record : records)
      row.bind(1, integration).bind(2, sync).bind(3, record.key).bind(4, record.stamp).run();
  });
}

void EventQueue::put_off(std::string_view integration, std::string_view sync,
                         const std::vector<WaitingRecord>& records, std::int64_t at_ms) {
  if (records.empty()) return;
  change([&] {
    Statement row = database_.prepare(
        "UPDATE waiting SET due=?5,tries=?6 WHERE integration=?1 AND sync=?2 AND key=?3 AND "
        "stamp=?4");
    for (const auto& record : records) {
      row.bind(1, integration).bind(2, sync).bind(3, record.key).bind(4, record.stamp);
      row.bind(5, at_ms).bind(6, record.tries).run();
    }
  });
}

std::map<std::string, WaitingCount> EventQueue::counts() {
  const std::lock_guard guard{mutex_};
  Statement rows =
      database_.prepare("SELECT integration,count(*),min(due) FROM waiting GROUP BY integration");
  std::map<std::string, WaitingCount> out;
  while (rows.step()) out[std::string{rows.text(0)}] = {rows.integer(1), rows.integer(2)};
  return out;
}

WaitingCount EventQueue::count(std::string_view integration) {
  const std::lock_guard guard{mutex_};
  Statement row =
      database_.prepare("SELECT count(*),coalesce(min(due),0) FROM waiting WHERE integration=?1");
  row.bind(1, integration);
  WaitingCount out;
  if (row.step()) out = {row.integer(0), row.integer(1)};
  return out;
}

void EventQueue::forget(std::string_view integration, std::string_view key) {
  change([&] {
    Statement row = database_.prepare("DELETE FROM waiting WHERE integration=?1 AND key=?2");
    row.bind(1, integration).bind(2, key).run();
  });
}

void EventQueue::drop(std::string_view integration) {
  change([&] {
    for (const char* table : {"waiting", "seen"}) {
      Statement row =
          database_.prepare(std::string{"DELETE FROM "} + table + " WHERE integration=?1");
      row.bind(1, integration).run();
    }
  });
}

void EventQueue::keep_syncs(std::string_view integration, const std::vector<std::string>& syncs) {
  json::array names(syncs.begin(), syncs.end());
  const std::string kept = to_json(json::value(std::move(names)));
  change([&] {
    Statement row = database_.prepare(
        "DELETE FROM waiting WHERE integration=?1 AND sync NOT IN (SELECT value FROM "
        "json_each(?2))");
    row.bind(1, integration).bind(2, kept).run();
  });
}

}  // namespace sluice::host
