#include "serve/views.hpp"

#include <algorithm>
#include <array>

#include "pipeline/stages.hpp"
#include "pipeline/status.hpp"

namespace sluice::host::serve {
namespace {

constexpr std::array<std::string_view, 3> kModes{"upsert", "create", "update"};
constexpr std::array<std::string_view, 3> kDuplicates{"error", "latest", "first"};

int stages_done(Lifecycle reached) {
  switch (reached) {
    case Lifecycle::Validated:
      return 1;
    case Lifecycle::Sampled:
      return 2;
    case Lifecycle::Active:
    case Lifecycle::Paused:
      return 3;
    case Lifecycle::New:
    case Lifecycle::Unlinked:
      break;
  }
  return 0;
}

std::optional<RunRow> last_of(State* state, std::string_view stage) {
  if (state == nullptr) return std::nullopt;
  for (const auto& run : state->runs().last(50)) {
    if (run.stage == stage) return run;
  }
  return std::nullopt;
}

std::string message_of(const RunRow& run) {
  const auto* message = run.summary.if_contains("message");
  return message != nullptr && message->is_string() ? std::string{message->get_string()}
                                                    : std::string{};
}

json::object step(const char* id, const char* state, const std::string& why = {}) {
  json::object out{{"id", id}, {"state", state}};
  if (!why.empty()) out["why"] = why;
  return out;
}

json::object stage_step(const Standing& standing, State* state, const char* stage, int position,
                        int done) {
  const bool runs = standing.live && standing.live->stage == stage;
  if (runs) return step(stage, "running");
  const auto run = last_of(state, stage);
  if (position < done) {
    json::object out = step(stage, "done");
    if (run && run->ended != 0) out["at"] = run->ended;
    return out;
  }
  if (position > done) return step(stage, "waiting");
  if (run && (run->result == "refused" || run->result == "failed"))
    return step(stage, "blocked", message_of(*run));
  if (run && run->result == "interrupted")
    return step(stage, "current", "it was interrupted: start it again, it goes on where it was");
  const std::int64_t open = state != nullptr ? state->errors().count(ErrorState::Open) : 0;
  if (run && run->ended != 0 && open > 0)
    return step(stage, "blocked",
                std::to_string(open) + " open errors: settle them, then start it again");
  return step(stage, "current", std::string{"start "} + stage);
}

json::object visible(const json::object& options, const OptionPositions& positions,
                     const json::object* schema) {
  json::object out;
  for (const auto& option : options) {
    const std::string name{option.key()};
    const bool from_outside = std::any_of(positions.begin(), positions.end(), [&](const auto& at) {
      const bool within =
          at.first == name ||
          (at.first.size() > name.size() && at.first.compare(0, name.size(), name) == 0 &&
           (at.first[name.size()] == '.' || at.first[name.size()] == '['));
      return within && at.second.substituted;
    });
    out[name] = from_outside || (schema != nullptr && is_secret(*schema, name)) ? json::value("***")
                                                                                : option.value();
  }
  return out;
}

std::string limit_text(const DeleteLimit& limit) {
  if (limit.count) return std::to_string(*limit.count);
  if (!limit.percent) return "the larger of 20 and 2 %";
  std::string text = std::to_string(*limit.percent);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text + "%";
}

json::object sync_of(const SyncConfig& sync, const std::string& file) {
  json::array fields, rules, checks;
  for (const auto& field : sync.fields)
    fields.push_back(json::value(view_of(field, field.from_preset ? sync.preset_file : file)));
  for (const auto& rule : sync.rules)
    rules.push_back(json::object{{"when", rule.when.text}, {"set", rule.set}});
  for (const auto& check : sync.checks)
    checks.push_back(json::object{{"that", check.that.text}, {"say", check.say}});
  json::object out{
      {"name", sync.name},
      {"stream", sync.read.stream},
      {"read_options", visible(sync.read.options, sync.read.option_positions, nullptr)},
      {"object", sync.write.object},
      {"match", sync.write.match},
      {"mode", kModes[static_cast<std::size_t>(sync.write.mode)]},
      {"on_delete", sync.write.on_delete},
      {"on_exclude", sync.write.on_exclude},
      {"on_duplicate", kDuplicates[static_cast<std::size_t>(sync.write.on_duplicate)]},
      {"max_deletes", limit_text(sync.write.max_deletes)},
      {"write_options", visible(sync.write.options, sync.write.option_positions, nullptr)},
      {"fields", std::move(fields)},
      {"rules", std::move(rules)},
      {"checks", std::move(checks)}};
  if (!sync.preset.empty()) out["preset"] = sync.preset;
  if (sync.filter) out["filter"] = sync.filter->text;
  return out;
}

json::object connection_of(const Connection& connection, const json::object* spec) {
  const auto* config = spec != nullptr ? spec->if_contains("config") : nullptr;
  const json::object* schema =
      config != nullptr && config->is_object() ? &config->get_object() : nullptr;
  return {{"connector", connection.connector},
          {"options", visible(connection.options, connection.option_positions, schema)}};
}

}  // namespace

bool is_secret(const json::object& schema, std::string_view option) {
  const auto* properties = schema.if_contains("properties");
  if (properties == nullptr || !properties->is_object()) return false;
  const auto* found = properties->get_object().if_contains(option);
  return found != nullptr && found->is_object() && found->get_object().contains("writeOnly");
}

json::object view_of(const FieldMapping& field, const std::string& file) {
  json::object out{{"name", field.name},
                   {"value", field.value.text},
                   {"null", field.null == NullPolicy::Clear ? "clear" : "keep"},
                   {"overwrite", field.overwrite == Overwrite::IfEmpty ? "if_empty" : "always"},
                   {"preset", field.from_preset}};
  if (!field.type.empty()) out["type"] = field.type;
  if (field.at.line != 0) {
    out["at"] = file + ':' + std::to_string(field.at.line) + ':' + std::to_string(field.at.column);
  }
  return out;
}

json::object view_of(const RunRow& run, bool whole) {
  json::object out{{"id", run.id},
                   {"stage", run.stage},
                   {"started", run.started},
                   {"ended", run.ended},
                   {"result", run.result}};
  if (const std::string message = message_of(run); !message.empty()) out["message"] = message;
  if (whole) out["summary"] = run.summary;
  return out;
}

json::value running_of(const Standing& standing, State* state) {
  const std::string holder = state != nullptr ? lock_holder(state->directory()) : std::string{};
  json::object out;
  if (standing.live) {
    out = {{"stage", standing.live->stage}, {"started", standing.live->started}};
  } else {
    if (holder.empty()) return nullptr;
    const auto last = state->runs().last(1);
    if (last.empty() || last.front().ended != 0) return nullptr;
    out = {{"stage", last.front().stage}, {"started", last.front().started}};
  }
  if (!holder.empty()) out["holder"] = holder;
  return json::value(std::move(out));
}

json::array steps_of(const Standing& standing, State* state) {
  const Lifecycle reached = state != nullptr ? state->reached() : Lifecycle::New;
  const int done = stages_done(reached);
  const bool any_run = state != nullptr && !state->runs().last(1).empty();
  json::array out;
  if (done > 0 || any_run) {
    out.push_back(step("connect", "done", "each run connects to both sides first"));
  } else if (!standing.member.problem.empty()) {
    out.push_back(step("connect", "blocked", standing.member.problem));
  } else {
    out.push_back(step("connect", "current", "check the connection, or start validate"));
  }
  const auto syncs = standing.member.syncs.size();
  out.push_back(step("preferences", "done",
                     std::to_string(syncs) + (syncs == 1 ? " sync" : " syncs") + " in the file"));
  const std::array<const char*, 3> stages{"validate", "initial", "full"};
  for (int i = 0; i < 3; ++i)
    out.push_back(stage_step(standing, state, stages[static_cast<std::size_t>(i)], i, done));
  if (done < 3) {
    out.push_back(step("active", "waiting"));
  } else if (state->lifecycle() == Lifecycle::Paused) {
    out.push_back(step("active", "blocked", "it is paused: resume it"));
  } else if (standing.live && standing.live->stage == "incremental") {
    out.push_back(step("active", "running"));
  } else {
    out.push_back(step("active", "done", "runs " + to_string(standing.member.schedule)));
  }
  return out;
}

json::object definition_of(const Integration& integration, const json::object* source_spec,
                           const json::object* destination_spec) {
  json::array syncs;
  for (const auto& sync : integration.syncs)
    syncs.push_back(json::value(sync_of(sync, integration.file)));
  json::object schedule{{"text", to_string(integration.schedule)}};
  if (integration.schedule.every) schedule["every_seconds"] = integration.schedule.every->count();
  if (!integration.schedule.cron.empty()) {
    schedule["cron"] = integration.schedule.cron;
    schedule["timezone"] = integration.schedule.timezone;
  }
  return {{"integration", integration.name},
          {"file", integration.file},
          {"source", connection_of(integration.source, source_spec)},
          {"destination", connection_of(integration.destination, destination_spec)},
          {"schedule", std::move(schedule)},
          {"retention",
           {{"runs_seconds", integration.retention.runs.count()},
            {"resolved_errors_seconds", integration.retention.resolved_errors.count()}}},
          {"syncs", std::move(syncs)}};
}

}  // namespace sluice::host::serve
