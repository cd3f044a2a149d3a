// Carries planned writes to the destination: batches them over page boundaries, writes one batch
// while the next is being planned, commits intents before a batch leaves and its outcomes with the
// cursor when it has settled.
//
// At most one unsettled write exists per source key and per destination key: `touches` says so, and
// `flush` ends it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <unordered_set>
#include <vector>

#include "connector/connector.hpp"
#include "pipeline/batch_writer.hpp"
#include "pipeline/checkpoint.hpp"
#include "pipeline/wire.hpp"
#include "state/rate_budget.hpp"
#include "state/state.hpp"

namespace sluice::host {

struct PlannedWrite {
  bool remove = false;
  std::int64_t row = 0;   // the record's row in the run's account; 0: amended by key
  bool accounted = true;  // false: no record of this run stands behind it
  bool earlier = false;   // an earlier run handed it over: the record may have got an error since
  bool alone = false;     // in a batch of its own: the connector has died of it before
  bool intended = false;  // the ledger holds its intent
  Checkpoint::Ticket ticket = 0;
  std::string source_key;
  std::string target;
  std::string previous_target;  // empty: none
  bool found_taken = false;     // an attempt has left the previous target where it was
  std::optional<std::string> remote_id;
  std::string line;      // NDJSON, as encode_write made it
  std::string document;  // packed
  std::string hash;
  int attempts = 0;
};

struct RemoteKey {
  std::string key;
  bool found = false;
  std::optional<std::string> remote_id;
  std::vector<std::string> opted_out;  // scopes in which what is there has withdrawn, by whomever
};

struct DeliverySettings {
  std::int64_t run = 0;
  bool one_by_one = false;  // every record in a batch of its own (initial)
  // A batch that is not full leaves after this: later than a source that has used up its limit for
  // a minute goes on, so that batches are full. What a kill costs is less than a batch all the
  // same.
  std::chrono::milliseconds linger{90'000};
  std::chrono::milliseconds settle_timeout{
      900'000};                                // how long the end of a run waits for receipts
  std::chrono::milliseconds poll_again{1000};  // after a failed question; doubles each time
  std::chrono::milliseconds receipt_deadline{6 *
                                             3'600'000};  // an older receipt is decided by looking
};

// Commits what the run has settled, with the newest cursor that is safe.
void commit_progress(State& state, SyncRow& sync, Checkpoint& checkpoint);

// Threads: [instance] one thread; the batch under way runs on one of its own.
class Delivery {
 public:
  Delivery(State& state, SyncRow& sync, WriterSlot& slot, Checkpoint& checkpoint,
           DeliverySettings settings, WallClock clock, std::stop_token stop);
  ~Delivery();

  [[nodiscard]] bool touches(const std::string& source_key, const std::string& target) const;
  void add(PlannedWrite write);
  // Sends what is planned and waits until every write has an outcome or a receipt.
  void flush();
  // Sends a batch that has lingered, polls receipts that are due, commits once a second.
  void tend();
  // Waits for receipts: all of them, or the one a destination key waits for. False when time ran
  // out before; later calls then only look.
  bool settle_receipts();
  bool settle_receipt_of(const std::string& target);
  // Has an earlier run handed over what is wanted there, and no receipt told of it yet?
  [[nodiscard]] bool awaits_earlier(const std::string& target) const;
  // Which of the keys the destination has. Waits for the batch under way.
  [[nodiscard]] std::vector<RemoteKey> lookup(const std::vector<std::string>& keys);
  // Which of the keys the destination would refuse. Waits for the batch under way.
  [[nodiscard]] std::map<std::string, Refusal> screen(const std::vector<std::string>& keys);
  // What each of `count` writes would change at the destination. Waits for the batch under way.
  [[nodiscard]] std::vector<RemoteDifference> verify(const std::string& lines, std::size_t count);
  // Commits outcomes and the newest safe cursor.
  void commit();

  [[nodiscard]] std::int64_t delivered() const noexcept { return delivered_; }
  [[nodiscard]] std::int64_t new_errors() const noexcept { return new_errors_; }

 private:
  struct Batch;

  void send();
  void withhold_ignored();
  void finish();
  void resend_later(std::vector<PlannedWrite> writes, std::int64_t after_ms);
  bool withdraws_what_remained(PlannedWrite& write, const WriteResult& result);
  void apply(PlannedWrite& write, const WriteResult& result);
  void apply_ok(const PlannedWrite& write, const WriteResult& result);
  void apply_rejected(const PlannedWrite& write, const std::string& code,
                      const WriteResult& result);
  void apply_pending(const std::vector<PlannedWrite*>& writes,
                     const std::vector<WriteResult>& results);
  void leave(const PlannedWrite& write);
  void settle(const PlannedWrite& write, RecordOutcome outcome);
  void account(const PlannedWrite& write, RecordOutcome outcome);
  [[nodiscard]] std::int64_t settle_deadline() const;
  void no_longer_pending(PlannedWrite& write);
  // Returns the writes that are to be sent again.
  [[nodiscard]] std::vector<PlannedWrite> poll(OpenReceipt receipt);
  void note_until_sent(const PlannedWrite& write);
  [[nodiscard]] bool is_noted(const PlannedWrite& write);
  bool poll_due();
  void poll_all_due();
  void ask_later(OpenReceipt receipt, const Error& problem);
  void release(const PlannedWrite& write);

  State& state_;
  SyncRow& sync_;
  WriterSlot& slot_;
  BatchWriter batch_writer_;  // used by the batch under way
  Checkpoint& checkpoint_;
  DeliverySettings settings_;
  WallClock clock_;
  std::stop_token stop_;

  std::size_t batch_records_;
  std::uint64_t batch_bytes_;
  std::vector<PlannedWrite> planned_;
  std::size_t planned_bytes_ = 0;
  std::int64_t planned_since_ = 0;
  std::unique_ptr<Batch> in_flight_;
  std::unordered_set<std::string> source_keys_, targets_;  // of everything unsettled
  std::vector<OpenReceipt> receipts_;                      // next_poll by steady_ms()
  int failed_polls_ = 0;                                   // in a row
  bool out_of_patience_ = false;
  std::int64_t committed_at_ = 0;
  std::int64_t delivered_ = 0;
  std::int64_t new_errors_ = 0;
};

}  // namespace sluice::host
