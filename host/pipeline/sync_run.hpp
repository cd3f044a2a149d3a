// One stage of one sync, from the first page to the last outcome.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <sluice/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/delivery.hpp"
#include "pipeline/event_drain.hpp"
#include "pipeline/pass_through.hpp"
#include "pipeline/record_flow.hpp"
#include "pipeline/sync_context.hpp"
#include "pipeline/validation.hpp"

namespace sluice::host {

struct SyncResult {
  std::string sync;
  Totals totals;
  std::int64_t new_errors = 0;
  std::int64_t open_errors = 0;
  std::int64_t vanished = 0;  // candidates that a complete walk did not show
  bool was_full = false;
  VerificationCounts verification;
  EventCounts events;
};

// Threads: [instance] one thread. Each function ends with everything committed. Interrupted by the
// stop token it commits what is settled and throws Error{Cancelled}. Errors: Refused, and those of
// the connectors.
class SyncRun {
 public:
  explicit SyncRun(SyncContext& context);
  ~SyncRun();

  // Reads every record, writes nothing to the destination; errors and claims go to the state.
  SyncResult validate();
  // The same for the records that have open errors, looked up by key, and for those that claim the
  // same destination key. Errors: Refused when the source cannot look records up.
  SyncResult validate_errors();
  // The newest `count` records, one write at a time.
  SyncResult initial(std::uint32_t count);
  // Every record; continues a walk that was interrupted under the same fingerprint. With
  // `options.verify`, unchanged ones are held against what the destination has.
  SyncResult full();
  // Open errors, receipts, then what changed. Does a full walk instead when the fingerprint has
  // changed.
  SyncResult incremental();
  // These records only.
  SyncResult keys(const std::vector<std::string>& keys);
  // The records that received events name, as far as they are due. `full` and `incremental` take
  // them between pages, too, once everything has been delivered before.
  SyncResult events();

 private:
  class Slot;

  [[nodiscard]] ScreenFn screening();
  void commit_validation();
  void open_delivery(bool one_by_one);
  // Of the flow that is open.
  void take(std::string_view line);
  std::size_t take_keys(const std::vector<std::string>& keys);
  void finish_records();
  void settle_departed();
  void commit();
  void tend();
  // `sample`: only so many records, and no cursor is kept.
  bool walk(json::object request, std::optional<std::uint32_t> sample = {});
  void sweep_vanished();
  void retry_errors();
  void take_inherited();
  void reread(const std::function<std::vector<std::string>(std::string_view)>& keys_after);
  void take_events(const std::string& records);
  void take_events_between_pages();
  void begin_walk();
  void end_walk();
  SyncResult finish();
  void throw_if_stopped();
  void tell_progress(bool force);

  SyncContext& context_;
  std::unique_ptr<Slot> slot_;
  std::unique_ptr<Delivery> delivery_;
  std::unique_ptr<RecordFlow> flow_;
  std::unique_ptr<PassThrough> pass_;  // instead of both, under `ledger: false`
  std::unique_ptr<EventDrain> drain_;  // while events are taken
  std::int64_t events_at_ = 0;         // when to look for some again
  std::int64_t vanished_ = 0;
  std::int64_t told_at_ = 0;
  std::int64_t committed_at_ = 0;
  bool was_full_ = false;
  std::string stage_;
};

}  // namespace sluice::host
