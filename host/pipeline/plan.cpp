#include "pipeline/plan.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "integration/load.hpp"

namespace sluice::host {
namespace {

Stage stage_to_plan(const PlanRequest& request, State& state, json::array& notes) {
  if (state.lifecycle() == Lifecycle::Paused) notes.emplace_back("the integration is paused");
  if (request.stage) return *request.stage;
  const Stage next = next_stage(state.reached());
  if (next != Stage::Validate) return next;
  notes.emplace_back("`validate` and `initial` come first; planned is what `full` delivers");
  return Stage::Full;
}

double minutes(const RateClass& rate, std::int64_t calls) {
  if (rate.requests == 0) return 0;
  return static_cast<double>(calls) / rate.requests * static_cast<double>(rate.window.count()) /
         60'000;
}

json::object describe(const RateClass& rate, std::int64_t calls) {
  return {{"class", rate.name},
          {"calls", calls},
          {"requests", rate.requests},
          {"window_ms", rate.window.count()},
          {"minutes", minutes(rate, calls)}};
}

std::int64_t requests_of(const Side& side) {
  std::int64_t sum = 0;
  for (const auto& [name, count] : side.services().counters()) {
    if (name.starts_with("requests ")) sum += count;
  }
  return sum;
}

// Calls of several syncs by class.
class Budget {
 public:
  void add(const std::optional<std::vector<CallTally>>& calls) {
    known_ = known_ && calls.has_value();
    for (const auto& tally : calls.value_or(std::vector<CallTally>{})) {
      auto& sum = classes_[tally.rate.name];
      sum.rate = tally.rate;
      sum.calls += tally.calls;
    }
  }

  [[nodiscard]] json::object to_json(Session& session) const {
    double longest = 0;
    const auto add = [&longest](json::array& out, const RateClass& rate, std::int64_t calls) {
      longest = std::max(longest, minutes(rate, calls));
      out.push_back(describe(rate, calls));
    };
    json::array read, planned;
    for (const auto& [rate, calls] : session.source().services().acquired()) add(read, rate, calls);
    for (const auto& [name, tally] : classes_) {
      add(planned, session.destination().services().limited(tally.rate), tally.calls);
    }
    json::object destination{{"made", requests_of(session.destination())}};
    destination["planned"] = known_ ? json::value(std::move(planned)) : json::value(nullptr);
    return {{"calls", json::object{{"source", json::object{{"made", requests_of(session.source())},
                                                           {"classes", std::move(read)}}},
                                   {"destination", std::move(destination)}}},
            {"minutes", known_ ? json::value(longest) : json::value(nullptr)}};
  }

 private:
  bool known_ = true;
  std::map<std::string, CallTally> classes_;
};

json::array missing_fields(const CheckReport& check) {
  json::array out;
  for (const auto& field : check.prepared) {
    if (field.at("status").as_string() != "missing") continue;
    out.push_back(json::object{{"sync", field.at("sync")}, {"name", field.at("name")}});
  }
  return out;
}

// The errors that this run has met.
json::array errors_of(SyncContext& context, std::int64_t since, std::size_t limit) {
  json::array out;
  context.state.errors().each(ErrorState::Open, [&](const RecordError& error) {
    if (error.sync != context.config.name || error.last_seen < since || out.size() >= limit) return;
    out.push_back(json::object{{"key", error.key},
                               {"code", error.code},
                               {"field", error.field},
                               {"message", error.message},
                               {"new", error.first_seen >= since}});
  });
  return out;
}

SyncResult run(SyncRun& sync, const PlanRequest& request, Stage stage) {
  if (!request.keys.empty()) return sync.keys(request.keys);
  switch (stage) {
    case Stage::Initial:
      return sync.initial(request.initial_count);
    case Stage::Full:
      return sync.full();
    case Stage::Validate:
    case Stage::Incremental:
    case Stage::Events:
      break;
  }
  return sync.incremental();
}

// Why the run reads everything, where a person may not expect it to.
std::string why_full(const SyncContext& context, Stage stage) {
  const SyncRow& row = context.row;
  if (stage == Stage::Initial) return {};
  if (!row.fingerprint.empty() && row.fingerprint != context.fingerprint)
    return "the mapping has changed";
  if (row.walking) return "a full walk is unfinished";
  if (row.is_restored()) return "the state was restored from a backup";
  if (stage == Stage::Incremental && row.fingerprint.empty())
    return "not everything has been delivered yet";
  return {};
}

json::object plan_sync(SyncContext& context, const PlanRequest& request, Stage stage,
                       Budget& budget) {
  PlanLog log{request.options};
  context.plan = &log;
  const std::int64_t started = context.clock();
  // What an earlier run has handed over is taken for done, so there is nothing to wait for.
  for (const auto& receipt : context.state.receipts().open(context.row.id)) {
    context.state.receipts().postpone(receipt.id, 0);
  }
  const std::string full_needed = why_full(context, stage);
  SyncRun sync{context};
  const SyncResult result = run(sync, request, stage);
  log.finish();
  budget.add(log.calls());
  json::object out{{"sync", context.config.name}, {"read", result.totals.read}};
  if (request.keys.empty() && !full_needed.empty()) out["full_needed"] = full_needed;
  for (auto& member : log.to_json()) out[member.key()] = std::move(member.value());
  const std::size_t limit = request.options.limit == 0 ? SIZE_MAX : request.options.limit;
  out["rejected"] = result.totals.of(RecordOutcome::Rejected);
  out["errors"] = errors_of(context, started, limit);
  return out;
}

}  // namespace

json::object plan_run(Session& session, const PlanRequest& request) {
  const Integration& integration = session.integration();
  State state = State::scratch(session.options().state_root, integration.name);
  const CheckReport check = session.check();
  if (!check.ok()) throw IntegrationError{check.diagnostics};
  bind_accounts(state, check.source, check.destination);
  session.assume_prepared(check);

  json::array notes, syncs;
  const Lifecycle lifecycle = state.lifecycle();
  const Stage stage = stage_to_plan(request, state, notes);
  const std::int64_t run_id = state.runs().start("plan", session.options().clock());
  Budget budget;
  for (const auto& sync : integration.syncs) {
    SyncContext context{.config = sync,
                        .mapping = session.mapping(sync),
                        .source = session.source(),
                        .destination = session.destination(),
                        .state = state,
                        .options = {},
                        .clock = session.options().clock,
                        .stop = request.stop,
                        .progress = request.progress,
                        .row = state.sync(sync.name, sync.write.object),
                        .run = run_id,
                        .fingerprint = session.fingerprint(sync),
                        .reads_changes = session.reads(sync, "incremental"),
                        .reads_latest = session.reads(sync, "latest"),
                        .checkpoint = {}};
    syncs.push_back(plan_sync(context, request, stage, budget));
  }
  json::object out{{"integration", integration.name},
                   {"state", to_string(lifecycle)},
                   {"stage", request.keys.empty() ? to_string(stage) : "keys"},
                   {"notes", std::move(notes)},
                   {"fields_to_create", missing_fields(check)},
                   {"syncs", std::move(syncs)}};
  for (auto& member : budget.to_json(session)) out[member.key()] = std::move(member.value());
  return out;
}

}  // namespace sluice::host
