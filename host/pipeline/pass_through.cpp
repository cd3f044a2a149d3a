#include "pipeline/pass_through.hpp"

#include <sluice/abi.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/json/monotonic_resource.hpp>
#include <utility>

#include "pipeline/delivery.hpp"
#include "pipeline/lookup.hpp"
#include "pipeline/pause.hpp"
#include "pipeline/steady_ms.hpp"

namespace sluice::host {
namespace {

constexpr std::int64_t kCommitEveryMs = 1000;
constexpr int kMaxAttempts = 5;  // of one write that the destination asks to send again
constexpr std::size_t kRecordMemory = 32u << 10;  // what most records need

}  // namespace

struct PassThrough::Batch {
  std::vector<Write> writes;
  std::vector<std::string> lines;
  std::future<std::vector<WriteResult>> answer;
};

PassThrough::PassThrough(SyncContext& context, WriterSlot& slot, bool one_by_one)
    : context_{context},
      batch_writer_{slot, context.stop},
      mapper_{context.mapping, context.source.plugin().id},
      memory_(kRecordMemory),
      committed_at_{steady_ms()} {
  if (context.destination.connector()->can(SLUICE_CAP_RECEIPTS)) {
    throw Refused{"sync '" + context.config.name +
                  "': the destination confirms writes later, which only a ledger can wait for; "
                  "remove `ledger: false`"};
  }
  // What it knows would be wrong by the next time that it is asked.
  context.state.ledger().forget(context.row.id);
  batch_records_ = one_by_one ? 1 : slot.writer().preferred_records();
  batch_bytes_ = slot.writer().max_bytes();
}

PassThrough::~PassThrough() = default;

void PassThrough::take(std::string_view line) {
  ++context_.read;
  json::monotonic_resource memory{memory_.data(), memory_.size()};
  const Incoming record = mapper_.read(line, &memory);
  const auto ticket = context_.checkpoint.take();
  if (record.remove && !std::exchange(has_told_deletions_, true)) {
    spdlog::warn(
        "sync '{}': what was deleted at the source stays at the destination: with `ledger: false` "
        "nobody knows what became of it there",
        context_.config.name);
  }
  if (record.remove || !record.skip.empty())
    return settle(record.key, ticket, RecordOutcome::Filtered);
  MapResult mapped = mapper_.map(record, line);
  if (mapped.status == MapResult::Status::Filtered)
    return settle(record.key, ticket, RecordOutcome::Filtered);
  if (mapped.status == MapResult::Status::Rejected) {
    context_.report(record.key, mapped.rejection);
    return count(ticket, RecordOutcome::Rejected);
  }
  if (is_ignored(record.key, mapped)) return count(ticket, RecordOutcome::Rejected);
  const Document document{std::move(mapped.fields), std::move(mapped.sets)};
  WriteLine out;
  out.key = std::move(mapped.key);
  out.document = &document;
  out.if_empty = std::move(mapped.if_empty);
  planned_lines_.push_back(encode_write(out));
  planned_bytes_ += planned_lines_.back().size();
  planned_.push_back({record.key, ticket, 0});
  if (planned_.size() >= batch_records_ || planned_bytes_ >= batch_bytes_) send();
}

std::size_t PassThrough::take_keys(const std::vector<std::string>& keys) {
  return each_looked_up(context_, keys, [this](std::string_view line) { take(line); });
}

// Somebody has accepted that this very write is refused.
bool PassThrough::is_ignored(const std::string& key, const MapResult& mapped) {
  if (!context_.state.errors().any_withholds()) return false;
  const auto error = context_.state.errors().find(context_.row.id, key);
  return error && error->state == ErrorState::Ignored &&
         error->value_hash == write_hash(mapped, context_.config.write);
}

void PassThrough::settle(const std::string& key, Checkpoint::Ticket ticket, RecordOutcome outcome) {
  context_.state.errors().resolve(context_.row.id, key, context_.clock());
  count(ticket, outcome);
}

void PassThrough::count(Checkpoint::Ticket ticket, RecordOutcome outcome) {
  ++totals_.outcome[static_cast<int>(outcome)];
  context_.checkpoint.settled(ticket);
}

void PassThrough::send() {
  receive();
  if (planned_.empty()) return;
  in_flight_ = std::make_unique<Batch>();
  in_flight_->writes = std::exchange(planned_, {});
  in_flight_->lines = std::exchange(planned_lines_, {});
  planned_bytes_ = 0;
  in_flight_->answer = std::async(std::launch::async, [this, &lines = in_flight_->lines] {
    return batch_writer_.write(lines);
  });
}

void PassThrough::receive() {
  if (!in_flight_) return;
  const auto batch = std::move(in_flight_);
  const auto results = batch->answer.get();
  std::vector<Write> again;
  std::vector<std::string> lines_again;
  std::int64_t after_ms = 0;
  for (std::size_t i = 0; i < results.size(); ++i) {
    Write& write = batch->writes[i];
    std::string& line = batch->lines[i];
    const bool unsure = results[i].status == WriteResult::Status::Retry ||
                        results[i].status == WriteResult::Status::Unconfirmed;
    if (unsure && ++write.attempts < kMaxAttempts) {
      after_ms = std::max(after_ms, results[i].after_ms);
      lines_again.push_back(as_repeated(std::move(line)));
      planned_bytes_ += lines_again.back().size();
      again.push_back(std::move(write));
    } else {
      apply(write, line, results[i]);
    }
  }
  if (again.empty()) return;
  pause(context_.stop, after_ms);
  planned_.insert(planned_.begin(), std::make_move_iterator(again.begin()),
                  std::make_move_iterator(again.end()));
  planned_lines_.insert(planned_lines_.begin(), std::make_move_iterator(lines_again.begin()),
                        std::make_move_iterator(lines_again.end()));
}

void PassThrough::apply(const Write& write, const std::string& line, const WriteResult& result) {
  switch (result.status) {
    case WriteResult::Status::Ok:
      return settle(write.source_key, write.ticket, RecordOutcome::Delivered);
    case WriteResult::Status::Rejected:
      return reject(write, line, result, result.code.empty() ? "rejected" : result.code);
    case WriteResult::Status::Retry:
      return reject(write, line, result, "retries_exhausted");
    case WriteResult::Status::Unconfirmed:
      return reject(write, line, result, "unconfirmed");
    case WriteResult::Status::Pending:
      break;
  }
  throw Error{Code::Internal, "a receipt of a connector that declares none"};
}

void PassThrough::reject(const Write& write, const std::string& line, const WriteResult& result,
                         std::string_view code) {
  RecordError error;
  error.key = write.source_key;
  error.stage = "write";
  error.code = code;
  error.field = result.field;
  error.message = result.message.empty() ? "the destination refused the record" : result.message;
  error.value_hash = write_hash(decode_first_write(line), context_.config.write);
  if (context_.state.errors().report(context_.row.id, error, context_.clock())) ++new_errors_;
  count(write.ticket, RecordOutcome::Rejected);
}

void PassThrough::flush() {
  while (in_flight_ || !planned_.empty()) send();
}

void PassThrough::tend() {
  if (steady_ms() - committed_at_ >= kCommitEveryMs) commit();
}

void PassThrough::commit() {
  commit_progress(context_.state, context_.row, context_.checkpoint);
  committed_at_ = steady_ms();
}

}  // namespace sluice::host
