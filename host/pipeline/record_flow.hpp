// One record's way: from what the source says to a settled outcome or a planned write.
//
// Ownership, changed keys and swaps are decided here; see docs/semantics.md for the rules.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <sluice/json.hpp>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "pipeline/delivery.hpp"
#include "pipeline/leftovers.hpp"
#include "pipeline/record_mapper.hpp"
#include "pipeline/sync_context.hpp"
#include "pipeline/verification.hpp"
#include "pipeline/wire.hpp"

namespace sluice::host {

// Threads: [instance] one thread.
class RecordFlow {
 public:
  RecordFlow(SyncContext& context, Delivery& delivery);

  // Takes one NDJSON line of a page. A record whose keys are held by a write that has not settled
  // waits aside, and its page's cursor with it, so that it need not cut a batch short.
  void take(std::string_view line);
  // The same at once: what holds its keys is ended first.
  void take_now(std::string_view line);
  // Takes up the waiting records whose keys have become free.
  void take_waiting();
  // Ends all writes and waits for receipts until no record waits any more.
  void finish_waiting();
  // Reads records by key at the source, as they are now, and takes them at once; those that are
  // gone come as deletions. Returns how many the source told of: about the others nothing is known.
  std::size_t take_keys(const std::vector<std::string>& keys);
  // From here on a record that has killed the connector is tried again before its time.
  void try_at_once() noexcept { waits_for_next_try_ = false; }
  // Prepares for writes that an earlier process left without an outcome.
  void settle_intents() { leftovers_.settle(); }

  [[nodiscard]] const VerificationCounts& verification() const noexcept {
    return verification_.counts();
  }

 private:
  struct Mapped {
    std::string key;
    Document document;
    std::vector<std::string> if_empty;
    std::string hash;
  };
  // A line on its way through the account.
  struct Entry {
    std::string line;
    std::int64_t row;
    Checkpoint::Ticket ticket;
  };
  struct Waiting {
    Entry entry;
    std::string key;     // the record's
    std::string target;  // the destination key that it needs; empty: only its own
  };
  struct Arrival {
    const Incoming& record;
    const Entry& entry;
    bool may_wait;
    std::optional<RecordRow> before;
  };

  void process(const Entry& entry, bool may_wait);
  // True: the record waits for the write that holds its own key or `target`. Otherwise neither is
  // held any more, unless a receipt has not come in time.
  bool waits(const Arrival& arrival, const std::string& target);
  [[nodiscard]] bool held(const std::string& key, const std::string& target);
  bool take_ready(bool at_any_rate);

  // An outcome, or nothing when a write was planned or the record waits: it settles later.
  std::optional<RecordOutcome> decide(const Arrival& arrival);
  std::optional<RecordOutcome> decide_removal(const Arrival& arrival);
  std::optional<RecordOutcome> decide_mapped(const Arrival& arrival, Mapped mapped);
  std::optional<RecordOutcome> leave_out(const Arrival& arrival, const Rejection* problem);
  bool is_pending(const std::string& key, const std::string& target);
  RecordOutcome put_off(const Arrival& arrival, const std::string& value_hash);
  void hand_on(const std::string& key, const std::string& target);
  RecordOutcome give_way(const Arrival& arrival, const std::string& target,
                         const std::vector<Claim>& claims);
  std::optional<RecordOutcome> plan(const Arrival& arrival, Mapped& mapped,
                                    const std::optional<TargetRow>& target,
                                    const std::optional<TargetRow>& old);
  PlannedWrite write_of(const Arrival& arrival, const Mapped& mapped,
                        const std::optional<TargetRow>& target,
                        const std::optional<TargetRow>& old);
  void flush();

  bool is_on_its_way(const std::string& key, const Mapped& mapped);
  bool is_withheld(const std::string& key, const Mapped& mapped);
  [[nodiscard]] bool has_crashed(const std::string& key);
  std::optional<TargetRow> owned(const std::string& key, const std::optional<std::string>& target);
  std::optional<TargetRow> take_along(const std::string& key);
  void reread_owner(const std::string& key, const std::string& target);
  void report_losers(const std::string& target, const std::vector<Claim>& claims,
                     const std::string& owner);

  SyncContext& context_;
  Delivery& delivery_;
  RecordMapper mapper_;
  std::size_t level_ = 0;                          // records on the stack
  std::deque<std::vector<unsigned char>> memory_;  // one a level
  bool waits_for_next_try_ = true;
  std::unordered_set<std::string> in_progress_;  // records further up the stack
  std::unordered_set<std::string> read_again_;   // records looked up in this run
  Leftovers leftovers_;
  Verification verification_;
  std::vector<Waiting> waiting_;  // in the order of their arrival
  std::unordered_set<std::string> waiting_keys_;
};

}  // namespace sluice::host
