#include "pipeline/leftovers.hpp"

#include <sluice/abi.h>

#include <algorithm>

namespace sluice::host {
namespace {

bool contains(const std::vector<std::string>& texts, const std::string& text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

// What the lost answer would have told: what the person decided holds under both keys, what Sluice
// itself withdrew has moved along. `left`: the scopes in which the moved target is withdrawn.
void move_standing(Ledger& ledger, std::int64_t object, const std::string& from,
                   const std::string& to, const std::vector<std::string>& left) {
  Standing old = ledger.standing(object, from);
  Standing now = ledger.standing(object, to);
  for (const auto& scope : left) {
    if (!contains(old.withdrawn, scope) && !contains(old.opted_out, scope))
      old.opted_out.push_back(scope);
  }
  for (const auto& scope : old.opted_out) {
    if (!contains(now.opted_out, scope)) now.opted_out.push_back(scope);
  }
  for (const auto& scope : old.withdrawn) {
    if (!contains(now.opted_out, scope) && !contains(now.withdrawn, scope))
      now.withdrawn.push_back(scope);
  }
  ledger.put_standing(object, from, old.opted_out, std::vector<std::string>{});
  ledger.put_standing(object, to, now.opted_out, now.withdrawn);
}

}  // namespace

void Leftovers::settle() {
  for (const auto& intent : context_.state.ledger().intents(context_.row.id)) {
    if (settle(intent)) context_.state.ledger().erase_intent(context_.row.id, intent.source_key);
  }
}

bool Leftovers::settle(const Intent& intent) {
  Ledger& ledger = context_.state.ledger();
  if (auto target = ledger.find_target(context_.row.object, intent.new_target)) {
    if (!target->hash.empty()) target->hash = kUnknownHash;  // the next copy of the record differs
    ledger.put_target(context_.row.object, *target);
    return true;
  }
  if (!intent.old_target) {
    unknown_[intent.source_key] = intent;
    sent_[intent.source_key] = intent.new_target;
    return false;
  }
  settle_changed_key(intent);
  return true;
}

void Leftovers::settle_changed_key(const Intent& intent) {
  Ledger& ledger = context_.state.ledger();
  auto row = ledger.find_record(context_.row.id, intent.source_key);
  if (!row) return;
  const bool looks = context_.destination.connector()->can(SLUICE_CAP_DESTINATION_LOOKUP);
  const auto found =
      looks ? delivery_.lookup({intent.new_target, *intent.old_target}) : std::vector<RemoteKey>{};
  const auto there = [&found](const std::string& key) {
    return std::find_if(found.begin(), found.end(), [&key](const RemoteKey& remote) {
      return remote.key == key && remote.found;
    });
  };
  auto old = ledger.find_target(context_.row.object, *intent.old_target);
  const auto moved = there(intent.new_target);
  if (old && moved != found.end() && there(*intent.old_target) == found.end()) {
    move_standing(ledger, context_.row.object, old->key, intent.new_target, moved->opted_out);
    ledger.erase_target(context_.row.object, old->key);
    ledger.put_orphan(context_.row.id, {old->key, intent.source_key, OrphanReason::Moved});
    old->key = intent.new_target;
    old->hash = kUnknownHash;
    ledger.put_target(context_.row.object, *old);
  } else if (row->target == intent.new_target) {
    row->target = intent.old_target;
    ledger.put_record(context_.row.id, context_.row.object, *row);
  }
}

bool Leftovers::may_have_written(const std::string& key, const std::string& target) const {
  const auto sent = sent_.find(key);
  return sent != sent_.end() && sent->second == target;
}

std::optional<TargetRow> Leftovers::written_by(const std::string& key, const std::string& target) {
  const auto leftover = unknown_.find(key);
  if (leftover == unknown_.end()) return std::nullopt;
  const std::string written = leftover->second.new_target;
  unknown_.erase(leftover);
  if (written == target || !context_.destination.connector()->can(SLUICE_CAP_DESTINATION_LOOKUP))
    return std::nullopt;
  Ledger& ledger = context_.state.ledger();
  if (ledger.find_target(context_.row.object, written)) {
    ledger.erase_intent(context_.row.id, key);
    return std::nullopt;
  }
  const auto found = delivery_.lookup({written});
  ledger.erase_intent(context_.row.id, key);
  if (found.empty() || !found.front().found) return std::nullopt;
  TargetRow row;
  row.key = written;
  row.sync = context_.row.id;
  row.owner = key;
  row.remote_id = found.front().remote_id;
  ledger.put_target(context_.row.object, row);
  return row;
}

}  // namespace sluice::host
