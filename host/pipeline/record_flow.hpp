// One record's way: from what the source says to a settled outcome or a planned write.
//
// Ownership, changed keys and swaps are decided here; see docs/semantics.md for the rules.
#pragma once

#include <map>
#include <optional>
#include <sluice/json.hpp>
#include <string>
#include <unordered_set>
#include <vector>

#include "pipeline/delivery.hpp"
#include "pipeline/sync_context.hpp"
#include "pipeline/wire.hpp"

namespace sluice::host {

// Threads: [instance] one thread.
class RecordFlow {
 public:
  RecordFlow(SyncContext& context, Delivery& delivery);

  // Takes one NDJSON line of the source.
  void take(std::string_view line);
  // Reads records by key at the source, as they are now, and takes them; absent ones come as
  // deletions.
  void take_keys(const std::vector<std::string>& keys);
  // Prepares for writes that an earlier process left without an outcome.
  void settle_intents();

 private:
  struct Mapped {
    std::string key;
    Document document;
    std::vector<std::string> if_empty;
    std::string hash;
  };
  struct Arrival {
    const Incoming& record;
    std::int64_t row;
    Checkpoint::Ticket ticket;
    std::optional<RecordRow> before;
  };

  // An outcome, or nothing when a write was planned and settles the record later.
  std::optional<RecordOutcome> decide(const Arrival& arrival);
  std::optional<RecordOutcome> decide_removal(const Arrival& arrival);
  std::optional<RecordOutcome> decide_mapped(const Arrival& arrival, Mapped mapped);
  RecordOutcome leave_out(const Arrival& arrival, RecordState state, RecordOutcome outcome);
  RecordOutcome give_way(const Arrival& arrival, const std::string& target,
                         const std::vector<Claim>& claims);
  std::optional<RecordOutcome> plan(const Arrival& arrival, Mapped& mapped,
                                    const std::optional<TargetRow>& target,
                                    const std::optional<TargetRow>& old);

  std::optional<TargetRow> owned(const std::string& key, const std::optional<std::string>& target);
  std::optional<TargetRow> left_by_kill(const std::string& key, const std::string& target);
  void reread_owner(const std::string& key, const std::string& target);
  void report(const std::string& key, const std::string& stage, const std::string& code,
              const std::string& field, const std::string& message, const std::string& value_hash);
  void report_losers(const std::string& target, const std::vector<Claim>& claims,
                     const std::string& owner);

  SyncContext& context_;
  Delivery& delivery_;
  JsonParser parser_;
  bool has_ignored_;
  std::unordered_set<std::string> in_progress_;  // records further up the stack
  std::unordered_set<std::string> read_again_;   // records looked up in this run
  std::map<std::string, Intent> leftovers_;      // intents of a killed process, by source key
};

}  // namespace sluice::host
