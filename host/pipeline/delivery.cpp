#include "pipeline/delivery.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <map>
#include <sluice/error.hpp>

#include "pipeline/pause.hpp"
#include "pipeline/steady_ms.hpp"

namespace sluice::host {
namespace {

constexpr int kMaxAttempts = 5;  // of one write that the destination asks to send again
constexpr int kMaxPolls = 6;     // of a receipt, that fail in a row
constexpr std::int64_t kCommitEveryMs = 1000;
constexpr std::int64_t kNoAccount = -1;  // row of a receipt's write that no record stands behind
constexpr std::size_t kHashBytes = 16;   // a removal waits under a hash of zeros: no document's
// However late a receipt is to be asked for: the wall clock may have been wrong when that was
// noted.
constexpr std::int64_t kLongestWaitMs = 600'000;
constexpr const char* kSentAgain = "sent_again";

RecordError error_of(const PlannedWrite& write, std::string code, std::string message) {
  RecordError error;
  error.key = write.source_key;
  error.stage = "write";
  error.code = std::move(code);
  error.message = std::move(message);
  error.value_hash = write.hash;
  return error;
}

}  // namespace

void commit_progress(State& state, SyncRow& sync, Checkpoint& checkpoint) {
  if (auto cursor = checkpoint.take_safe_cursor()) {
    (sync.walking ? sync.walk_cursor : sync.cursor) = std::move(cursor);
    state.put_sync(sync);
  }
  state.commit();
}

struct Delivery::Batch {
  std::vector<PlannedWrite> writes;
  std::vector<std::string> lines;  // of the writes, which get them back with the answer
  std::future<std::vector<WriteResult>> answer;
};

Delivery::Delivery(State& state, SyncRow& sync, WriterSlot& slot, Checkpoint& checkpoint,
                   DeliverySettings settings, WallClock clock, std::stop_token stop)
    : state_{state},
      sync_{sync},
      slot_{slot},
      batch_writer_{slot, stop},
      checkpoint_{checkpoint},
      settings_{settings},
      clock_{std::move(clock)},
      stop_{std::move(stop)},
      batch_records_{settings.one_by_one ? 1 : slot.writer().preferred_records()},
      batch_bytes_{slot.writer().max_bytes()},
      receipts_{state.receipts().open(sync.id)},
      committed_at_{steady_ms()} {
  const std::int64_t ahead = steady_ms() - clock_();
  for (auto& open : receipts_) {
    const std::int64_t latest = clock_() + kLongestWaitMs;
    open.next_poll = std::min(open.next_poll, latest) + ahead;
  }
}

Delivery::~Delivery() = default;

bool Delivery::touches(const std::string& source_key, const std::string& target) const {
  return source_keys_.contains(source_key) || targets_.contains(target);
}

void Delivery::add(PlannedWrite write) {
  const bool alone = write.alone;
  if (alone) send();
  source_keys_.insert(write.source_key);
  targets_.insert(write.target);
  if (!write.previous_target.empty()) targets_.insert(write.previous_target);
  if (planned_.empty()) planned_since_ = steady_ms();
  planned_bytes_ += write.line.size();
  planned_.push_back(std::move(write));
  if (alone) {
    send();
  } else if (planned_.size() >= batch_records_ || planned_bytes_ >= batch_bytes_) {
    // Where one batch follows the other the writer is free at no other moment, and receipts that
    // pile up would hold batches back later, while a limit on them goes unused.
    finish();
    poll_all_due();
    send();
  }
}

void Delivery::send() {
  finish();
  if (planned_.empty()) return;
  for (auto& write : planned_) {
    if (write.remove) continue;
    write.intended = true;
    state_.ledger().put_intent(
        sync_.id,
        {write.source_key,
         write.previous_target.empty() ? std::nullopt : std::optional{write.previous_target},
         write.target});
  }
  commit();
  withhold_ignored();
  if (planned_.empty()) return;
  in_flight_ = std::make_unique<Batch>();
  in_flight_->writes = std::move(planned_);
  planned_.clear();
  planned_bytes_ = 0;
  auto& lines = in_flight_->lines;
  lines.reserve(in_flight_->writes.size());
  for (auto& write : in_flight_->writes) lines.push_back(std::move(write.line));
  in_flight_->answer =
      std::async(std::launch::async, [this, &lines] { return batch_writer_.write(lines); });
}

// What somebody has decided while the batch was being planned holds for it, too.
void Delivery::withhold_ignored() {
  if (!state_.errors().any_withholds()) return;
  std::erase_if(planned_, [this](const PlannedWrite& write) {
    if (write.remove) return false;
    const auto error = state_.errors().find(sync_.id, write.source_key);
    const bool ignored =
        error && error->state == ErrorState::Ignored && error->value_hash == write.hash;
    if (!ignored) return false;
    planned_bytes_ -= write.line.size();
    leave(write);
    return true;
  });
}

void Delivery::finish() {
  if (!in_flight_) return;
  const auto batch = std::move(in_flight_);
  const auto results = batch->answer.get();
  std::map<std::string, std::pair<std::vector<PlannedWrite*>, std::vector<WriteResult>>> pending;
  std::vector<PlannedWrite> again;
  std::int64_t after_ms = 0;
  for (std::size_t i = 0; i < results.size(); ++i) {
    PlannedWrite& write = batch->writes[i];
    write.line = std::move(batch->lines[i]);
    const WriteResult& result = results[i];
    const bool unsure = result.status == WriteResult::Status::Retry ||
                        result.status == WriteResult::Status::Unconfirmed;
    if (result.status == WriteResult::Status::Pending) {
      pending[result.receipt].first.push_back(&write);
      pending[result.receipt].second.push_back(result);
    } else if (unsure && ++write.attempts < kMaxAttempts) {
      after_ms = std::max(after_ms, result.after_ms);
      again.push_back(std::move(write));
    } else if (withdraws_what_remained(write, result)) {
      again.push_back(std::move(write));
    } else {
      apply(write, result);
    }
  }
  for (const auto& [receipt, group] : pending) apply_pending(group.first, group.second);
  if (!again.empty()) resend_later(std::move(again), after_ms);
}

void Delivery::resend_later(std::vector<PlannedWrite> writes, std::int64_t after_ms) {
  commit();
  pause(stop_, after_ms);
  if (planned_.empty()) planned_since_ = steady_ms();
  for (auto& write : writes) {
    write.line = as_repeated(std::move(write.line));
    planned_bytes_ += write.line.size();
    planned_.insert(planned_.begin(), std::move(write));
  }
}

// A write whose new key was taken did not know what Sluice had added there for somebody who is
// gone: it is sent once more.
bool Delivery::withdraws_what_remained(PlannedWrite& write, const WriteResult& result) {
  if (result.status != WriteResult::Status::Ok || write.remove || write.previous_target.empty() ||
      result.rekeyed) {
    return false;
  }
  SetMembers left = state_.ledger().remaining(sync_.object, write.target);
  const Document wanted = decode_document(state_.packer().unpack(write.document));
  for (const auto& [name, texts] : wanted.sets) {
    auto& members = left[name];
    std::erase_if(members, [&wanted_texts = texts](const std::string& text) {
      return std::binary_search(wanted_texts.begin(), wanted_texts.end(), text);
    });
  }
  std::erase_if(left, [](const auto& set) { return set.second.empty(); });
  if (left.empty()) return false;
  state_.ledger().put_standing(sync_.object, write.target, result.opted_out, result.withdrawn);
  if (result.remote_id) write.remote_id = result.remote_id;
  write.line = as_withdrawal(write.line, left, result);
  write.found_taken = true;
  return true;
}

void Delivery::apply(PlannedWrite& write, const WriteResult& result) {
  switch (result.status) {
    case WriteResult::Status::Ok:
      return apply_ok(write, result);
    case WriteResult::Status::Rejected:
      return apply_rejected(write, result.code, result);
    case WriteResult::Status::Retry:
      return apply_rejected(write, "retries_exhausted", result);
    case WriteResult::Status::Unconfirmed:
      return apply_rejected(write, "unconfirmed", result);
    case WriteResult::Status::Pending:
      break;
  }
}

void Delivery::apply_ok(const PlannedWrite& write, const WriteResult& result) {
  Ledger& ledger = state_.ledger();
  ledger.put_standing(sync_.object, write.target, result.opted_out, result.withdrawn);
  if (write.remove) {
    ledger.erase_target(sync_.object, write.target);
    ledger.erase_orphan(sync_.id, write.target);
    settle(write, RecordOutcome::Deleted);
    return;
  }
  TargetRow target;
  target.key = write.target;
  target.sync = sync_.id;
  target.owner = write.source_key;
  target.remote_id = result.remote_id ? result.remote_id : write.remote_id;
  target.document = write.document;
  target.hash = write.hash;
  target.delivered_at = clock_();
  ledger.put_delivered(sync_.object, target);
  if (!write.previous_target.empty()) {
    if (result.rekeyed && !write.found_taken) {
      ledger.erase_target(sync_.object, write.previous_target);
      // What the person decided holds for whoever gets the old key as well; what Sluice did there
      // has moved along.
      ledger.put_standing(sync_.object, write.previous_target,
                          result.previous_opted_out ? result.previous_opted_out : result.opted_out,
                          std::vector<std::string>{});
    }
    // Others may claim the old key.
    ledger.put_orphan(sync_.id, {write.previous_target, write.source_key, OrphanReason::Moved});
  }
  ledger.put_remaining(sync_.object, write.target, {});
  ++delivered_;
  settle(write, RecordOutcome::Delivered);
}

void Delivery::apply_rejected(const PlannedWrite& write, const std::string& code,
                              const WriteResult& result) {
  RecordError error =
      error_of(write, code.empty() ? "rejected" : code,
               result.message.empty() ? "the destination refused the record" : result.message);
  error.field = result.field;
  if (state_.errors().report(sync_.id, error, clock_())) ++new_errors_;
  leave(write);
}

// The record is not written.
void Delivery::leave(const PlannedWrite& write) {
  Ledger& ledger = state_.ledger();
  ledger.erase_intent(sync_.id, write.source_key);
  if (!write.previous_target.empty()) {
    // It stays under its old key there: the next attempt changes it from there.
    if (auto row = ledger.find_record(sync_.id, write.source_key);
        row && row->target == write.target) {
      row->target = write.previous_target;
      ledger.put_record(sync_.id, sync_.object, *row);
    }
  }
  account(write, RecordOutcome::Rejected);
  release(write);
}

void Delivery::settle(const PlannedWrite& write, RecordOutcome outcome) {
  if (write.intended) state_.ledger().erase_intent(sync_.id, write.source_key);
  // A target that its owner has left says nothing about the owner's own errors.
  if (write.accounted && (!write.earlier || is_noted(write)))
    state_.errors().resolve(sync_.id, write.source_key, clock_());
  account(write, outcome);
  release(write);
}

void Delivery::account(const PlannedWrite& write, RecordOutcome outcome) {
  if (!write.accounted) return;
  if (write.row != 0) {
    state_.runs().record(settings_.run, write.row, sync_.id, write.source_key, outcome);
  } else if (write.earlier) {
    // It may have been read again since, and be under another key by now.
    state_.runs().amend_pending(settings_.run, sync_.id, write.source_key, outcome);
  } else {
    state_.runs().amend(settings_.run, sync_.id, write.source_key, outcome);
  }
}

void Delivery::release(const PlannedWrite& write) {
  source_keys_.erase(write.source_key);
  targets_.erase(write.target);
  if (!write.previous_target.empty()) targets_.erase(write.previous_target);
  checkpoint_.settled(write.ticket);
}

void Delivery::apply_pending(const std::vector<PlannedWrite*>& writes,
                             const std::vector<WriteResult>& results) {
  const std::int64_t now = clock_();
  OpenReceipt receipt;
  receipt.receipt = results.front().receipt;
  receipt.issued_at = now;
  receipt.next_poll = now + results.front().after_ms;
  receipt.run = settings_.run;
  receipt.id = state_.receipts().add(sync_.id, settings_.run, receipt.receipt, receipt.issued_at,
                                     receipt.next_poll);
  for (const PlannedWrite* write : writes) {
    state_.receipts().add_write(
        sync_.id, receipt.id,
        {write->source_key, write->accounted ? write->row : kNoAccount, write->target,
         write->previous_target, write->line, write->document, write->hash});
    TargetRow target;
    target.key = write->target;
    target.sync = sync_.id;
    target.owner = write->source_key;
    target.pending_hash = write->remove ? std::string(kHashBytes, '\0') : write->hash;
    state_.ledger().put_pending(sync_.object, target);
    if (write->intended) state_.ledger().erase_intent(sync_.id, write->source_key);
    if (write->row != 0) {
      state_.runs().record(settings_.run, write->row, sync_.id, write->source_key,
                           RecordOutcome::Pending);
    }
    release(*write);
  }
  receipt.next_poll = steady_ms() + results.front().after_ms;
  receipts_.push_back(receipt);
}

std::vector<RemoteKey> Delivery::lookup(const std::vector<std::string>& keys) {
  finish();
  json::array wanted;
  for (const auto& key : keys) wanted.emplace_back(key);
  std::vector<RemoteKey> out;
  JsonParser parser;
  each_line(slot_.writer().lookup({{"keys", std::move(wanted)}}), [&](std::string_view line) {
    const json::object row = parser.parse(line).as_object();
    RemoteKey remote;
    remote.key = std::string{row.at("key").as_string()};
    remote.found = row.at("found").as_bool();
    if (const auto* id = row.if_contains("remote_id"); id != nullptr && id->is_string()) {
      remote.remote_id = std::string{id->get_string()};
    }
    remote.opted_out = texts_of(row, "opted_out").value_or(std::vector<std::string>{});
    out.push_back(std::move(remote));
  });
  return out;
}

std::map<std::string, Refusal> Delivery::screen(const std::vector<std::string>& keys) {
  finish();
  return decode_refusals(slot_.writer().screen({{"keys", json::array(keys.begin(), keys.end())}}),
                         slot_.plugin().id);
}

std::vector<RemoteDifference> Delivery::verify(const std::string& lines, std::size_t count) {
  finish();
  return decode_differences(slot_.writer().verify(lines), count, slot_.plugin().id);
}

// The write has not been carried out; one that has overwrites the row.
void Delivery::no_longer_pending(PlannedWrite& write) {
  auto target = state_.ledger().find_target(sync_.object, write.target);
  if (!target) return;
  write.remote_id = target->remote_id;
  target->pending_hash.clear();
  state_.ledger().put_target(sync_.object, *target);
}

std::vector<PlannedWrite> Delivery::poll(OpenReceipt receipt) {
  const auto writes = state_.receipts().writes(receipt.id);
  const std::int64_t age = clock_() - receipt.issued_at;
  const std::string header =
      to_json(json::object{{"receipt", receipt.receipt},
                           {"age_ms", age},
                           {"overdue", age > settings_.receipt_deadline.count()}}) +
      '\n';
  std::vector<std::string> lines;
  lines.reserve(writes.size());
  for (const auto& write : writes) lines.push_back(write.line);
  const auto results = batch_writer_.poll(header, lines);
  const auto waiting = std::find_if(results.begin(), results.end(), [](const WriteResult& result) {
    return result.status == WriteResult::Status::Pending;
  });
  if (waiting != results.end()) {
    const std::int64_t wait = std::max<std::int64_t>(waiting->after_ms, 100);
    state_.receipts().postpone(receipt.id, clock_() + wait);
    receipt.next_poll = steady_ms() + wait;
    receipts_.push_back(std::move(receipt));
    return {};
  }
  std::vector<PlannedWrite> again;
  for (std::size_t i = 0; i < writes.size(); ++i) {
    PlannedWrite write;
    write.remove = is_removal(writes[i].line);
    write.earlier = receipt.run != settings_.run;
    write.accounted = writes[i].row != kNoAccount;
    write.row = write.earlier || !write.accounted ? 0 : writes[i].row;
    write.source_key = writes[i].source_key;
    write.target = writes[i].target;
    write.previous_target = writes[i].previous_target;
    write.line = writes[i].line;
    write.document = writes[i].document;
    write.hash = writes[i].hash;
    if (results[i].status != WriteResult::Status::Ok) no_longer_pending(write);
    const bool unsure = results[i].status == WriteResult::Status::Retry ||
                        results[i].status == WriteResult::Status::Unconfirmed;
    if (unsure) {
      write.attempts = 1;
      note_until_sent(write);
      again.push_back(std::move(write));
    } else {
      apply(write, results[i]);
    }
  }
  state_.receipts().settle(receipt.id);
  return again;
}

// Neither a receipt nor a cursor that is held back remembers the write any more: should this
// process be killed, its open error has the record read again. What becomes of the write ends it.
void Delivery::note_until_sent(const PlannedWrite& write) {
  // What is to be removed the ledger still holds.
  if (write.remove || !write.accounted) return;
  const auto known = state_.errors().find(sync_.id, write.source_key);
  if (known && known->state != ErrorState::Resolved) return;
  const auto error = error_of(write, kSentAgain,
                              "the destination did not take the record up, and it is sent again");
  (void)state_.errors().report(sync_.id, error, clock_());
}

bool Delivery::is_noted(const PlannedWrite& write) {
  const auto error = state_.errors().find(sync_.id, write.source_key);
  return error && error->code == kSentAgain;
}

bool Delivery::poll_due() {
  // While a batch is under way the writer is busy: its handle takes one call at a time.
  if (in_flight_ &&
      in_flight_->answer.wait_for(std::chrono::seconds{0}) != std::future_status::ready) {
    return false;
  }
  const std::int64_t now = steady_ms();
  const auto due =
      std::find_if(receipts_.begin(), receipts_.end(),
                   [now](const OpenReceipt& receipt) { return receipt.next_poll <= now; });
  if (due == receipts_.end()) return false;
  const OpenReceipt receipt = std::move(*due);
  receipts_.erase(due);
  finish();
  std::vector<PlannedWrite> again;
  try {
    again = poll(receipt);
    failed_polls_ = 0;
  } catch (const Error& error) {
    ask_later(receipt, error);
  }
  for (auto& write : again) add(std::move(write));
  return true;
}

// Each at most once: reading goes on meanwhile.
void Delivery::poll_all_due() {
  for (std::size_t left = receipts_.size(); left > 0 && poll_due(); --left) {
  }
}

void Delivery::ask_later(OpenReceipt receipt, const Error& problem) {
  // A connector that is dead by now has been given up.
  const bool passing =
      slot_.alive() && (problem.code() == Code::Transient || problem.code() == Code::RateLimited);
  if (!passing || ++failed_polls_ == kMaxPolls) throw;
  spdlog::warn("a receipt is asked for again: {}", problem.what());
  receipt.next_poll =
      steady_ms() + std::max<std::int64_t>(problem.retry_after_ms(), settings_.poll_again.count()
                                                                         << (failed_polls_ - 1));
  receipts_.push_back(std::move(receipt));
}

void Delivery::tend() {
  const std::int64_t now = steady_ms();
  if (!planned_.empty() && now - planned_since_ >= settings_.linger.count()) send();
  poll_all_due();
  if (now - committed_at_ >= kCommitEveryMs) commit();
}

void Delivery::flush() {
  while (in_flight_ || !planned_.empty()) {
    send();
    finish();
  }
}

std::int64_t Delivery::settle_deadline() const {
  return out_of_patience_ ? 0 : steady_ms() + settings_.settle_timeout.count();
}

bool Delivery::settle_receipts() {
  const std::int64_t deadline = settle_deadline();
  flush();
  while (!receipts_.empty()) {
    out_of_patience_ = out_of_patience_ || steady_ms() >= deadline;
    if (stop_.stop_requested() || out_of_patience_) return false;
    if (!poll_due()) {
      commit();
      std::int64_t next = deadline;
      for (const auto& receipt : receipts_) next = std::min(next, receipt.next_poll);
      pause(stop_, std::clamp<std::int64_t>(next - steady_ms(), 1, 1000));
    }
    flush();
  }
  return true;
}

bool Delivery::settle_receipt_of(const std::string& target) {
  const std::int64_t deadline = settle_deadline();
  flush();
  while (state_.receipts().waiting(sync_.id, target)) {
    out_of_patience_ = out_of_patience_ || steady_ms() >= deadline;
    if (stop_.stop_requested() || out_of_patience_) return false;
    if (!poll_due()) pause(stop_, 50);
    flush();
  }
  return true;
}

bool Delivery::awaits_earlier(const std::string& target) const {
  const auto receipt = state_.receipts().waiting(sync_.id, target);
  return receipt && std::any_of(receipts_.begin(), receipts_.end(), [&](const OpenReceipt& open) {
           return open.id == *receipt && open.run != settings_.run;
         });
}

void Delivery::commit() {
  commit_progress(state_, sync_, checkpoint_);
  committed_at_ = steady_ms();
}

}  // namespace sluice::host
