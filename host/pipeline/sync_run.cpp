#include "pipeline/sync_run.hpp"

#include <sluice/abi.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "pipeline/departures.hpp"
#include "pipeline/lookup.hpp"
#include "pipeline/page_stream.hpp"
#include "pipeline/steady_ms.hpp"

namespace sluice::host {
namespace {

constexpr std::size_t kSweep = 500;
constexpr std::int64_t kTellEveryMs = 100;
constexpr std::int64_t kCommitEveryMs = 1000;
constexpr std::int64_t kEventsEveryMs = 1000;
constexpr std::int64_t kEventsAfterFailureMs = 30'000;
// Records of one run that events cause: it is to let others have their turn.
constexpr int kMostEventLookups = 50;

json::object read_request(const SyncContext& context, const char* mode) {
  return {{"stream", context.config.read.stream},
          {"mode", mode},
          {"options", context.config.read.options}};
}

std::string_view mode_name(WriteMode mode) {
  switch (mode) {
    case WriteMode::Create:
      return "create";
    case WriteMode::Update:
      return "update";
    case WriteMode::Upsert:
      break;
  }
  return "upsert";
}

}  // namespace

// Opens the writer on first use, and again after its connector has died.
class SyncRun::Slot final : public WriterSlot {
 public:
  explicit Slot(SyncContext& context) : context_{context} {}

  RecordWriter& writer() override {
    if (!writer_) {
      connector_ = context_.plan != nullptr ? context_.destination.connector()
                                            : context_.destination.connector_to_write();
      json::object request{{"object", context_.config.write.object},
                           {"match", context_.config.write.match},
                           {"mode", mode_name(context_.config.write.mode)},
                           {"options", context_.config.write.options}};
      if (was_interrupted()) request["settle_ms"] = context_.options.settle_timeout.count();
      writer_ = connector_->open_writer(request);
      was_open_ = true;
      if (context_.plan != nullptr) {
        writer_ =
            context_.plan->instead_of(std::move(writer_), connector_->can(SLUICE_CAP_ESTIMATE),
                                      connector_->can(SLUICE_CAP_DESTINATION_LOOKUP));
      }
    }
    return *writer_;
  }
  const PluginFile& plugin() const override { return context_.destination.plugin(); }
  bool alive() const override { return connector_ && connector_->alive(); }
  void recover(const Error& problem, Death death) override {
    if (alive()) return;
    writer_.reset();
    connector_.reset();
    context_.destination.recover(problem, death);
  }
  void explain_death() override { context_.destination.explain_death(); }

 private:
  // Has a writer of this run, or of one before, ended without telling what became of its batch? A
  // further writer may be opened on another thread, to which the state is closed.
  bool was_interrupted() const {
    return context_.plan == nullptr &&
           (was_open_ || !context_.state.ledger().intents(context_.row.id).empty());
  }

  SyncContext& context_;
  std::shared_ptr<Connector> connector_;  // shared with Side: lives until its writer is gone
  std::unique_ptr<RecordWriter> writer_;
  bool was_open_ = false;
};

SyncRun::SyncRun(SyncContext& context) : context_{context} {}
SyncRun::~SyncRun() = default;

SyncResult SyncRun::validate() {
  stage_ = "validate";
  Validation validation{context_, screening()};
  PageStream pages{context_.source, read_request(context_, "full")};
  while (auto page = pages.next([this] { commit_validation(); })) {
    validation.take(page->records);
    commit_validation();
  }
  validation.finish();
  context_.state.commit();
  return finish();
}

SyncResult SyncRun::validate_errors() {
  stage_ = "validate";
  if (!context_.source.connector()->can(SLUICE_CAP_SOURCE_LOOKUP)) {
    throw Refused{"sync '" + context_.config.name +
                  "': the source cannot look up single records; run `sluice validate` without "
                  "--retry, which reads all of them"};
  }
  Validation validation{context_, screening()};
  const auto keys = validation.keys_to_retry();
  each_lookup(context_, keys, [&](std::string_view records) {
    validation.take(records);
    commit_validation();
  });
  validation.finish_retry(keys);
  context_.state.commit();
  return finish();
}

// Nothing where the destination cannot tell beforehand.
ScreenFn SyncRun::screening() {
  if (!context_.destination.connector()->can(SLUICE_CAP_SCREEN)) return {};
  slot_ = std::make_unique<Slot>(context_);
  return [this](const std::vector<std::string>& keys) {
    return decode_refusals(
        slot_->writer().screen({{"keys", json::array(keys.begin(), keys.end())}}),
        slot_->plugin().id);
  };
}

// Every second, so that decisions taken meanwhile are heard and a stopped walk keeps what it found.
void SyncRun::commit_validation() {
  const std::int64_t now = steady_ms();
  if (now - committed_at_ >= kCommitEveryMs) {
    context_.state.commit();
    committed_at_ = now;
  }
  tell_progress(false);
  throw_if_stopped();
}

SyncResult SyncRun::initial(std::uint32_t count) {
  stage_ = "initial";
  open_delivery(true);
  // A source that cannot tell which ones are the latest gives those that it gives first.
  json::object request = read_request(context_, context_.reads_latest ? "latest" : "full");
  if (context_.reads_latest) request["limit"] = count;
  walk(std::move(request), count);
  settle_departed();
  return finish();
}

SyncResult SyncRun::full() {
  stage_ = "full";
  was_full_ = true;
  begin_walk();
  open_delivery(false);
  json::object request = read_request(context_, "full");
  if (context_.row.walk_cursor) request["cursor"] = parse_json(*context_.row.walk_cursor);
  bool complete = context_.row.walked == Walked::Complete;
  try {
    if (context_.row.walked == Walked::No) complete = walk(std::move(request));
  } catch (const Error& error) {
    if (error.code() != Code::CursorInvalid || !context_.row.walk_cursor) throw;
    spdlog::warn("the source cannot continue where the walk stopped ({}); it begins anew",
                 error.what());
    context_.row.walk_cursor.reset();
    complete = walk(read_request(context_, "full"));
  }
  if (complete) sweep_vanished();
  settle_departed();
  finish_records();
  end_walk();
  return finish();
}

SyncResult SyncRun::incremental() {
  if (context_.row.walking || context_.row.fingerprint != context_.fingerprint) {
    spdlog::info("sync '{}': {}; this run walks over everything and sends what differs",
                 context_.config.name,
                 context_.row.walking         ? "a full walk was interrupted"
                 : context_.row.is_restored() ? "the state was restored from a backup"
                                              : "the mapping has changed");
    return full();
  }
  if (!context_.row.cursor) {
    throw Refused{"sync '" + context_.config.name +
                  "' has no full run behind it: run `sluice full` first"};
  }
  if (!context_.reads_changes) {
    spdlog::info(
        "sync '{}': the source cannot tell what has changed; this run walks over everything and "
        "sends what differs",
        context_.config.name);
    return full();
  }
  stage_ = "incremental";
  open_delivery(false);
  retry_errors();
  take_inherited();
  json::object request = read_request(context_, "incremental");
  request["cursor"] = parse_json(*context_.row.cursor);
  try {
    walk(std::move(request));
  } catch (const Error& error) {
    if (error.code() != Code::CursorInvalid) throw;
    spdlog::warn(
        "the source cannot continue from the last run ({}); this run walks over everything",
        error.what());
    return full();
  }
  settle_departed();
  return finish();
}

SyncResult SyncRun::keys(const std::vector<std::string>& keys) {
  stage_ = "keys";
  open_delivery(true);
  if (flow_) flow_->try_at_once();
  take_keys(keys);
  finish_records();
  settle_departed();
  return finish();
}

SyncResult SyncRun::events() {
  stage_ = "events";
  open_delivery(false);
  if (context_.events != nullptr) drain_ = std::make_unique<EventDrain>(context_);
  for (int i = 0; drain_ && i < kMostEventLookups; ++i) {
    const auto records = drain_->read();
    if (!records) break;
    take_events(*records);
    tell_progress(false);
    throw_if_stopped();
  }
  settle_departed();
  return finish();
}

void SyncRun::take_events(const std::string& records) {
  each_line(records,
            [this](std::string_view line) { pass_ ? pass_->take(line) : flow_->take_now(line); });
  pass_ ? pass_->flush() : delivery_->flush();
  commit();
  drain_->settle();
}

// Whoever waits for what an event says shall not wait for a walk of hours.
void SyncRun::take_events_between_pages() {
  if (!drain_ || steady_ms() < events_at_) return;
  events_at_ = steady_ms() + kEventsEveryMs;
  std::optional<std::string> records;
  try {
    records = drain_->read();
  } catch (const Error& error) {
    if (error.code() == Code::Cancelled) throw;
    spdlog::warn("sync '{}': records that events name cannot be read now: {}", context_.config.name,
                 error.what());
    events_at_ = steady_ms() + kEventsAfterFailureMs;
  }
  if (records) take_events(*records);
}

void SyncRun::open_delivery(bool one_by_one) {
  if (delivery_ || pass_) return;
  if (context_.options.verify && !context_.destination.connector()->can(SLUICE_CAP_VERIFY)) {
    throw Refused{"sync '" + context_.config.name +
                  "': the destination cannot compare what it has; run without --verify"};
  }
  slot_ = std::make_unique<Slot>(context_);
  if (!context_.config.write.ledger && context_.plan == nullptr) {
    pass_ = std::make_unique<PassThrough>(context_, *slot_, one_by_one);
    return;
  }
  const MapResult likeness = context_.mapping.likeness();
  context_.state.packer().expect(likeness_of({likeness.fields, likeness.sets}));
  DeliverySettings settings;
  settings.run = context_.run;
  settings.one_by_one = one_by_one;
  settings.settle_timeout = context_.options.settle_timeout;
  delivery_ = std::make_unique<Delivery>(context_.state, context_.row, *slot_, context_.checkpoint,
                                         settings, context_.clock, context_.stop);
  flow_ = std::make_unique<RecordFlow>(context_, *delivery_);
  delivery_->tend();
  flow_->settle_intents();
}

void SyncRun::take(std::string_view line) {
  pass_ ? pass_->take(line) : flow_->take(line);
}

std::size_t SyncRun::take_keys(const std::vector<std::string>& keys) {
  return pass_ ? pass_->take_keys(keys) : flow_->take_keys(keys);
}

void SyncRun::finish_records() {
  pass_ ? pass_->flush() : flow_->finish_waiting();
}

void SyncRun::settle_departed() {
  if (flow_) settle_departures(context_, *flow_, *delivery_);
}

void SyncRun::commit() {
  pass_ ? pass_->commit() : delivery_->commit();
}

// Between pages: what is due at the destination, and what has been decided meanwhile.
void SyncRun::tend() {
  if (pass_) {
    pass_->tend();
  } else {
    delivery_->tend();
    flow_->take_waiting();
  }
  take_events_between_pages();
  tell_progress(false);
  throw_if_stopped();
}

// True when the source has shown every record that exists.
bool SyncRun::walk(json::object request, std::optional<std::uint32_t> sample) {
  const bool keeps_cursor = !sample;
  if (keeps_cursor && !drain_ && context_.events != nullptr &&
      context_.state.reached() == Lifecycle::Active)
    drain_ = std::make_unique<EventDrain>(context_);
  PageStream pages{context_.source, std::move(request)};
  bool complete = false;
  try {
    while (auto page = pages.next([this] { tend(); })) {
      if (keeps_cursor) context_.checkpoint.begin_page(to_json(page->cursor));
      each_line(page->records, [&](std::string_view line) {
        if (sample && *sample == 0) return;
        if (sample) --*sample;
        take(line);
      });
      complete = page->complete;
      if (page->end) {
        // The last cursor is committed together with the fact that it is the last.
        finish_records();
        if (context_.row.walking && keeps_cursor)
          context_.row.walked = complete ? Walked::Complete : Walked::Partly;
      }
      if (keeps_cursor) context_.checkpoint.finish_page();
      tend();
      if (sample && *sample == 0) break;
    }
  } catch (const Error& error) {
    // What is settled stays settled, whatever ended the walk.
    if (error.code() != Code::Internal) {
      pass_ ? pass_->flush() : delivery_->flush();
      commit();
    }
    throw;
  }
  finish_records();
  commit();
  return complete;
}

// Records that a complete walk did not show are looked up one by one: only the source's own word
// deletes.
void SyncRun::sweep_vanished() {
  if (pass_ || !context_.source.connector()->can(SLUICE_CAP_SOURCE_LOOKUP)) return;
  std::string after;
  std::size_t untold = 0;
  for (;;) {
    const auto keys =
        context_.state.ledger().unseen(context_.row.id, context_.row.walk, after, kSweep);
    if (keys.empty()) break;
    vanished_ += static_cast<std::int64_t>(keys.size());
    after = keys.back();
    untold += keys.size() - std::min(keys.size(), take_keys(keys));
    delivery_->tend();
    throw_if_stopped();
  }
  if (untold > 0) {
    spdlog::warn(
        "sync '{}': {} records were not in the full walk, and the source does not say whether they "
        "still exist: they are left as they are",
        context_.config.name, untold);
  }
}

void SyncRun::retry_errors() {
  const std::int64_t now = context_.clock();
  reread([&](std::string_view after) {
    return context_.state.errors().due(context_.row.id, now, after, kSweep);
  });
}

// What another sync's records have left is written again by the record that claims it now.
void SyncRun::take_inherited() {
  reread([&](std::string_view after) {
    return context_.state.ledger().inherited(context_.row.id, context_.row.object, after, kSweep);
  });
}

void SyncRun::reread(const std::function<std::vector<std::string>(std::string_view)>& keys_after) {
  if (!context_.source.connector()->can(SLUICE_CAP_SOURCE_LOOKUP)) return;
  std::string after;
  for (;;) {
    const auto keys = keys_after(after);
    if (keys.empty()) return;
    after = keys.back();
    take_keys(keys);
    tend();
    throw_if_stopped();
  }
}

void SyncRun::begin_walk() {
  SyncRow& row = context_.row;
  // A walk that compares is continued by one that compares.
  const std::string fingerprint = context_.fingerprint + (context_.options.verify ? " verify" : "");
  if (!row.walking || row.walk_fingerprint != fingerprint || context_.options.resend) {
    ++row.walk;
    row.walking = true;
    row.walked = Walked::No;
    row.walk_cursor.reset();
    row.walk_fingerprint = fingerprint;
  }
  context_.state.put_sync(row);
  context_.state.commit();
}

void SyncRun::end_walk() {
  if (delivery_) delivery_->settle_receipts();
  commit();
  SyncRow& row = context_.row;
  row.walking = false;
  row.walked = Walked::No;
  row.cursor = row.walk_cursor;
  row.walk_cursor.reset();
  row.fingerprint = context_.fingerprint;
  context_.state.put_sync(row);
  context_.state.commit();
}

SyncResult SyncRun::finish() {
  if (delivery_ || pass_) {
    finish_records();
    if (delivery_) delivery_->settle_receipts();
    slot_->writer().flush();
    commit();
  }
  tell_progress(true);
  SyncResult result;
  result.sync = context_.config.name;
  result.totals =
      pass_ ? pass_->totals() : context_.state.runs().totals(context_.run, context_.row.id);
  result.totals.read = context_.read;
  result.new_errors = context_.new_errors + (delivery_ ? delivery_->new_errors() : 0) +
                      (pass_ ? pass_->new_errors() : 0);
  result.open_errors = context_.state.errors().count(context_.row.id, ErrorState::Open);
  result.vanished = vanished_;
  result.was_full = was_full_;
  if (flow_) result.verification = flow_->verification();
  if (drain_) result.events = drain_->counts();
  if (result.totals.sum() != result.totals.read) {
    throw Error{Code::Internal,
                "sync '" + result.sync + "': " + std::to_string(result.totals.read) +
                    " records were read, but " + std::to_string(result.totals.sum()) +
                    " outcomes are accounted for; please report this"};
  }
  return result;
}

void SyncRun::throw_if_stopped() {
  if (context_.stop.stop_requested()) {
    throw Error{Code::Cancelled, "stopped; the same command continues where this run ended"};
  }
}

void SyncRun::tell_progress(bool force) {
  const std::int64_t now = steady_ms();
  if (!context_.progress || (!force && now - told_at_ < kTellEveryMs)) return;
  told_at_ = now;
  context_.progress({context_.config.name, stage_, context_.read,
                     pass_       ? pass_->totals().of(RecordOutcome::Delivered)
                     : delivery_ ? delivery_->delivered()
                                 : 0});
}

}  // namespace sluice::host
