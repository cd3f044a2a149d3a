// What Sluice knows about every record and about everything it wrote.
//
//   records   one row a source record and sync: which destination key it claims, and with what rank
//   targets   one row a destination key that Sluice owns: who owns it, what was delivered
//   orphans   targets whose owner has left them: settled at the end of a run, or kept on purpose
//   intents   writes of new or changed keys that are on their way: committed before they leave
//   standing  what is known of a person's own decisions, and of members of sets that remain where
//   no record is any more, by a keyed hash of the destination key; survives everything
//
// Nothing here commits: the caller owns the transaction.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "state/sqlite.hpp"

namespace sluice::host {

enum class RecordState {
  Candidate = 0,  // claims its target
  Filtered = 1,   // left out by the filter or by the source's option
  Invalid = 2,    // failed a check or the mapping
  Gone = 3,       // gone at the source; its version still tells stale copies
};

struct RecordRow {
  std::string key;
  std::optional<std::string> target;  // the destination key it claims or last claimed
  std::int64_t version = 0;
  std::int64_t recency = 0;
  std::int64_t walk = 0;  // the last full walk that showed it
  RecordState state = RecordState::Candidate;
};

// A record that claims a destination key.
struct Claim {
  std::int64_t sync = 0;
  std::string key;
  std::int64_t recency = 0;
  bool operator==(const Claim&) const = default;
};

// The hash of a target that was delivered, nobody knows in which version: equals that of no write.
inline constexpr std::string_view kUnknownHash{"\0", 1};

struct TargetRow {
  std::string key;
  std::int64_t sync = 0;  // with `owner`: the record that owns it
  std::string owner;
  std::optional<std::string> remote_id;
  std::string document;           // {"fields":…,"sets":…}, by the state's Packer
  std::string hash;               // of the last delivered write; empty: never delivered
  std::string pending_hash;       // of a write that awaits its receipt; empty: none
  std::int64_t delivered_at = 0;  // the last write that arrived, ms since the epoch; 0: unknown
};

enum class OrphanReason {
  Deleted = 0,   // the owner is gone at the source: `on_delete`
  Excluded = 1,  // the owner is filtered or invalid now: `on_exclude`
  Moved = 2,     // the owner claims another key now: `on_exclude`
  Kept = 3,  // as Moved, and `on_exclude` keeps it: still the owner's, whatever becomes of that one
};

// A target whose owner has left it. Either another record that claims it takes over, or the policy
// is carried out.
struct Orphan {
  std::string target;
  std::string source_key;  // the owner that left
  OrphanReason reason = OrphanReason::Deleted;
};

struct Intent {
  std::string source_key;
  std::optional<std::string> old_target;
  std::string new_target;
};

struct Standing {
  std::vector<std::string> opted_out;  // scopes the person has withdrawn from
  std::vector<std::string> withdrawn;  // scopes Sluice itself has withdrawn the key from
};

// Members of set-valued fields, sorted, by the field's name.
using SetMembers = std::map<std::string, std::vector<std::string>>;

class Ledger {
 public:
  // `hash_key`: 32 bytes, keeps keys unreadable in `standing`.
  Ledger(Database& database, std::string hash_key);

  [[nodiscard]] std::optional<RecordRow> find_record(std::int64_t sync, std::string_view key);
  void put_record(std::int64_t sync, std::int64_t object, const RecordRow& row);
  void mark_seen(std::int64_t sync, std::string_view key, std::int64_t walk);
  // Keys after `after`, in order, at most `limit`.
  [[nodiscard]] std::vector<std::string> unseen(std::int64_t sync, std::int64_t walk,
                                                std::string_view after, std::size_t limit);
  // Candidates for a destination key, over all syncs of the object; unordered.
  [[nodiscard]] std::vector<Claim> claims(std::int64_t object, std::string_view target);
  // Destination keys that more than one record claims, in order.
  [[nodiscard]] std::vector<std::string> contested(std::int64_t object, std::string_view after,
                                                   std::size_t limit);

  // Keys of the sync's candidates whose destination key was left by its owner in another sync,
  // after `after`, in order, at most `limit`.
  [[nodiscard]] std::vector<std::string> inherited(std::int64_t sync, std::int64_t object,
                                                   std::string_view after, std::size_t limit);

  // Asked for the same key several times in a row, it looks once, as long as only this ledger
  // writes.
  [[nodiscard]] std::optional<TargetRow> find_target(std::int64_t object, std::string_view key);
  void put_target(std::int64_t object, const TargetRow& row);
  // What has been delivered: without a remote id the one that is known stays.
  void put_delivered(std::int64_t object, const TargetRow& row);
  // Only who writes there and what awaits its receipt; what was delivered before stays.
  void put_pending(std::int64_t object, const TargetRow& row);
  void erase_target(std::int64_t object, std::string_view key);
  // Others may have changed the file.
  void look_again() noexcept { last_target_.reset(); }
  [[nodiscard]] std::int64_t delivered_count(std::int64_t object);
  [[nodiscard]] std::vector<TargetRow> targets(std::int64_t object, std::string_view after,
                                               std::size_t limit);

  void put_orphan(std::int64_t sync, const Orphan& orphan);
  void erase_orphan(std::int64_t sync, std::string_view target);
  // Those that are to be settled: not the kept ones.
  [[nodiscard]] std::vector<Orphan> orphans(std::int64_t sync);
  // Targets that the record still owns though it claims another key now, in order.
  [[nodiscard]] std::vector<TargetRow> left_behind(std::int64_t sync, std::int64_t object,
                                                   std::string_view source_key);

  // Everything about the sync's records and what became of them, but not people's own decisions.
  void forget(std::int64_t sync);

  void put_intent(std::int64_t sync, const Intent& intent);
  void erase_intent(std::int64_t sync, std::string_view source_key);
  [[nodiscard]] std::vector<Intent> intents(std::int64_t sync);

  [[nodiscard]] Standing standing(std::int64_t object, std::string_view key);
  // Replaces what is known; an absent vector leaves its part alone.
  void put_standing(std::int64_t object, std::string_view key,
                    const std::optional<std::vector<std::string>>& opted_out,
                    const std::optional<std::vector<std::string>>& withdrawn);

  // What Sluice has added to a destination key that has been left to itself: it is to be withdrawn
  // from whoever gets the key. Empty: nothing remains.
  [[nodiscard]] SetMembers remaining(std::int64_t object, std::string_view key);
  void put_remaining(std::int64_t object, std::string_view key, const SetMembers& members);

 private:
  void put(Statement& statement, std::int64_t object, const TargetRow& row);
  [[nodiscard]] std::string keyed_hash(std::string_view key) const;

  struct LastTarget {
    std::int64_t object = 0;
    std::string key;
    std::optional<TargetRow> row;
  };

  Database& database_;
  std::string hash_key_;
  std::optional<LastTarget> last_target_;  // as it is in the file
  bool has_standing_, has_orphans_;        // most integrations have none: then no row is looked for
  Statement find_record_, put_record_, mark_seen_, unseen_, claims_, contested_, inherited_;
  Statement find_target_, put_target_, put_delivered_, put_pending_, erase_target_,
      delivered_count_, targets_;
  Statement put_orphan_, erase_orphan_, orphans_, left_behind_;
  Statement put_intent_, erase_intent_, intents_;
  Statement standing_, put_standing_, erase_standing_, remaining_;
};

}  // namespace sluice::host
