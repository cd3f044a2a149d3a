#include "pipeline/stages.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "integration/load.hpp"
#include "integration/log_subject.hpp"
#include "pipeline/documents.hpp"
#include "state/event_queue.hpp"
#include "state/state_error.hpp"

namespace sluice::host {
namespace {

// A person who settles the last open error after `validate` has opened the gate by that.
Lifecycle current(State& state) {
  Lifecycle now = state.reached();
  if (now == Lifecycle::New && state.meta("validated_at") &&
      state.errors().count(ErrorState::Open) == 0) {
    now = Lifecycle::Validated;
    state.set_reached(now);
  }
  return now;
}

std::string by_whom(State& state, std::string_view action) {
  const auto entry = state.audit_log().last_of(action);
  if (!entry) return {};
  return " by " + entry->who + (entry->detail.empty() ? "" : " (" + entry->detail + ")");
}

std::string open_errors_refusal(State& state, const std::string& file) {
  const auto causes = state.errors().groups(ErrorState::Open);
  std::string text =
      std::to_string(state.errors().count(ErrorState::Open)) + " open errors close the gate";
  if (!causes.empty()) {
    text += ", most often (" + std::to_string(causes.front().count) + ") " +
            causes.front().message + ", as " + causes.front().examples.front();
  }
  return text + ". See all with `sluice errors list " + file +
         "`. Then correct the records and run `sluice validate --retry " + file +
         "`, or accept that they are not sent: `sluice errors ignore " + file +
         " --all --why \"...\"`";
}

// Why a stage may not run now, and the command that changes it; empty when it may.
std::string refusal(State& state, const StageRequest& request, const std::string& file) {
  const Lifecycle now = current(state);
  const Stage stage = request.stage;
  if (state.lifecycle() == Lifecycle::Paused) {
    return "the integration was paused" + by_whom(state, "pause") + ": run `sluice resume " + file +
           "` first";
  }
  if (stage == Stage::Validate && !request.retry) return {};
  if (now == Lifecycle::New) {
    if (!state.meta("validated_at"))
      return "nothing has been validated yet: run `sluice validate " + file + "` first";
    return stage == Stage::Validate ? "" : open_errors_refusal(state, file);
  }
  if (stage == Stage::Full && now == Lifecycle::Validated) {
    return "no sample has been delivered yet: run `sluice initial " + file + "` first";
  }
  if ((stage == Stage::Incremental || stage == Stage::Events) && now != Lifecycle::Active) {
    return "not everything has been delivered yet: run `sluice " +
           std::string{now == Lifecycle::Validated ? "initial" : "full"} + " " + file + "` first";
  }
  return {};
}

void audit(State& state, std::string action, std::string detail, std::int64_t now) {
  state.audit_log().add({.at = now,
                         .who = {},
                         .action = std::move(action),
                         .detail = std::move(detail),
                         .affected = 0,
                         .decision = {}});
}

void pass_gate(State& state, const StageRequest& request, const std::string& file,
               const WallClock& clock) {
  if (state.lifecycle() == Lifecycle::Unlinked) {
    state.set_lifecycle(Lifecycle::New);
    audit(state, "link", "", clock());
  }
  const std::string why = refusal(state, request, file);
  const std::string stage{to_string(request.stage)};
  if (!why.empty()) {
    const bool paused = state.lifecycle() == Lifecycle::Paused;
    const bool can_force =
        !paused && (request.stage == Stage::Initial || request.stage == Stage::Full);
    if (!request.force || !can_force)
      throw Refused{why + (can_force ? "; `sluice " + stage + " " + file +
                                           " --force` passes this gate and is recorded"
                                     : "")};
    audit(state, "force", stage + ": " + why, clock());
  }
  if (request.run.allow_deletes) {
    audit(state, "allow-deletes", stage + ": " + std::to_string(*request.run.allow_deletes),
          clock());
  }
}

// The lifecycle only ever moves forward by a stage; `validate` opens the gate once nothing is open.
void advance(State& state, const StageRequest& request, const WallClock& clock) {
  const Lifecycle now = state.reached();
  switch (request.stage) {
    case Stage::Validate:
      if (!request.retry) state.set_meta("validated_at", std::to_string(clock()));
      (void)current(state);
      break;
    case Stage::Initial:
      if (now == Lifecycle::New || now == Lifecycle::Validated)
        state.set_reached(Lifecycle::Sampled);
      break;
    case Stage::Full:
      state.set_reached(Lifecycle::Active);
      break;
    case Stage::Incremental:
    case Stage::Events:
      break;
  }
}

SyncResult run_sync(SyncRun& run, const StageRequest& request) {
  if (!request.keys.empty() && request.stage != Stage::Validate) return run.keys(request.keys);
  switch (request.stage) {
    case Stage::Validate:
      return request.retry ? run.validate_errors() : run.validate();
    case Stage::Initial:
      return run.initial(request.initial_count);
    case Stage::Full:
      return run.full();
    case Stage::Events:
      return run.events();
    case Stage::Incremental:
      break;
  }
  return run.incremental();
}

json::object to_json(const SyncResult& result) {
  json::object out{{"sync", result.sync}, {"read", result.totals.read}};
  for (int i = 1; i <= kRecordOutcomes; ++i) {
    const auto outcome = static_cast<RecordOutcome>(i);
    if (outcome == RecordOutcome::Valid && result.totals.of(outcome) == 0) continue;
    out[to_string(outcome)] = result.totals.of(outcome);
  }
  out["new_errors"] = result.new_errors;
  out["open_errors"] = result.open_errors;
  if (result.vanished != 0) out["vanished"] = result.vanished;
  if (result.events.taken != 0) out["events_taken"] = result.events.taken;
  if (result.events.put_off != 0) out["events_put_off"] = result.events.put_off;
  if (result.events.given_up != 0) out["events_given_up"] = result.events.given_up;
  if (const auto& found = result.verification; found.verified != 0) {
    out["verified"] = found.verified;
    out["drifted"] = found.drifted;
    out["missing"] = found.missing;
    out["remote_ids_filled"] = found.ids_filled;
  }
  return out;
}

// Before the first delivery, and again when the file has come to ask for other fields.
bool creates_fields(const Session& session, State& state, Stage stage) {
  if (stage == Stage::Initial || stage == Stage::Full) return true;
  if (stage == Stage::Validate) return false;
  for (const auto& sync : session.integration().syncs) {
    const SyncRow row = state.sync(sync.name, sync.write.object);
    if (row.fingerprint != session.fingerprint(sync)) return true;
  }
  return false;
}

constexpr std::chrono::hours kEventRunsKept{24};

class RunRecord {
 public:
  RunRecord(State& state, Stage stage, const Retention& retention, const WallClock& clock)
      : state_{state},
        retention_{retention},
        clock_{clock},
        id_{state.runs().start(to_string(stage), clock())} {
    state_.commit();
  }
  [[nodiscard]] std::int64_t id() const noexcept { return id_; }
  // Ends the run of an error. After a defect or a full disk only what was committed counts: half a
  // record's rows must not stay. The error itself is told in any case.
  void fail(std::string_view result, const Error& error, const std::string& message) {
    try {
      if (error.code() == Code::Internal) state_.roll_back();
      end(result, {{"message", message}});
    } catch (const StateError&) {
      // The run then shows as one that was killed.
    }
  }
  void end(std::string_view result, const json::object& summary) {
    const std::int64_t now = clock_();
    state_.runs().finish(id_, result, summary, now);
    state_.forget_before(
        {.runs = now - std::chrono::milliseconds{retention_.runs}.count(),
         .event_runs = now - std::chrono::milliseconds{std::min<std::chrono::seconds>(
                                                           retention_.runs, kEventRunsKept)}
                                 .count(),
         .resolved_errors = now - std::chrono::milliseconds{retention_.resolved_errors}.count()});
    state_.commit();
  }

 private:
  State& state_;
  Retention retention_;
  WallClock clock_;
  std::int64_t id_;
};

// What `status` needs to know without a connection.
void remember_file(State& state, const Session& session) {
  std::error_code problem;
  const auto path = std::filesystem::absolute(session.integration().file, problem);
  if (!problem) state.set_meta("file", path.lexically_normal().string());
  for (const auto& sync : session.integration().syncs) {
    const auto row = state.find_sync(sync.name);
    if (row && row->fingerprint == session.fingerprint(sync)) {
      state.set_meta("file_fingerprint." + sync.name, session.file_fingerprint(sync));
      state.set_meta("spec_fingerprint." + sync.name, session.spec_fingerprint(sync));
    }
  }
}

}  // namespace

std::string_view to_string(Stage stage) noexcept {
  switch (stage) {
    case Stage::Validate:
      return "validate";
    case Stage::Initial:
      return "initial";
    case Stage::Full:
      return "full";
    case Stage::Events:
      return "events";
    case Stage::Incremental:
      break;
  }
  return "incremental";
}

std::int64_t StageReport::new_errors() const noexcept {
  std::int64_t sum = 0;
  for (const auto& sync : syncs) sum += sync.new_errors;
  return sum;
}

std::int64_t StageReport::open_errors() const noexcept {
  std::int64_t sum = 0;
  for (const auto& sync : syncs) sum += sync.open_errors;
  return sum;
}

json::object StageReport::to_json() const {
  json::array results;
  for (const auto& sync : syncs) results.push_back(host::to_json(sync));
  json::object out{
      {"integration", integration},  {"stage", to_string(stage)}, {"state", to_string(lifecycle)},
      {"syncs", std::move(results)}, {"seconds", seconds},        {"statistics", statistics}};
  if (keys != 0) out["keys"] = keys;
  return out;
}

Stage next_stage(Lifecycle lifecycle) noexcept {
  switch (lifecycle) {
    case Lifecycle::Validated:
      return Stage::Initial;
    case Lifecycle::Sampled:
      return Stage::Full;
    case Lifecycle::Active:
    case Lifecycle::Paused:
      return Stage::Incremental;
    case Lifecycle::New:
    case Lifecycle::Unlinked:
      break;
  }
  return Stage::Validate;
}

StageReport run_stage(Session& session, const StageRequest& request) {
  const auto started = std::chrono::steady_clock::now();
  const WallClock& clock = session.options().clock;
  set_log_subject({session.integration().name, 0});
  State state = State::open(session.options().state_root, session.integration().name,
                            to_string(request.stage));
  const std::string& file = session.integration().file;
  pass_gate(state, request, file, clock);
  const CheckReport check = session.check();
  if (!check.ok()) throw IntegrationError{check.diagnostics};
  bind_accounts(state, check.source, check.destination);
  state.commit();

  const auto events = EventQueue::find(session.options().state_root);
  if (events && request.stage == Stage::Events) {
    std::vector<std::string> syncs;
    for (const auto& sync : session.integration().syncs) syncs.push_back(sync.name);
    events->keep_syncs(session.integration().name, syncs);
  }

  StageReport report;
  report.integration = session.integration().name;
  report.stage = request.stage;
  report.keys = request.keys.size();
  RunRecord record{state, request.stage, session.integration().retention, clock};
  set_log_subject({report.integration, record.id()});
  std::stop_source stop;
  const std::stop_callback forward{request.stop, [&stop] { stop.request_stop(); }};
  state.on_pause([&stop] { stop.request_stop(); });
  try {
    if (creates_fields(session, state, request.stage)) session.prepare(check);
    for (const auto& sync : session.integration().syncs) {
      drop_documents(state, sync, state.sync(sync.name, sync.write.object));
      SyncContext context{.config = sync,
                          .mapping = session.mapping(sync),
                          .source = session.source(),
                          .destination = session.destination(),
                          .state = state,
                          .options = request.run,
                          .clock = clock,
                          .stop = stop.get_token(),
                          .progress = request.progress,
                          .row = state.sync(sync.name, sync.write.object),
                          .run = record.id(),
                          .fingerprint = session.fingerprint(sync),
                          .reads_changes = session.reads(sync, "incremental"),
                          .reads_latest = session.reads(sync, "latest"),
                          .checkpoint = {},
                          .integration = report.integration,
                          .events = events.get()};
      SyncRun run{context};
      report.syncs.push_back(run_sync(run, request));
    }
    if (request.keys.empty()) advance(state, request, clock);
    remember_file(state, session);
  } catch (const Error& error) {
    const bool stopped = error.code() == Code::Cancelled;
    if (stopped && !request.stop.stop_requested() && state.lifecycle() == Lifecycle::Paused) {
      const std::string message = "paused" + by_whom(state, "pause") +
                                  ": the run has stopped at a checkpoint. `sluice resume " + file +
                                  "` allows runs again, and the next one continues where this one "
                                  "ended";
      record.fail("interrupted", error, message);
      throw Error{Code::Cancelled, message};
    }
    record.fail(stopped ? "interrupted" : "failed", error, error.what());
    throw;
  }
  report.lifecycle = state.lifecycle();
  report.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  report.statistics = session.statistics();
  record.end(report.new_errors() > 0 ? "errors" : "done", report.to_json());
  state.runs().drop_rows(record.id());
  state.commit();
  return report;
}

}  // namespace sluice::host
