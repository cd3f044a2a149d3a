#include "pipeline/validation.hpp"

#include <set>
#include <utility>

#include "pipeline/claims.hpp"

namespace sluice::host {
namespace {

constexpr std::size_t kContested = 500;

// Errors that validation itself can see come and go; those of the destination it cannot judge.
bool is_ours(const RecordError& error) {
  return error.stage != "write";
}

}  // namespace

Validation::Validation(SyncContext& context, ScreenFn screen)
    : context_{context}, screen_{std::move(screen)}, started_{context.clock()} {}

void Validation::take(std::string_view records) {
  each_line(records, [this](std::string_view line) {
    const Incoming record = decode_record(parser_, line, context_.source.plugin().id);
    ++context_.read;
    const std::int64_t row = context_.next_row();
    context_.account(row, record.key, judge(record, row));
  });
  screen();
}

void Validation::settle(const std::string& key) {
  ErrorLog& errors = context_.state.errors();
  const auto error = errors.find(context_.row.id, key);
  if (error && error->state != ErrorState::Resolved && is_ours(*error) &&
      error->stage != "duplicate") {
    errors.resolve(context_.row.id, key, context_.clock());
  }
}

void Validation::screen() {
  if (unscreened_.empty()) return;
  std::vector<std::string> targets;
  targets.reserve(unscreened_.size());
  for (const auto& record : unscreened_) targets.push_back(record.target);
  const auto refusals = screen_(targets);
  for (const auto& record : std::exchange(unscreened_, {})) {
    const auto refused = refusals.find(record.target);
    if (refused == refusals.end()) {
      settle(record.key);
      continue;
    }
    const Refusal& why = refused->second;
    // The hash of the write: once somebody has accepted the error, no run sends this very write.
    context_.report(record.key, {"constraint", why.code, why.field, why.message, record.hash});
    context_.account(record.row, record.key, RecordOutcome::Rejected);
  }
}

RecordOutcome Validation::judge(const Incoming& record, std::int64_t row) {
  if (record.remove) {
    context_.state.errors().resolve(context_.row.id, record.key, context_.clock());
    if (context_.state.ledger().find_record(context_.row.id, record.key))
      claim(record, RecordState::Gone, {});
    return RecordOutcome::Deleted;
  }
  if (!record.skip.empty()) {
    settle(record.key);
    claim(record, RecordState::Filtered, {});
    return RecordOutcome::Filtered;
  }
  const MapResult result = context_.mapping.apply(record.data);
  if (result.status == MapResult::Status::Filtered) {
    settle(record.key);
    claim(record, RecordState::Filtered, {});
    return RecordOutcome::Filtered;
  }
  if (result.status == MapResult::Status::Rejected) {
    context_.report(record.key, result.rejection);
    claim(record, RecordState::Invalid, {});
    return RecordOutcome::Rejected;
  }
  if (screen_) {
    const std::string hash = write_hash(result, context_.config.write);
    unscreened_.push_back({record.key, result.key, hash, row});
  } else {
    settle(record.key);
  }
  claim(record, RecordState::Candidate, result.key);
  return RecordOutcome::Valid;
}

// A record that has been delivered keeps its row: only a run that writes may change what it owns.
void Validation::claim(const Incoming& record, RecordState state, const std::string& target) {
  Ledger& ledger = context_.state.ledger();
  const auto before = ledger.find_record(context_.row.id, record.key);
  if (before && before->target) {
    const auto owned = ledger.find_target(context_.row.object, *before->target);
    if (owned && owned->owner == record.key && owned->sync == context_.row.id) return;
  }
  RecordRow row;
  row.key = record.key;
  if (!target.empty()) row.target = target;
  const bool is_absent = record.remove && record.version == 0;
  row.version = is_absent && before ? before->version : record.version;
  row.recency = record.recency;
  row.walk = before ? before->walk : 0;
  row.state = state;
  ledger.put_record(context_.row.id, context_.row.object, row);
}

void Validation::judge_duplicates() {
  const auto policy = context_.config.write.on_duplicate;
  std::string after;
  for (;;) {
    const auto targets = context_.state.ledger().contested(context_.row.object, after, kContested);
    if (targets.empty()) return;
    after = targets.back();
    for (const auto& target : targets) {
      const auto claims = context_.state.ledger().claims(context_.row.object, target);
      const Claim owner = owner_of(claims, policy);
      for (const auto& claim : claims) {
        if (claim == owner || claim.sync != context_.row.id) continue;
        if (policy == DuplicatePolicy::Error) {
          context_.report(claim.key, duplicate_of(target, claims, context_.config.write));
        }
        context_.state.runs().amend(
            context_.run, context_.row.id, claim.key,
            policy == DuplicatePolicy::Error ? RecordOutcome::Rejected : RecordOutcome::Superseded);
      }
    }
  }
}

void Validation::finish() {
  judge_duplicates();
  // An error that this walk has not seen again is over: its record is fine now, or gone.
  std::vector<std::string> over;
  const auto collect = [&](const RecordError& error) {
    if (error.sync == context_.config.name && is_ours(error) && error.last_seen < started_)
      over.push_back(error.key);
  };
  context_.state.errors().each(ErrorState::Open, collect);
  context_.state.errors().each(ErrorState::Ignored, collect);
  for (const auto& key : over)
    context_.state.errors().resolve(context_.row.id, key, context_.clock());
}

std::vector<std::string> Validation::keys_to_retry() {
  std::set<std::string> keys;
  const auto add = [&](const RecordError& error) {
    keys.insert(error.key);
    if (error.stage != "duplicate") return;
    const auto record = context_.state.ledger().find_record(context_.row.id, error.key);
    if (!record || !record->target) return;
    for (const auto& claim : context_.state.ledger().claims(context_.row.object, *record->target)) {
      if (claim.sync == context_.row.id) keys.insert(claim.key);
    }
  };
  ErrorSelection own;
  own.sync = context_.config.name;
  context_.state.errors().each(ErrorState::Open, add, own);
  return {keys.begin(), keys.end()};
}

void Validation::finish_retry(const std::vector<std::string>& keys) {
  judge_duplicates();
  for (const auto& key : keys) {
    const auto error = context_.state.errors().find(context_.row.id, key);
    if (error && error->state != ErrorState::Resolved && is_ours(*error) &&
        error->last_seen < started_)
      context_.state.errors().resolve(context_.row.id, key, context_.clock());
  }
}

}  // namespace sluice::host
