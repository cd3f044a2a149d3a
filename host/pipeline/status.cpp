#include "pipeline/status.hpp"

#include "integration/next_run.hpp"
#include "mapping/mapping.hpp"
#include "pipeline/stages.hpp"

namespace sluice::host {
namespace {

json::object describe(const RunRow& run) {
  return {{"id", run.id},       {"stage", run.stage},   {"started", run.started},
          {"ended", run.ended}, {"result", run.result}, {"summary", run.summary}};
}

std::string duration_text(std::chrono::seconds duration) {
  const auto count = duration.count();
  for (const auto& [unit, seconds] : {std::pair{"d", 86'400}, {"h", 3'600}, {"m", 60}}) {
    if (count % seconds == 0) return std::to_string(count / seconds) + unit;
  }
  return std::to_string(count) + "s";
}

// Why the next incremental run walks over everything.
std::string full_reason(State& state, const SyncRow& row, const SyncConfig* config,
                        const StatusRequest& request) {
  if (row.walking) return "a full walk was interrupted";
  if (row.is_restored()) return "the state was restored from a backup";
  if (config == nullptr) return {};
  const auto known = state.meta("file_fingerprint." + config->name);
  if (known && *known != fingerprint(*config)) return "the mapping has changed";
  const auto with_defaults = state.meta("spec_fingerprint." + config->name);
  const auto now = request.spec_fingerprints.find(config->name);
  if (with_defaults && now != request.spec_fingerprints.end() && *with_defaults != now->second)
    return "a default of a connector has changed";
  return {};
}

json::array full_needed(State& state, const StatusRequest& request) {
  json::array out;
  const auto add = [&](const std::string& name, const SyncConfig* config) {
    const auto row = state.find_sync(name);
    if (!row) return;
    const std::string reason = full_reason(state, *row, config, request);
    if (!reason.empty()) out.push_back(json::object{{"sync", name}, {"reason", reason}});
  };
  if (request.file == nullptr) {
    for (const auto& name : state.sync_names()) add(name, nullptr);
  } else {
    for (const auto& sync : request.file->syncs) add(sync.name, request.complete ? &sync : nullptr);
  }
  return out;
}

void add_schedule(json::object& out, State* state, const StatusRequest& request) {
  out["schedule"] = to_string(request.file->schedule);
  if (state == nullptr || state->lifecycle() != Lifecycle::Active) return;
  // One of single records says nothing about the rest.
  const auto last = state->runs().last_complete();
  const auto start = last ? std::optional{last->started} : std::nullopt;
  if (const auto next = next_run(request.file->schedule, start, request.now_ms))
    out["next_run"] = *next;
}

void add_state(json::object& out, State& state, const StatusRequest& request) {
  if (state.lifecycle() == Lifecycle::Paused) {
    out["paused_from"] = to_string(state.reached());
    if (const auto entry = state.audit_log().last_of("pause")) out["paused"] = json_of(*entry);
  }
  if (const auto holder = lock_holder(state.directory()); !holder.empty()) out["running"] = holder;
  out["full_needed"] = full_needed(state, request);
  out["open_errors"] = state.errors().count(ErrorState::Open);
  out["ignored_errors"] = state.errors().count(ErrorState::Ignored);
  json::array causes;
  for (const auto& group : state.errors().groups(ErrorState::Open))
    causes.push_back(json_of(group));
  out["errors"] = std::move(causes);
  out["pending_writes"] = state.inventory().pending_writes;
  if (const auto run = state.runs().last_complete()) {
    out["cursor"] = json::object{{"as_of", run->started},
                                 {"age_seconds", (request.now_ms - run->started) / 1000}};
  }
  json::array runs, decisions;
  for (const auto& run : state.runs().last(request.runs)) runs.push_back(describe(run));
  for (const auto& entry : state.audit_log().last(request.decisions))
    decisions.push_back(json_of(entry));
  out["runs"] = std::move(runs);
  out["decisions"] = std::move(decisions);
}

}  // namespace

std::string to_string(const Schedule& schedule) {
  if (!schedule.cron.empty()) return "cron \"" + schedule.cron + "\" (" + schedule.timezone + ")";
  return schedule.every ? "every " + duration_text(*schedule.every) : "manual";
}

json::object status_of(State* state, const std::string& name, const StatusRequest& request) {
  const Lifecycle lifecycle = state != nullptr ? state->lifecycle() : Lifecycle::New;
  json::object out{{"integration", name},
                   {"state", to_string(lifecycle)},
                   {"next", to_string(next_stage(state != nullptr ? state->reached() : lifecycle))},
                   {"full_needed", json::array{}},
                   {"open_errors", 0},
                   {"ignored_errors", 0},
                   {"errors", json::array{}},
                   {"pending_writes", 0},
                   {"runs", json::array{}},
                   {"decisions", json::array{}}};
  if (state != nullptr) add_state(out, *state, request);
  if (request.file != nullptr) add_schedule(out, state, request);
  return out;
}

}  // namespace sluice::host
