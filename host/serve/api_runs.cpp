// Runs: history, starting and stopping, live progress, plans.
#include <algorithm>
#include <deque>
#include <thread>

#include "pipeline/stages.hpp"
#include "serve/api.hpp"
#include "serve/decide.hpp"
#include "serve/views.hpp"

namespace sluice::host::serve {
namespace {

using std::chrono::milliseconds;

constexpr int kMostStreams = 16;  // each holds a thread of the server
constexpr milliseconds kBetween{250};
constexpr std::chrono::seconds kAlive{15};

const char* result_of(int exit_code) {
  switch (exit_code) {
    case 0:
      return "done";
    case 1:
      return "errors";
    case 4:
      return "interrupted";
    case 5:
      return "refused";
    default:
      return "failed";
  }
}

// How many records the last whole walk of a sync read.
std::optional<std::int64_t> expected_of(State& state, const std::string& stage,
                                        const std::string& sync) {
  if (stage != "full" && stage != "validate") return std::nullopt;
  for (const auto& run : state.runs().last_of_stages(100)) {
    const bool whole = (run.stage == "full" || run.stage == "validate") &&
                       (run.result == "done" || run.result == "errors") &&
                       !run.summary.contains("keys");
    const auto* syncs = run.summary.if_contains("syncs");
    if (!whole || syncs == nullptr || !syncs->is_array()) continue;
    for (const auto& entry : syncs->get_array()) {
      if (entry.at("sync").as_string() == sync) return entry.at("read").as_int64();
    }
  }
  return std::nullopt;
}

// One listener of an integration's progress.
class Listener {
 public:
  Listener(Api& api, std::string integration) : api_{&api}, integration_{std::move(integration)} {
    api_->streams.fetch_add(1);
    if (const auto ended = service().last_ended(integration_)) told_end_ = ended->ended;
  }
  ~Listener() { api_->streams.fetch_sub(1); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // Waits for something to tell, and tells it; false: it is over.
  bool turn(const Reply::Send& send) {
    if (service().is_stopping()) return false;
    std::string events = news();
    if (events.empty()) {
      version_ = service().wait_for_change(version_, std::min<milliseconds>(kAlive, kBetween * 4));
      const auto now = std::chrono::steady_clock::now();
      if (now - sent_ < kAlive) return true;
      events = ": still here\n\n";
    }
    if (!send(events)) return false;
    sent_ = std::chrono::steady_clock::now();
    std::this_thread::sleep_for(kBetween);
    return true;
  }

 private:
  [[nodiscard]] Service& service() const { return api_->service(); }

  [[nodiscard]] static std::string event(const char* name, const json::object& data) {
    return std::string{"event: "} + name + "\ndata: " + to_json(json::value(data)) + "\n\n";
  }

  std::string news() {
    std::string out;
    const auto standing = service().standing(integration_);
    if (const auto ended = service().last_ended(integration_); ended && ended->ended > told_end_) {
      told_end_ = ended->ended;
      samples_.clear();
      out += event("ended", {{"stage", ended->stage},
                             {"result", result_of(ended->end.exit_code)},
                             {"message", ended->end.message}});
    }
    if (standing && standing->live) {
      json::object progress = progress_of(*standing->live);
      if (progress == last_) return out;
      out += event("progress", progress);
      last_ = std::move(progress);
      idle_ = false;
    } else if (!idle_) {
      out += event("idle", {});
      idle_ = true;
      last_.clear();
    }
    return out;
  }

  json::object progress_of(const LiveRun& live) {
    const auto number = [&live](const char* name) {
      const auto* value = live.progress.if_contains(name);
      return value != nullptr && value->is_int64() ? value->get_int64() : 0;
    };
    const auto* sync = live.progress.if_contains("sync");
    const std::string name = sync != nullptr ? std::string{sync->as_string()} : std::string{};
    const std::int64_t read = number("read");
    if (name != sync_) {
      sync_ = name;
      samples_.clear();
      expected_.reset();
      if (auto state = api_->state_of(integration_); state && !name.empty())
        expected_ = expected_of(*state, live.stage, name);
    }
    const double rate = rate_of(read);
    json::value expected = nullptr, eta = nullptr;
    if (expected_) {
      expected = *expected_;
      if (rate > 0) eta = static_cast<double>(std::max<std::int64_t>(*expected_ - read, 0)) / rate;
    }
    return {{"stage", live.stage},
            {"sync", name},
            {"started", live.started},
            {"read", read},
            {"delivered", number("delivered")},
            {"rate", rate},
            {"expected", std::move(expected)},
            {"eta_seconds", std::move(eta)}};
  }

  // Over the last ten seconds.
  double rate_of(std::int64_t read) {
    const auto now = std::chrono::steady_clock::now();
    if (samples_.empty() || samples_.back().second != read) samples_.emplace_back(now, read);
    while (samples_.size() > 2 && now - samples_.front().first > std::chrono::seconds{10})
      samples_.pop_front();
    const double seconds =
        std::chrono::duration<double>(samples_.back().first - samples_.front().first).count();
    if (seconds <= 0) return 0;
    return static_cast<double>(samples_.back().second - samples_.front().second) / seconds;
  }

  Api* api_;
  std::string integration_;
  std::uint64_t version_ = 0;
  std::int64_t told_end_ = 0;
  bool idle_ = false;
  std::string sync_;
  std::optional<std::int64_t> expected_;
  std::deque<std::pair<std::chrono::steady_clock::time_point, std::int64_t>> samples_;
  json::object last_;
  std::chrono::steady_clock::time_point sent_ = std::chrono::steady_clock::now();
};

json::object describe(const Api::Plan& plan) {
  json::object out{{"state", plan.ended == 0        ? "running"
                             : plan.problem.empty() ? "done"
                                                    : "failed"},
                   {"started", plan.started}};
  if (plan.ended == 0) return out;
  out["ended"] = plan.ended;
  if (plan.problem.empty()) {
    out["plan"] = plan.plan;
  } else {
    out["problem"] = plan.problem;
  }
  return out;
}

std::vector<std::string> options_of(const json::object& body, const std::string& stage) {
  std::vector<std::string> out;
  const auto flag = [&](const char* name, const char* only) {
    if (!flag_in(body, name)) return;
    if (*only != '\0' && stage != only)
      throw invalid(std::string{"/"} + name,
                    std::string{"\""} + name + "\" belongs to the stage " + only);
    out.push_back(std::string{"--"} + name);
  };
  flag("force", "");
  flag("retry", "validate");
  flag("verify", "full");
  flag("resend", "full");
  if (const auto deletes = number_in(body, "allow_deletes", 0, INT64_C(1) << 53)) {
    out.emplace_back("--allow-deletes");
    out.push_back(std::to_string(*deletes));
  }
  for (const auto& key : texts_in(body, "keys", 1000)) out.push_back("--key=" + key);
  return out;
}

}  // namespace

Reply get_runs(Api& api, const Request& request, const Caller&) {
  const std::string name = api.standing_of(request).member.name;
  const auto limit = static_cast<std::size_t>(number_of(request, "limit", 50, 1, 500));
  const std::int64_t before = number_of(request, "before", 0, 1, INT64_MAX);
  json::array rows;
  json::value next = nullptr;
  if (auto state = api.state_of(name)) {
    auto runs = state->runs().last(limit + 1, before);
    if (runs.size() > limit) {
      runs.pop_back();
      next = runs.back().id;
    }
    for (const auto& run : runs) rows.push_back(view_of(run, true));
  }
  return Reply::json(json::object{{"runs", std::move(rows)}, {"next", std::move(next)}});
}

Reply start_run(Api& api, const Request& request, const Caller& caller) {
  const Standing standing = api.standing_of(request);
  const std::string& name = standing.member.name;
  const json::object body =
      body_of(request, {"stage", "force", "retry", "verify", "resend", "allow_deletes", "keys"});
  std::string stage = text_in(body, "stage");
  auto state = api.state_of(name);
  const Lifecycle lifecycle = state ? state->lifecycle() : Lifecycle::New;
  if (stage == "next") stage = to_string(next_stage(lifecycle));
  if (stage != "validate" && stage != "initial" && stage != "full" && stage != "incremental")
    throw invalid("/stage", "\"stage\" must be next, validate, initial, full or incremental");
  if (lifecycle == Lifecycle::Paused)
    throw Problem{409, "refused", "\"" + name + "\" is paused: resume it first", {{"gate", false}}};
  const std::string holder = state ? lock_holder(state->directory()) : std::string{};
  // A run for events is short: its end is waited for.
  const bool is_for_events = standing.live && standing.live->stage == "events";
  if (!holder.empty() && !is_for_events)
    throw Problem{409, "busy", "\"" + name + "\" is held by " + holder};
  const auto options = options_of(body, stage);
  std::string what = stage;
  for (const auto& option : options) what += ' ' + option;
  PutDown put_down{api, name, Decision::Action::Start, what, caller};
  const auto answer = api.service().start(name, stage, options, caller.name);
  switch (answer) {
    case Scheduler::Answer::Started:
    case Scheduler::Answer::Queued:
      put_down.keep();
      return Reply::json(
          json::object{{"stage", stage},
                       {"state", answer == Scheduler::Answer::Started ? "started" : "queued"}},
          202);
    case Scheduler::Answer::Busy:
      throw Problem{
          409, "busy",
          "a run of \"" + name + "\" is under way or waits for its turn: stop it, or wait"};
    case Scheduler::Answer::Unknown:
      break;
  }
  throw not_found("there is no integration \"" + name + "\" any more");
}

Reply stop_run(Api& api, const Request& request, const Caller& caller) {
  const Standing standing = api.standing_of(request);
  const std::string& name = standing.member.name;
  (void)body_of(request, {});
  const Problem idle{409, "refused", "no run of \"" + name + "\" is under way here"};
  if (!standing.live) throw idle;
  PutDown put_down{api, name, Decision::Action::Stop, standing.live->stage, caller};
  if (!api.service().stop(name)) throw idle;
  put_down.keep();
  Reply reply;
  reply.status = 202;
  return reply;
}

Reply get_progress(Api& api, const Request& request, const Caller&) {
  const std::string name = api.standing_of(request).member.name;
  if (api.streams.load() >= kMostStreams)
    throw Problem{429, "too_many",
                  "too many listen to progress at once: close other pages of the dashboard"};
  Reply reply;
  reply.type = "text/event-stream";
  reply.headers.emplace_back("X-Accel-Buffering", "no");
  reply.stream = [listener = std::make_shared<Listener>(api, name)](const Reply::Send& send) {
    return listener->turn(send);
  };
  return reply;
}

Reply get_plan(Api& api, const Request& request, const Caller&) {
  const std::string name = api.standing_of(request).member.name;
  const std::lock_guard guard{api.plans_mutex};
  const auto plan = api.plans.find(name);
  if (plan == api.plans.end()) return Reply::json(json::object{{"state", "none"}});
  return Reply::json(json::value(describe(plan->second)));
}

Reply make_plan(Api& api, const Request& request, const Caller& caller) {
  const Standing standing = api.standing_of(request);
  const std::string name = standing.member.name;
  const json::object body = body_of(request, {"stage", "live", "limit", "keys"});
  const std::string stage = text_in(body, "stage");
  if (!stage.empty() && stage != "initial" && stage != "full" && stage != "incremental")
    throw invalid("/stage", "\"stage\" must be initial, full or incremental");
  const auto& options = api.service().options();
  std::vector<std::string> command{options.program.string(),
                                   "plan",
                                   standing.member.file.string(),
                                   "--json",
                                   "--state",
                                   options.state_root.string(),
                                   "--limit",
                                   std::to_string(number_in(body, "limit", 1, 1000).value_or(20))};
  if (!stage.empty()) command.insert(command.end(), {"--stage", stage});
  if (flag_in(body, "live")) command.emplace_back("--live");
  for (const auto& key : texts_in(body, "keys", 100)) command.push_back("--key=" + key);
  command.insert(command.end(), options.child_arguments.begin(), options.child_arguments.end());

  std::unique_ptr<ChildRun> last;
  const std::lock_guard guard{api.plans_mutex};
  Api::Plan& plan = api.plans[name];
  if (plan.started != 0 && plan.ended == 0)
    throw Problem{409, "busy", "a plan of \"" + name + "\" is being made already"};
  last = std::move(plan.child);
  plan = {};
  plan.started = options.clock();
  const auto done = [&api, name](const ChildEnd& end) {
    const std::lock_guard inner{api.plans_mutex};
    Api::Plan& made = api.plans.at(name);
    made.ended = api.service().options().clock();
    // Code 5: a guard would stop such a run; the plan says which.
    if (end.document.contains("syncs")) {
      made.plan = end.document;
    } else {
      made.problem = end.message.empty() ? "the plan could not be made" : end.message;
    }
  };
  plan.child = std::make_unique<ChildRun>(std::move(command), std::filesystem::path{}, caller.name,
                                          ChildRun::Calls{[](const json::object&) {}, done});
  return Reply::json(json::value(describe(plan)), 202);
}

}  // namespace sluice::host::serve
