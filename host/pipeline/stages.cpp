#include "pipeline/stages.hpp"

#include <chrono>

#include "integration/load.hpp"

namespace sluice::host {
namespace {

// A person who settles the last open error after `validate` has opened the gate by that.
Lifecycle current(State& state) {
  Lifecycle now = state.lifecycle();
  if (now == Lifecycle::New && state.meta("validated_at") &&
      state.errors().count(ErrorState::Open) == 0) {
    now = Lifecycle::Validated;
    state.set_lifecycle(now);
  }
  return now;
}

std::string refusal(State& state, Stage stage) {
  const Lifecycle now = current(state);
  if (now == Lifecycle::Paused) return "the integration is paused: run `sluice resume` first";
  if (stage == Stage::Validate) return {};
  if (now == Lifecycle::New) {
    if (!state.meta("validated_at"))
      return "nothing has been validated yet: run `sluice validate` first";
    return std::to_string(state.errors().count(ErrorState::Open)) +
           " open errors: see `sluice errors list`; fix them and run `sluice validate` again, or "
           "settle them with "
           "`sluice errors ignore`";
  }
  if (stage == Stage::Full && now == Lifecycle::Validated) {
    return "no sample has been delivered yet: run `sluice initial` first";
  }
  if (stage == Stage::Incremental && now != Lifecycle::Active) {
    return "not everything has been delivered yet: run `sluice full` first";
  }
  return {};
}

void pass_gate(State& state, const StageRequest& request, const WallClock& clock) {
  const std::string why = refusal(state, request.stage);
  if (why.empty()) return;
  const bool can_force = request.stage == Stage::Initial || request.stage == Stage::Full;
  if (!request.force || !can_force)
    throw Refused{why + (can_force ? " (--force passes this gate)" : "")};
  state.audit("force", std::string{to_string(request.stage)} + ": " + why, clock());
}

// The lifecycle only ever moves forward by a stage; `validate` opens the gate once nothing is open.
void advance(State& state, Stage stage, const WallClock& clock) {
  const Lifecycle now = state.lifecycle();
  switch (stage) {
    case Stage::Validate:
      state.set_meta("validated_at", std::to_string(clock()));
      if (now == Lifecycle::New && state.errors().count(ErrorState::Open) == 0) {
        state.set_lifecycle(Lifecycle::Validated);
      }
      break;
    case Stage::Initial:
      if (now == Lifecycle::New || now == Lifecycle::Validated)
        state.set_lifecycle(Lifecycle::Sampled);
      break;
    case Stage::Full:
      state.set_lifecycle(Lifecycle::Active);
      break;
    case Stage::Incremental:
      break;
  }
}

SyncResult run_sync(SyncRun& run, const StageRequest& request) {
  if (!request.keys.empty() && request.stage != Stage::Validate) return run.keys(request.keys);
  switch (request.stage) {
    case Stage::Validate:
      return run.validate();
    case Stage::Initial:
      return run.initial(request.initial_count);
    case Stage::Full:
      return run.full();
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

class RunRecord {
 public:
  RunRecord(State& state, Stage stage, const WallClock& clock)
      : state_{state}, clock_{clock}, id_{state.runs().start(to_string(stage), clock())} {
    state_.commit();
  }
  [[nodiscard]] std::int64_t id() const noexcept { return id_; }
  void end(std::string_view result, const json::object& summary) {
    state_.runs().finish(id_, result, summary, clock_());
    state_.commit();
  }

 private:
  State& state_;
  WallClock clock_;
  std::int64_t id_;
};

}  // namespace

std::string_view to_string(Stage stage) noexcept {
  switch (stage) {
    case Stage::Validate:
      return "validate";
    case Stage::Initial:
      return "initial";
    case Stage::Full:
      return "full";
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
  return {
      {"integration", integration},  {"stage", to_string(stage)}, {"state", to_string(lifecycle)},
      {"syncs", std::move(results)}, {"seconds", seconds},        {"statistics", statistics}};
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
  State state = State::open(session.options().state_root, session.integration().name,
                            to_string(request.stage));
  pass_gate(state, request, clock);
  const CheckReport check = session.check();
  if (!check.ok()) throw IntegrationError{check.diagnostics};
  bind_accounts(state, check.source, check.destination);
  state.commit();

  StageReport report;
  report.integration = session.integration().name;
  report.stage = request.stage;
  RunRecord record{state, request.stage, clock};
  try {
    if (creates_fields(session, state, request.stage)) session.prepare();
    for (const auto& sync : session.integration().syncs) {
      SyncContext context{.config = sync,
                          .mapping = session.mapping(sync),
                          .source = session.source(),
                          .destination = session.destination(),
                          .state = state,
                          .options = request.run,
                          .clock = clock,
                          .stop = request.stop,
                          .progress = request.progress,
                          .row = state.sync(sync.name, sync.write.object),
                          .run = record.id(),
                          .fingerprint = session.fingerprint(sync),
                          .checkpoint = {}};
      SyncRun run{context};
      report.syncs.push_back(run_sync(run, request));
    }
    if (request.keys.empty()) advance(state, request.stage, clock);
  } catch (const Error& error) {
    const bool stopped = error.code() == Code::Cancelled;
    record.end(stopped ? "interrupted" : "failed", {{"message", error.what()}});
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
