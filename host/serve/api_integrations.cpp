// The integrations: overview, status, definition, file, connection, one record, decisions.
#include <algorithm>

#include "integration/next_run.hpp"
#include "pipeline/stages.hpp"
#include "pipeline/status.hpp"
#include "serve/api.hpp"
#include "serve/decide.hpp"
#include "serve/shown_file.hpp"
#include "serve/views.hpp"
#include "state/sample.hpp"

namespace sluice::host::serve {
namespace {

constexpr std::size_t kHistory = 20;
constexpr std::size_t kActivity = 30;

bool contains(std::string_view text, std::string_view part) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c; };
  return std::search(text.begin(), text.end(), part.begin(), part.end(),
                     [&](char a, char b) { return lower(a) == lower(b); }) != text.end();
}

json::array activity_of(State& state) {
  json::array out;
  auto runs = state.runs().last_of_stages(kActivity);
  std::reverse(runs.begin(), runs.end());
  for (const auto& run : runs) {
    std::int64_t read = 0, delivered = 0, rejected = 0;
    if (const auto* syncs = run.summary.if_contains("syncs"); syncs && syncs->is_array()) {
      for (const auto& sync : syncs->get_array()) {
        read += sync.at("read").as_int64();
        delivered += sync.at("delivered").as_int64();
        rejected += sync.at("rejected").as_int64();
      }
    }
    out.push_back(json::object{{"started", run.started},
                               {"stage", run.stage},
                               {"result", run.result},
                               {"read", read},
                               {"delivered", delivered},
                               {"rejected", rejected}});
  }
  return out;
}

// What the state alone says for the overview.
json::object known_of(State& state) {
  json::object out{{"state", to_string(state.lifecycle())},
                   {"next", to_string(next_stage(state.reached()))},
                   {"open_errors", state.errors().count(ErrorState::Open)},
                   {"ignored_errors", state.errors().count(ErrorState::Ignored)},
                   {"activity", activity_of(state)}};
  if (const auto last = state.runs().last(1); !last.empty())
    out["last_run"] = view_of(last.front(), false);
  return out;
}

json::object overview_of(Api& api, const Standing& standing) {
  const Member& member = standing.member;
  json::object out{{"integration", member.name},
                   {"file", member.file.string()},
                   {"state", "new"},
                   {"next", "validate"},
                   {"schedule", to_string(member.schedule)},
                   {"source", api.named(member.source)},
                   {"destination", api.named(member.destination)},
                   {"open_errors", 0},
                   {"ignored_errors", 0},
                   {"last_run", nullptr},
                   {"next_run", nullptr},
                   {"running", nullptr},
                   {"activity", json::array{}},
                   {"queued", standing.schedule.queued}};
  if (standing.schedule.due) out["next_run"] = *standing.schedule.due;
  std::string problem = member.problem;
  try {
    const json::value known = api.cache().get(member.name, "overview", [&]() -> json::value {
      auto state = api.state_of(member.name);
      return state ? known_of(*state) : json::object{};
    });
    for (const auto& entry : known.get_object()) out[entry.key()] = entry.value();
    const bool has_run = !known.get_object().empty();
    // Somebody else's run shows in the state alone.
    auto state =
        has_run && !standing.live ? api.state_if_held(member.name) : std::optional<State>{};
    out["running"] = running_of(standing, state ? &*state : nullptr);
  } catch (const Error& error) {
    problem = error.what();
  }
  if (!problem.empty()) out["problem"] = problem;
  return out;
}

Reply change(Api& api, const Request& request, const Caller& caller, Decision::Action action) {
  const std::string name = api.standing_of(request).member.name;
  Decision decision;
  decision.action = action;
  decision.why = text_in(body_of(request, {"why"}), "why", 1000);
  return decide(api, name, std::move(decision), caller);
}

}  // namespace

Reply get_integrations(Api& api, const Request& request, const Caller&) {
  const std::string part = request.argument("q"), after = request.argument("after");
  const auto limit = static_cast<std::size_t>(number_of(request, "limit", 200, 1, 1000));
  json::array problems;
  std::vector<Standing> fitting;
  for (auto& standing : api.service().standings()) {
    const Member& member = standing.member;
    if (!contains(member.name, part) && !contains(member.file.string(), part)) continue;
    if (!member.broken) {
      fitting.push_back(std::move(standing));
      continue;
    }
    json::array found;
    for (const auto& finding : member.findings) found.emplace_back(to_string(finding));
    problems.push_back(
        json::object{{"file", member.file.string()}, {"diagnostics", std::move(found)}});
  }
  std::sort(fitting.begin(), fitting.end(),
            [](const Standing& a, const Standing& b) { return a.member.name < b.member.name; });
  json::array rows;
  json::value next = nullptr;
  for (const auto& standing : fitting) {
    if (!after.empty() && standing.member.name <= after) continue;
    if (rows.size() == limit) {
      next = rows.back().at("integration");
      break;
    }
    rows.push_back(json::value(overview_of(api, standing)));
  }
  return Reply::json(json::object{{"integrations", std::move(rows)},
                                  {"problems", std::move(problems)},
                                  {"total", fitting.size()},
                                  {"next", std::move(next)}});
}

Reply get_status(Api& api, const Request& request, const Caller&) {
  const Standing standing = api.standing_of(request);
  auto state = api.state_of(standing.member.name);
  const Integration file = load_member(api, standing.member);
  StatusRequest wanted;
  wanted.runs = wanted.decisions = kHistory;
  wanted.now_ms = api.service().options().clock();
  wanted.file = &file;
  wanted.complete = standing.member.problem.empty();
  const std::string what = "status " + std::to_string(standing.member.revision);
  json::value known = api.cache().get(standing.member.name, what, [&]() -> json::value {
    return status_of(state ? &*state : nullptr, standing.member.name, wanted);
  });
  json::object out = std::move(known.get_object());
  if (auto* cursor = out.if_contains("cursor"))
    cursor->get_object()["age_seconds"] = (wanted.now_ms - cursor->at("as_of").as_int64()) / 1000;
  for (auto& run : out["runs"].as_array()) {
    auto& row = run.as_object();
    if (const auto* message = row.at("summary").as_object().if_contains("message"))
      row["message"] = *message;
  }
  out["next_run"] = standing.schedule.due ? json::value(*standing.schedule.due) : json::value();
  out["running"] = running_of(standing, state ? &*state : nullptr);
  out["queued"] = standing.schedule.queued;
  out["steps"] = steps_of(standing, state ? &*state : nullptr);
  const std::string problem =
      standing.schedule.problem.empty() ? standing.member.problem : standing.schedule.problem;
  if (!problem.empty()) out["problem"] = problem;
  return Reply::json(json::value(std::move(out)));
}

Reply get_definition(Api& api, const Request& request, const Caller&) {
  const Standing standing = api.standing_of(request);
  const Integration file = load_member(api, standing.member);
  const auto& specs = api.connectors().specs;
  const auto find = [&specs](const std::string& id) {
    const auto found = specs.find(id);
    return found == specs.end() ? nullptr : &found->second;
  };
  json::object out =
      definition_of(file, find(file.source.connector), find(file.destination.connector));
  for (const char* side : {"source", "destination"}) {
    auto& view = out[side].as_object();
    view["title"] = api.named(std::string{view.at("connector").as_string()}).at("title");
  }
  json::array next;
  auto from = standing.schedule.due;
  while (from && next.size() < 5) {
    next.push_back(json::value(*from));
    from = next_run(file.schedule, from, *from);
  }
  out["schedule"].as_object()["next"] = std::move(next);
  json::array notes;
  for (const auto& finding : standing.member.findings) notes.emplace_back(to_string(finding));
  out["diagnostics"] = std::move(notes);
  return Reply::json(json::value(std::move(out)));
}

Reply get_file(Api& api, const Request& request, const Caller&) {
  const Standing standing = api.standing_of(request);
  Reply reply;
  reply.type = "application/yaml";
  reply.body = shown_text(api, standing.member);
  return reply;
}

Reply check_integration(Api& api, const Request& request, const Caller& caller) {
  const Standing standing = api.standing_of(request);
  (void)body_of(request, {});
  json::object report = api.command({"check", standing.member.file.string()}, caller, {2});
  if (auto* fields = report.if_contains("fields"); fields != nullptr && fields->is_array()) {
    for (auto& field : fields->get_array()) {
      if (auto& row = field.as_object(); !row.contains("message")) row["message"] = "";
    }
  }
  return Reply::json(json::value(std::move(report)));
}

Reply show(Api& api, const Member& member, const std::string& key, bool offline,
           const Caller& caller) {
  std::vector<std::string> command{"show", member.file.string(), "--key=" + key};
  if (offline) command.emplace_back("--offline");
  try {
    return Reply::json(json::object{{"key", key}, {"syncs", api.command(command, caller)}});
  } catch (const Problem& problem) {
    if (std::string_view{problem.what()}.find("no record with the key") != std::string_view::npos)
      throw not_found(problem.what());
    throw;
  }
}

Reply get_record(Api& api, const Request& request, const Caller& caller) {
  const Standing standing = api.standing_of(request);
  std::string key = request.argument("key");
  if (key.size() > 1000) throw invalid("/key", "\"key\" must be at most 1000 bytes long");
  if (key.empty()) {
    if (auto state = api.state_of(standing.member.name)) key = last_delivered(*state);
    if (key.empty()) throw not_found("nothing has been delivered yet that could serve as a sample");
  }
  const std::string offline = request.argument("offline");
  if (!offline.empty() && offline != "true" && offline != "false")
    throw invalid("/offline", "\"offline\" must be true or false");
  return show(api, standing.member, key, offline == "true", caller);
}

Reply pause_integration(Api& api, const Request& request, const Caller& caller) {
  return change(api, request, caller, Decision::Action::Pause);
}

Reply resume_integration(Api& api, const Request& request, const Caller& caller) {
  return change(api, request, caller, Decision::Action::Resume);
}

Reply unlink_integration(Api& api, const Request& request, const Caller& caller) {
  const Standing standing = api.standing_of(request);
  const std::string& name = standing.member.name;
  const json::object body = body_of(request, {"confirm", "why"});
  if (text_in(body, "confirm") != name)
    throw invalid("/confirm", "\"confirm\" must be the integration's name, \"" + name + "\"");
  const auto state = api.state_of(name);
  if (!state || standing.schedule.running)
    throw Problem{409, state ? "busy" : "refused",
                  state ? "a run of \"" + name + "\" is under way: stop it first"
                        : "\"" + name + "\" is not linked: it has no state"};
  std::vector<std::string> command{"unlink", standing.member.file.string(), "--yes"};
  if (const auto why = text_in(body, "why", 1000); !why.empty()) command.push_back("--why=" + why);
  json::object out = api.command(command, caller);
  api.service().look_again(name);
  return Reply::json(json::value(std::move(out)));
}

}  // namespace sluice::host::serve
