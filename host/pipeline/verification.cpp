#include "pipeline/verification.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace sluice::host {
namespace {

// Destinations read many records a call.
constexpr std::size_t kBatch = 500;

std::string names_of(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

bool Verification::touches(const std::string& source_key, const std::string& target) const {
  return source_keys_.contains(source_key) || targets_.contains(target);
}

void Verification::add(PlannedWrite write) {
  source_keys_.insert(write.source_key);
  targets_.insert(write.target);
  waiting_.push_back(std::move(write));
  if (waiting_.size() >= kBatch) flush();
}

void Verification::flush() {
  if (waiting_.empty()) return;
  std::string lines;
  for (const auto& write : waiting_) lines += write.line;
  const auto differences = delivery_.verify(lines, waiting_.size());
  source_keys_.clear();
  targets_.clear();
  auto writes = std::exchange(waiting_, {});
  for (std::size_t i = 0; i < writes.size(); ++i) {
    ++counts_.verified;
    remember(writes[i], differences[i]);
    if (differences[i].found && differences[i].names.empty()) {
      settle(writes[i]);
    } else {
      repair(std::move(writes[i]), differences[i]);
    }
  }
}

// What the destination said besides: ids, and what people have decided there.
void Verification::remember(const PlannedWrite& write, const RemoteDifference& difference) {
  Ledger& ledger = context_.state.ledger();
  ledger.put_standing(context_.row.object, write.target, difference.opted_out,
                      difference.withdrawn);
  auto target = ledger.find_target(context_.row.object, write.target);
  if (!target) return;
  const bool moved = difference.remote_id && target->remote_id != difference.remote_id;
  const bool as_delivered = difference.found && difference.names.empty();
  if (moved) {
    ++counts_.ids_filled;
    target->remote_id = difference.remote_id;
  }
  // From here on nobody may take it for delivered, whatever comes between.
  if (!as_delivered) target->hash.clear();
  if (!difference.found) target->remote_id.reset();
  if (moved || !as_delivered) ledger.put_target(context_.row.object, *target);
}

void Verification::settle(const PlannedWrite& write) {
  context_.state.errors().resolve(context_.row.id, write.source_key, context_.clock());
  context_.account(write.row, write.source_key, RecordOutcome::Unchanged);
  context_.checkpoint.settled(write.ticket);
}

void Verification::repair(PlannedWrite write, const RemoteDifference& difference) {
  ++counts_.drifted;
  json::object line = parse_json(write.line).as_object();
  if (difference.found) {
    spdlog::info("sync '{}': {} differs at the destination ({}) and is written again",
                 context_.config.name, write.source_key, names_of(difference.names));
  } else {
    ++counts_.missing;
    spdlog::info("sync '{}': {} is gone at the destination and is written again",
                 context_.config.name, write.source_key);
    line.erase("delivered");
    line.erase("remote_id");
    write.remote_id.reset();
  }
  const bool taken =
      difference.key &&
      context_.state.ledger().find_target(context_.row.object, *difference.key).has_value();
  if (!difference.found && difference.key && !taken) line["previous_key"] = *difference.key;
  if (difference.remote_id) {
    line["remote_id"] = *difference.remote_id;
    write.remote_id = difference.remote_id;
  }
  const Standing standing = context_.state.ledger().standing(context_.row.object, write.target);
  const auto put = [&line](const char* name, const std::vector<std::string>& scopes) {
    if (scopes.empty()) {
      line.erase(name);
    } else {
      line[name] = json::array(scopes.begin(), scopes.end());
    }
  };
  put("opted_out", standing.opted_out);
  put("withdrawn", standing.withdrawn);
  write.line = to_json(line) + '\n';
  delivery_.add(std::move(write));
}

}  // namespace sluice::host
