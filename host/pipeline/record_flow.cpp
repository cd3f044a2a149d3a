#include "pipeline/record_flow.hpp"

#include <sluice/abi.h>

#include <algorithm>
#include <boost/json/monotonic_resource.hpp>

#include "pipeline/claims.hpp"
#include "pipeline/documents.hpp"
#include "pipeline/lookup.hpp"

namespace sluice::host {
namespace {

constexpr std::size_t kMostWaiting = 1000;
constexpr std::size_t kRecordMemory = 32u << 10;  // what most records need

bool delivered(const TargetRow& target) {
  return !target.hash.empty() || !target.pending_hash.empty() || target.remote_id.has_value() ||
         !target.document.empty();
}

bool is_open_crash(const RecordError& error) {
  return error.state == ErrorState::Open && error.code == kCrashedConnector;
}

std::string claimed(const std::optional<RecordRow>& record) {
  return record ? record->target.value_or(std::string{}) : std::string{};
}

// Forgets that these members were added, so that a write adds all of them again.
void drop_members(Document& delivered, const Document& wanted) {
  for (auto& [name, members] : delivered.sets) {
    const auto set = wanted.sets.find(name);
    if (set == wanted.sets.end()) continue;
    std::erase_if(members, [&set](const std::string& member) {
      return std::binary_search(set->second.begin(), set->second.end(), member);
    });
  }
}

class Level {
 public:
  explicit Level(std::size_t& level) : level_{level} { ++level_; }
  ~Level() { --level_; }
  Level(const Level&) = delete;
  Level& operator=(const Level&) = delete;

 private:
  std::size_t& level_;
};

}  // namespace

RecordFlow::RecordFlow(SyncContext& context, Delivery& delivery)
    : context_{context},
      delivery_{delivery},
      mapper_{context.mapping, context.source.plugin().id},
      leftovers_{context, delivery},
      verification_{context, delivery} {}

void RecordFlow::take(std::string_view line) {
  if (waiting_.size() >= kMostWaiting) finish_waiting();
  ++context_.read;
  process({std::string{line}, context_.next_row(), context_.checkpoint.take()}, true);
}

void RecordFlow::process(const Entry& entry, bool may_wait) {
  if (memory_.size() == level_) memory_.emplace_back(kRecordMemory);
  json::monotonic_resource memory{memory_[level_].data(), kRecordMemory};
  const Level level{level_};
  const Incoming record = mapper_.read(entry.line, &memory);
  Arrival arrival{record, entry, may_wait, {}};
  if (waits(arrival, {})) return;
  arrival.before = context_.state.ledger().find_record(context_.row.id, record.key);
  in_progress_.insert(record.key);
  const auto outcome = decide(arrival);
  in_progress_.erase(record.key);
  if (outcome) {
    context_.account(entry.row, record.key, *outcome, record.skip);
    context_.checkpoint.settled(entry.ticket);
  }
}

bool RecordFlow::waits(const Arrival& arrival, const std::string& target) {
  const std::string& key = arrival.record.key;
  if (arrival.may_wait && (waiting_keys_.contains(key) || held(key, target))) {
    waiting_keys_.insert(key);
    waiting_.push_back({arrival.entry, key, target});
    return true;
  }
  if (verification_.touches(key, target)) verification_.flush();
  if (delivery_.touches(key, target)) delivery_.flush();
  if (!target.empty() && held(key, target)) delivery_.settle_receipt_of(target);
  return false;
}

bool RecordFlow::held(const std::string& key, const std::string& target) {
  if (delivery_.touches(key, target) || verification_.touches(key, target)) return true;
  if (target.empty()) return false;
  const auto row = context_.state.ledger().find_target(context_.row.object, target);
  return row && !row->pending_hash.empty();
}

void RecordFlow::take_waiting() {
  take_ready(false);
}

// False when no record could be taken up.
bool RecordFlow::take_ready(bool at_any_rate) {
  auto entries = std::exchange(waiting_, {});
  waiting_keys_.clear();
  for (auto& waiting : entries) {
    if (!at_any_rate &&
        (waiting_keys_.contains(waiting.key) || held(waiting.key, waiting.target))) {
      waiting_keys_.insert(waiting.key);
      waiting_.push_back(std::move(waiting));
    } else {
      process(waiting.entry, !at_any_rate);
    }
  }
  return waiting_.size() < entries.size();
}

void RecordFlow::finish_waiting() {
  flush();
  while (!waiting_.empty()) {
    delivery_.settle_receipts();
    if (!take_ready(false)) take_ready(true);
    flush();
  }
}

void RecordFlow::flush() {
  verification_.flush();
  delivery_.flush();
}

void RecordFlow::take_now(std::string_view line) {
  ++context_.read;
  process({std::string{line}, context_.next_row(), context_.checkpoint.take()}, false);
}

std::size_t RecordFlow::take_keys(const std::vector<std::string>& keys) {
  return each_looked_up(context_, keys, [this](std::string_view line) { take_now(line); });
}

std::optional<RecordOutcome> RecordFlow::decide(const Arrival& arrival) {
  const Incoming& record = arrival.record;
  const auto& before = arrival.before;
  const bool versioned =
      record.version > 0 || !record.remove;  // a key that is simply not there has no version
  if (before && versioned && record.version < before->version) {
    context_.state.ledger().mark_seen(context_.row.id, record.key, context_.row.walk);
    return RecordOutcome::Stale;
  }
  if (record.remove) return decide_removal(arrival);
  if (!record.skip.empty()) return leave_out(arrival, nullptr);
  MapResult result = mapper_.map(record, arrival.entry.line);
  if (result.status == MapResult::Status::Filtered) return leave_out(arrival, nullptr);
  if (result.status == MapResult::Status::Rejected) return leave_out(arrival, &result.rejection);
  std::string hash = write_hash(result, context_.config.write);
  return decide_mapped(arrival, {std::move(result.key),
                                 {std::move(result.fields), std::move(result.sets)},
                                 std::move(result.if_empty),
                                 std::move(hash)});
}

std::optional<RecordOutcome> RecordFlow::decide_removal(const Arrival& arrival) {
  if (waits(arrival, claimed(arrival.before))) return std::nullopt;
  if (is_pending(arrival.record.key, claimed(arrival.before))) return put_off(arrival, {});
  const Incoming& record = arrival.record;
  Ledger& ledger = context_.state.ledger();
  RecordRow row = arrival.before.value_or(RecordRow{});
  const bool known = arrival.before && arrival.before->state != RecordState::Gone;
  row.key = record.key;
  row.version = std::max(row.version, record.version);
  row.walk = context_.row.walk;
  row.state = RecordState::Gone;
  auto target = known ? owned(record.key, row.target) : std::nullopt;
  if (!target) target = leftovers_.written_by(record.key, {});
  if (arrival.before || record.version > 0)
    ledger.put_record(context_.row.id, context_.row.object, row);
  context_.state.errors().resolve(context_.row.id, record.key, context_.clock());
  const auto left_behind = ledger.left_behind(context_.row.id, context_.row.object, record.key);
  for (const auto& left : left_behind)
    ledger.put_orphan(context_.row.id, {left.key, record.key, OrphanReason::Deleted});
  if (!target) {
    if (row.target) hand_on(record.key, *row.target);
    const auto held_by = row.target ? ledger.find_target(context_.row.object, *row.target)
                                    : std::optional<TargetRow>{};
    const bool unsettled = held_by && held_by->owner == record.key;
    return unsettled || !left_behind.empty() ? RecordOutcome::Pending : RecordOutcome::Unchanged;
  }
  ledger.put_orphan(context_.row.id, {target->key, record.key, OrphanReason::Deleted});
  return RecordOutcome::Pending;  // settled by the end of the run, when all deletions are known
}

// A record that the filter or the source's option leaves out, or one with a problem.
std::optional<RecordOutcome> RecordFlow::leave_out(const Arrival& arrival,
                                                   const Rejection* problem) {
  if (waits(arrival, claimed(arrival.before))) return std::nullopt;
  if (is_pending(arrival.record.key, claimed(arrival.before))) return put_off(arrival, {});
  const Incoming& record = arrival.record;
  Ledger& ledger = context_.state.ledger();
  if (problem != nullptr) {
    context_.report(record.key, *problem);
  } else {
    context_.state.errors().resolve(context_.row.id, record.key, context_.clock());
  }
  RecordRow row = arrival.before.value_or(RecordRow{});
  row.key = record.key;
  row.version = record.version;
  row.recency = record.recency;
  row.walk = context_.row.walk;
  row.state = problem != nullptr ? RecordState::Invalid : RecordState::Filtered;
  auto target = owned(record.key, row.target);
  if (!target) target = leftovers_.written_by(record.key, {});
  const auto left = target ? std::nullopt : std::exchange(row.target, std::nullopt);
  if (target) row.target = target->key;
  ledger.put_record(context_.row.id, context_.row.object, row);
  if (left) hand_on(record.key, *left);
  if (target) {
    const bool acts = context_.config.write.on_exclude != "keep" ||
                      !ledger.claims(context_.row.object, target->key).empty();
    if (acts) ledger.put_orphan(context_.row.id, {target->key, record.key, OrphanReason::Excluded});
  }
  return problem != nullptr ? RecordOutcome::Rejected : RecordOutcome::Filtered;
}

std::optional<RecordOutcome> RecordFlow::decide_mapped(const Arrival& arrival, Mapped mapped) {
  const std::string& key = arrival.record.key;
  Ledger& ledger = context_.state.ledger();
  const auto sync = context_.row.id;
  const auto object = context_.row.object;
  const auto old_key = arrival.before ? arrival.before->target : std::nullopt;
  const bool moves = old_key && *old_key != mapped.key;
  if (!is_on_its_way(key, mapped) && waits(arrival, mapped.key)) return std::nullopt;
  if (moves && waits(arrival, *old_key)) return std::nullopt;
  if (moves && is_pending(key, *old_key)) return put_off(arrival, mapped.hash);
  auto old = moves ? owned(key, old_key) : std::nullopt;
  if (!old) old = leftovers_.written_by(key, mapped.key);

  ledger.put_record(sync, object,
                    {key, mapped.key, arrival.record.version, arrival.record.recency,
                     context_.row.walk, RecordState::Candidate});
  if (old) ledger.put_intent(sync, {key, old->key, mapped.key});
  if (moves) hand_on(key, *old_key);
  if (!old_key || moves) reread_owner(key, mapped.key);

  const auto touched = [this](const std::string& target) {
    return delivery_.touches({}, target) || verification_.touches({}, target);
  };
  if (touched(mapped.key) || (old && touched(old->key))) flush();
  auto claims = ledger.claims(object, mapped.key);
  const Claim owner = owner_of(claims, context_.config.write.on_duplicate);
  auto target = ledger.find_target(object, mapped.key);
  if (owner.key != key || owner.sync != sync) {
    if (old) ledger.put_orphan(sync, {old->key, key, OrphanReason::Moved});
    ledger.erase_intent(sync, key);
    if (target && target->owner == key && target->sync == sync && owner.sync == sync) {
      // This record has lost the key to another claimant, which is written as it is now.
      ledger.put_orphan(sync, {target->key, key, OrphanReason::Moved});
    }
    return give_way(arrival, mapped.key, claims);
  }
  if (context_.config.write.on_duplicate == DuplicatePolicy::Error && claims.size() > 1) {
    report_losers(mapped.key, claims, key);
  }
  ledger.erase_orphan(sync, mapped.key);
  if (target && !target->pending_hash.empty() && target->pending_hash != mapped.hash) {
    if (!delivery_.settle_receipt_of(mapped.key)) {
      // It stays under its old key: the next attempt changes it from there.
      if (arrival.before) ledger.put_record(sync, object, *arrival.before);
      ledger.erase_intent(sync, key);
      return put_off(arrival, mapped.hash);
    }
    target = ledger.find_target(object, mapped.key);
  }
  // A row that the record had to leave behind follows it to a key that is free.
  if (!target && !old) old = take_along(key);
  return plan(arrival, mapped, target, old);
}

std::optional<TargetRow> RecordFlow::take_along(const std::string& key) {
  for (auto& left :
       context_.state.ledger().left_behind(context_.row.id, context_.row.object, key)) {
    const bool free = delivered(left) && left.pending_hash.empty() &&
                      !delivery_.touches({}, left.key) &&
                      context_.state.ledger().claims(context_.row.object, left.key).empty();
    if (free) return std::move(left);
  }
  return std::nullopt;
}

// A record has left a key that others claim as well: the next one is written at the end of the run,
// also where this one had not been delivered.
void RecordFlow::hand_on(const std::string& key, const std::string& target) {
  Ledger& ledger = context_.state.ledger();
  const auto row = ledger.find_target(context_.row.object, target);
  if (row && (row->owner != key || row->sync != context_.row.id)) return;
  if (ledger.claims(context_.row.object, target).empty()) return;
  ledger.put_orphan(context_.row.id, {target, key, OrphanReason::Moved});
}

RecordOutcome RecordFlow::give_way(const Arrival& arrival, const std::string& target,
                                   const std::vector<Claim>& claims) {
  const std::string& key = arrival.record.key;
  const auto policy = context_.config.write.on_duplicate;
  if (policy != DuplicatePolicy::Error) {
    context_.state.errors().resolve(context_.row.id, key, context_.clock());
    return RecordOutcome::Superseded;
  }
  context_.report(key, duplicate_of(target, claims, context_.config.write));
  return RecordOutcome::Rejected;
}

std::optional<RecordOutcome> RecordFlow::plan(const Arrival& arrival, Mapped& mapped,
                                              const std::optional<TargetRow>& target,
                                              const std::optional<TargetRow>& old) {
  const std::string& key = arrival.record.key;
  Ledger& ledger = context_.state.ledger();
  const auto sync = context_.row.id;
  const auto object = context_.row.object;
  const bool rekeys = old && !target;
  if (old && !rekeys) ledger.put_orphan(sync, {old->key, key, OrphanReason::Moved});

  if (target && !context_.options.resend) {
    const bool same = target->hash == mapped.hash && target->pending_hash.empty();
    if (same || target->pending_hash == mapped.hash) {
      if (target->owner != key || target->sync != sync) {
        TargetRow taken = *target;
        taken.owner = key;
        taken.sync = sync;
        ledger.put_target(object, taken);
      }
      ledger.erase_intent(sync, key);
      if (same && context_.options.verify) {
        if (is_withheld(key, mapped)) return RecordOutcome::Rejected;
        verification_.add(write_of(arrival, mapped, target, std::nullopt));
        return std::nullopt;
      }
      if (!same && delivery_.awaits_earlier(mapped.key)) return RecordOutcome::Pending;
      if (same) context_.state.errors().resolve(sync, key, context_.clock());
      return RecordOutcome::Unchanged;
    }
  }
  if (is_withheld(key, mapped)) {
    ledger.erase_intent(sync, key);
    return RecordOutcome::Rejected;
  }
  delivery_.add(write_of(arrival, mapped, target, old));
  return std::nullopt;
}

// `old`: the target that the record leaves by this write, unless it has written `target` before.
PlannedWrite RecordFlow::write_of(const Arrival& arrival, const Mapped& mapped,
                                  const std::optional<TargetRow>& target,
                                  const std::optional<TargetRow>& old) {
  const std::string& key = arrival.record.key;
  Ledger& ledger = context_.state.ledger();
  const auto object = context_.row.object;
  const bool rekeys = old && !target;
  const auto& known = rekeys ? old : target;
  const SetMembers remaining = known ? SetMembers{} : ledger.remaining(object, mapped.key);
  Document at_destination =
      known ? known_document(context_.state, *known) : Document{{}, remaining};
  if (context_.options.verify) drop_members(at_destination, mapped.document);
  WriteLine line;
  line.key = mapped.key;
  if (rekeys) line.previous_key = old->key;
  if (known) line.remote_id = known->remote_id;
  line.delivered = known.has_value() && delivered(*known);
  line.repeated = !known && leftovers_.may_have_written(key, mapped.key);
  line.document = &mapped.document;
  line.delivered_document = known || !remaining.empty() ? &at_destination : nullptr;
  line.doubtful =
      context_.options.resend || !remaining.empty() || (known && known->hash == kUnknownHash);
  line.if_empty = mapped.if_empty;
  line.standing = ledger.standing(object, mapped.key);
  // What the person decided under the old key holds under the new one as well.
  if (rekeys) line.previous_standing = ledger.standing(object, old->key);
  PlannedWrite write;
  write.row = arrival.entry.row;
  write.ticket = arrival.entry.ticket;
  write.source_key = key;
  write.target = mapped.key;
  if (rekeys) write.previous_target = old->key;
  write.remote_id = line.remote_id;
  write.line = encode_write(line);
  write.document = kept_document(context_.state, context_.config.write, mapped.document);
  write.hash = mapped.hash;
  write.alone = has_crashed(key);
  if (context_.plan != nullptr) context_.plan->upsert(key, line);
  return write;
}

// Whether this very write is not sent: somebody has accepted its error, it has killed the connector
// and is not due to be tried again, or the destination still says that it would refuse the key.
bool RecordFlow::is_withheld(const std::string& key, const Mapped& mapped) {
  if (!context_.state.errors().any_withholds()) return false;
  const auto error = context_.state.errors().find(context_.row.id, key);
  if (!error || error->value_hash != mapped.hash) return false;
  if (error->state == ErrorState::Ignored) return true;
  if (is_open_crash(*error)) return waits_for_next_try_ && error->next_try > context_.clock();
  if (error->state != ErrorState::Open || error->stage != "constraint") return false;
  const auto refusals = delivery_.screen({mapped.key});
  const auto refused = refusals.find(mapped.key);
  if (refused == refusals.end()) return false;
  const Refusal& why = refused->second;
  context_.report(key, {"constraint", why.code, why.field, why.message, mapped.hash});
  return true;
}

bool RecordFlow::has_crashed(const std::string& key) {
  if (!context_.state.errors().any_withholds()) return false;
  const auto error = context_.state.errors().find(context_.row.id, key);
  return error && is_open_crash(*error);
}

// Whether the record's own write to the target is under way beyond this run's patience.
bool RecordFlow::is_pending(const std::string& key, const std::string& target) {
  if (target.empty()) return false;
  const auto row = context_.state.ledger().find_target(context_.row.object, target);
  return row && !row->pending_hash.empty() && row->owner == key && row->sync == context_.row.id;
}

// What the write under way ends with would overtake anything done now. The open error has the
// record read again.
RecordOutcome RecordFlow::put_off(const Arrival& arrival, const std::string& value_hash) {
  context_.report(arrival.record.key,
                  {"write", "still_pending", "",
                   "an earlier write of this record is still being processed by "
                   "the destination; it is tried again later",
                   value_hash});
  context_.state.ledger().mark_seen(context_.row.id, arrival.record.key, context_.row.walk);
  return RecordOutcome::Rejected;
}

// Whether this very write has been handed over and awaits its receipt.
bool RecordFlow::is_on_its_way(const std::string& key, const Mapped& mapped) {
  const auto row = context_.state.ledger().find_target(context_.row.object, mapped.key);
  return row && row->pending_hash == mapped.hash && row->owner == key &&
         row->sync == context_.row.id;
}

// The target that a record owns at the destination, if it has been delivered there.
std::optional<TargetRow> RecordFlow::owned(const std::string& key,
                                           const std::optional<std::string>& target) {
  if (!target) return std::nullopt;
  auto row = context_.state.ledger().find_target(context_.row.object, *target);
  const bool owns = row && row->owner == key && row->sync == context_.row.id;
  return owns && delivered(*row) ? row : std::nullopt;
}

// The new key may belong to a record that has left it as well: that one is read first, so that
// chains of changed keys are carried out from their free end. A record further up the stack closes
// a circle: its key is then exchanged.
void RecordFlow::reread_owner(const std::string& key, const std::string& target) {
  const auto row = context_.state.ledger().find_target(context_.row.object, target);
  if (!row || row->owner == key || row->sync != context_.row.id ||
      in_progress_.contains(row->owner))
    return;
  const auto owner = context_.state.ledger().find_record(context_.row.id, row->owner);
  if (!owner || owner->state != RecordState::Candidate || owner->target != target) return;
  const bool seen = context_.row.walking && owner->walk == context_.row.walk;
  if (seen || !read_again_.insert(row->owner).second) return;
  if (!context_.source.connector()->can(SLUICE_CAP_SOURCE_LOOKUP)) return;
  take_keys({row->owner});
}

void RecordFlow::report_losers(const std::string& target, const std::vector<Claim>& claims,
                               const std::string& owner) {
  const Rejection problem = duplicate_of(target, claims, context_.config.write);
  for (const auto& claim : claims) {
    if (claim.key == owner || claim.sync != context_.row.id) continue;
    const auto known = context_.state.errors().find(context_.row.id, claim.key);
    const bool told = known && known->state != ErrorState::Resolved &&
                      known->code == problem.code && known->message == problem.message;
    if (!told) context_.report(claim.key, problem);
  }
}

}  // namespace sluice::host
