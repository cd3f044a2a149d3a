// Reads records anew that received events name, as they are now.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/sync_context.hpp"
#include "pipeline/wire.hpp"
#include "state/event_queue.hpp"

namespace sluice::host {

struct EventCounts {
  std::int64_t taken = 0;     // records that were as new as their events
  std::int64_t put_off = 0;   // still older: tried again later
  std::int64_t given_up = 0;  // older for so long that a scheduled run has to find them
};

// Threads: [instance] one thread.
class EventDrain {
 public:
  // So many records at once.
  static constexpr std::size_t kAtOnce = 100;

  // `context.events` is set.
  explicit EventDrain(SyncContext& context) : context_{context} {}

  // NDJSON records of those that are due; nothing when none is. One that the source shows older
  // than its event is left out, and due again later: vendors show changes late. Errors: the
  // source's; the records are due again later.
  [[nodiscard]] std::optional<std::string> read();
  // What `read` has given is committed.
  void settle();

  [[nodiscard]] const EventCounts& counts() const noexcept { return counts_; }

 private:
  [[nodiscard]] std::string look_up(std::vector<WaitingRecord>& due);
  void put_off(WaitingRecord record);

  SyncContext& context_;
  JsonParser parser_;
  std::vector<WaitingRecord> taken_;
  EventCounts counts_;
};

}  // namespace sluice::host
