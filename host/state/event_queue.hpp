// Records that received events name, until a run has read them again: one SQLite file for all
// integrations, `<root>/.serve/events.db`, written by the service and by runs. It holds keys, no
// contents of events.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "state/sqlite.hpp"

namespace sluice::host {

// A record of a sync that an event concerns.
struct NamedRecord {
  std::string sync, key;
  std::int64_t version = 0;  // that it has at least since the event; 0: unknown
};

struct Event {
  std::string integration;
  std::string id;       // what makes it itself
  std::int64_t at = 0;  // when it came in, ms since the epoch
  std::vector<NamedRecord> records;
};

// One that waits. Further events about it raise its version and make it due again.
struct WaitingRecord {
  std::string key;
  std::int64_t version = 0;
  int tries = 0;
  std::int64_t stamp = 0;  // another with each event
};

struct WaitingCount {
  std::int64_t records = 0;
  std::int64_t due = 0;  // of the first, ms since the epoch
};

// Threads: [any thread]. Errors: StateError when the file cannot be used.
class EventQueue {
 public:
  // An id is remembered so long: vendors deliver again for three and a half days.
  static constexpr std::int64_t kRememberedMs = 4LL * 24 * 3'600'000;

  // Makes the file if it is missing.
  explicit EventQueue(const std::filesystem::path& root);
  // Nothing unless a service has made it.
  [[nodiscard]] static std::unique_ptr<EventQueue> find(const std::filesystem::path& root);

  // Durable when it returns. False: the event has come before. What several threads put at once is
  // written at once.
  bool put(const Event& event);

  // The records of a sync that are due, those that have waited longest first.
  [[nodiscard]] std::vector<WaitingRecord> due(std::string_view integration, std::string_view sync,
                                               std::int64_t now_ms, std::size_t most);
  // They have been dealt with: they wait no more, unless an event has come since.
  void settle(std::string_view integration, std::string_view sync,
              const std::vector<WaitingRecord>& records);
  // They are due again at `at_ms`, likewise; `tries` are kept as they are given.
  void put_off(std::string_view integration, std::string_view sync,
               const std::vector<WaitingRecord>& records, std::int64_t at_ms);

  // By integration; those of which nothing waits are left out.
  [[nodiscard]] std::map<std::string, WaitingCount> counts();
  [[nodiscard]] WaitingCount count(std::string_view integration);

  // Nothing of this record waits any more (`sluice state forget`).
  void forget(std::string_view integration, std::string_view key);
  // Nothing of this integration does; its events are unknown from here on.
  void drop(std::string_view integration);
  // Nothing of the integration's other syncs does: the file has lost them.
  void keep_syncs(std::string_view integration, const std::vector<std::string>& syncs);

 private:
  struct Put {
    const Event* event;
    bool done = false, is_new = false;
    std::exception_ptr failure;
  };
  void write(const std::vector<Put*>& batch);
  [[nodiscard]] bool put_one(const Event& event);
  // Runs `change` as one transaction.
  template <typename Change>
  void change(const Change& change);

  std::mutex mutex_;  // of the database
  Database database_;
  Statement remember_, wait_;

  std::mutex puts_mutex_;
  std::condition_variable puts_changed_;
  std::vector<Put*> puts_;
  bool writing_ = false;
};

}  // namespace sluice::host
