#include "pipeline/departures.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "pipeline/claims.hpp"
#include "pipeline/documents.hpp"

namespace sluice::host {
namespace {

struct Doomed {
  Orphan orphan;
  TargetRow target;
};

const std::string& action_for(const SyncContext& context, OrphanReason reason) {
  return reason == OrphanReason::Deleted ? context.config.write.on_delete
                                         : context.config.write.on_exclude;
}

void close(SyncContext& context, const Orphan& orphan) {
  context.state.ledger().erase_orphan(context.row.id, orphan.target);
  if (orphan.reason == OrphanReason::Deleted) {
    context.state.runs().amend(context.run, context.row.id, orphan.source_key,
                               RecordOutcome::Deleted);
  }
}

// Gives an orphaned target, or the key that its record has left, to the next claimant, read as it
// is now. True: the target is there and nobody claims it.
bool is_abandoned(SyncContext& context, RecordFlow& flow, Delivery& delivery,
                  const Orphan& orphan) {
  Ledger& ledger = context.state.ledger();
  std::set<std::string> asked;
  for (;;) {
    const auto target = ledger.find_target(context.row.object, orphan.target);
    const bool taken =
        target && (target->owner != orphan.source_key || target->sync != context.row.id);
    if (taken) return false;
    const auto claims = ledger.claims(context.row.object, orphan.target);
    if (claims.empty()) return target.has_value();
    const Claim next = owner_of(claims, context.config.write.on_duplicate);
    if (next.sync != context.row.id) {
      // That sync writes it: it inherits a target that is there, of a free key it has to be told.
      if (!target) {
        ledger.put_orphan(next.sync, {orphan.target, orphan.source_key, OrphanReason::Moved});
      }
      return false;
    }
    if (next.key == orphan.source_key) return false;
    if (!asked.insert(next.key).second)
      return false;  // it stays with an open error, which will be tried again
    flow.take_keys({next.key});
    delivery.flush();
  }
}

PlannedWrite removal(SyncContext& context, const Doomed& doomed) {
  // What was added goes with it, as far as the destination's action takes anything away.
  const Document nothing;
  const Document delivered = known_document(context.state, doomed.target);
  WriteLine line;
  line.remove = true;
  line.document = &nothing;
  line.delivered_document = &delivered;
  line.key = doomed.target.key;
  line.remote_id = doomed.target.remote_id;
  line.delivered = true;
  line.action = action_for(context, doomed.orphan.reason);
  line.standing = context.state.ledger().standing(context.row.object, doomed.target.key);
  PlannedWrite write;
  write.remove = true;
  write.accounted = doomed.orphan.reason == OrphanReason::Deleted;
  write.source_key = doomed.orphan.source_key;
  write.target = doomed.target.key;
  write.line = encode_write(line);
  return write;
}

}  // namespace

std::int64_t deletion_limit(const RunOptions& options, const DeleteLimit& limit,
                            std::int64_t delivered) {
  if (options.allow_deletes) return *options.allow_deletes;
  if (limit.count) return static_cast<std::int64_t>(*limit.count);
  const auto share = [delivered](double percent) {
    return static_cast<std::int64_t>(std::floor(static_cast<double>(delivered) * percent / 100));
  };
  if (limit.percent) return share(*limit.percent);
  return std::max<std::int64_t>(20, share(2));
}

void settle_departures(SyncContext& context, RecordFlow& flow, Delivery& delivery) {
  Ledger& ledger = context.state.ledger();
  std::vector<Doomed> doomed;
  std::int64_t actions = 0;
  for (const auto& orphan : ledger.orphans(context.row.id)) {
    if (!is_abandoned(context, flow, delivery, orphan)) {
      close(context, orphan);
      continue;
    }
    auto target = *ledger.find_target(context.row.object, orphan.target);
    if (!target.pending_hash.empty()) continue;  // a later run looks again
    doomed.push_back({orphan, std::move(target)});
    if (action_for(context, orphan.reason) != "keep") ++actions;
  }
  delivery.flush();
  // Counting them reads all of them.
  const std::int64_t delivered = actions > 0 ? ledger.delivered_count(context.row.object) : 0;
  const std::int64_t limit =
      deletion_limit(context.options, context.config.write.max_deletes, delivered);
  if (actions > limit) {
    delivery.commit();
    const std::string refusal =
        "sync '" + context.config.name + "': " + std::to_string(actions) +
        " records would be removed (" + context.config.write.on_delete +
        "), more than the limit of " + std::to_string(limit) +
        "; none was. Look at the source, then run again with --allow-deletes " +
        std::to_string(actions) + ", or raise write.max_deletes";
    if (context.plan == nullptr) throw Refused{refusal};
    context.plan->stopped_by(refusal);
  }
  for (const auto& entry : doomed) {
    const std::string& action = action_for(context, entry.orphan.reason);
    if (context.plan != nullptr) context.plan->depart(entry.orphan, action);
    if (action != "keep") {
      delivery.add(removal(context, entry));
      continue;
    }
    if (entry.orphan.reason == OrphanReason::Deleted) {
      leave_to_itself(context.state, context.row.object, entry.target);
    }
    close(context, entry.orphan);
    if (entry.orphan.reason == OrphanReason::Moved) {
      // A record that claims another key than it owns: this one stays its own.
      ledger.put_orphan(context.row.id,
                        {entry.target.key, entry.orphan.source_key, OrphanReason::Kept});
    }
  }
  delivery.flush();
}

}  // namespace sluice::host
