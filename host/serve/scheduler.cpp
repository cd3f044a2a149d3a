#include "serve/scheduler.hpp"

#include <algorithm>
#include <exception>
#include <tuple>

namespace sluice::host::serve {
namespace {

// A state is looked at again even if nobody says that it has changed: commands may change it.
constexpr std::int64_t kLookAgain = 60'000;
// So that the first look at a thousand integrations keeps nobody waiting.
constexpr int kLooksATick = 10;
// Exit codes of the command line.
constexpr int kUsage = 2, kInterrupted = 4, kRefused = 5, kBusy = 6;
// An interrupted run goes on from its checkpoint.
constexpr std::int64_t kContinueAfter = 60'000;
constexpr const char* kEvents = "events";
// From the start of one run for events to that of the next: what comes in between is taken at once.
constexpr std::int64_t kEventsApart = 5'000;
constexpr std::int64_t kLastEventsRetry = 3'600'000;

bool same(const Schedule& left, const Schedule& right) {
  return left.every == right.every && left.cron == right.cron && left.timezone == right.timezone;
}

}  // namespace

void Scheduler::update(const std::vector<Member>& members, std::int64_t now_ms) {
  for (auto& [name, task] : tasks_) task.present = false;
  for (const auto& member : members) {
    if (member.broken) continue;
    const auto [found, is_new] = tasks_.try_emplace(member.name);
    Task& task = found->second;
    if (is_new) task.past.watched_since = now_ms;
    if (is_new || !same(task.schedule, member.schedule)) task.look_at = 0;
    // Whoever changes a file that failed wants to see whether it is right now.
    if (!is_new && task.revision != member.revision && task.past.failures + task.refusals > 0) {
      task.past.failures = task.refusals = 0;
      task.again_at = now_ms;
      task.look_at = 0;
    }
    task.revision = member.revision;
    task.present = true;
    task.file = member.file;
    task.schedule = member.schedule;
  }
  std::erase_if(queue_, [this](const Launch& launch) {
    Task& task = tasks_.at(launch.integration);
    if (!task.present) task.queued = false;
    return !task.present;
  });
  std::erase_if(tasks_,
                [](const auto& entry) { return !entry.second.present && !entry.second.running; });
}

Scheduler::Answer Scheduler::request(Launch launch, std::int64_t now_ms) {
  const auto found = tasks_.find(launch.integration);
  if (found == tasks_.end() || !found->second.present) return Answer::Unknown;
  Task& task = found->second;
  if (task.running && !task.runs_events) return Answer::Busy;
  if (task.queued) {
    const auto waiting = std::find_if(queue_.begin(), queue_.end(), [&](const Launch& other) {
      return other.integration == launch.integration;
    });
    if (!waiting->by.empty()) return Answer::Busy;
    queue_.erase(waiting);  // the schedule's own run comes after this one
  }
  task.queued = true;
  task.stage = launch.stage;
  launch.file = task.file;
  const auto place = std::find_if(queue_.begin(), queue_.end(),
                                  [](const Launch& other) { return other.by.empty(); });
  queue_.insert(place, std::move(launch));
  start_waiting(now_ms);
  return task.queued ? Answer::Queued : Answer::Started;
}

void Scheduler::look(const std::string& name, Task& task, std::int64_t now_ms) {
  task.look_at = now_ms + kLookAgain;
  task.due.reset();
  try {
    const Facts facts = ports_.look(name);
    task.problem.clear();
    task.looked = true;
    task.active = facts.lifecycle == Lifecycle::Active;
    task.read_up_to = facts.lifecycle == Lifecycle::Active ? facts.last_start : std::nullopt;
    // A run that failed before it could be written down counts as well.
    if (facts.last_start && facts.last_start > task.past.last_start)
      task.past.last_start = facts.last_start;
    if (facts.lifecycle != Lifecycle::Active) return;
  } catch (const std::exception& error) {
    task.problem = error.what();
    return;
  }
  const auto due = due_at(task.schedule, task.past, now_ms);
  if (!due) return;
  if (task.again_at && *task.again_at < *due) {
    task.due = task.again_at;
    return;
  }
  // Moments that many share, because a clock says so or because nobody was there when they came.
  const bool shared = !task.schedule.every || *due < task.past.watched_since;
  const auto base = std::max(*due, task.past.watched_since);
  task.due = shared ? base + jitter_of(name, base, options_.jitter).count() : *due;
}

std::optional<std::int64_t> Scheduler::events_due(const std::string& name, const Task& task) const {
  if (!task.active || events_.empty()) return std::nullopt;
  const auto found = events_.find(name);
  if (found == events_.end()) return std::nullopt;
  return std::max(found->second, task.events_from);
}

void Scheduler::enqueue_due(std::int64_t now_ms) {
  struct Due {
    std::int64_t moment;
    std::string name;
    const char* stage;
  };
  std::vector<Due> due;
  int looks = 0;
  const auto is_past = [now_ms](const std::optional<std::int64_t>& moment) {
    return moment && *moment <= now_ms;
  };
  for (auto& [name, task] : tasks_) {
    if (task.running || task.queued || !task.present) continue;
    const bool is_due = is_past(task.due) || is_past(events_due(name, task));
    // What is due is looked at once more: it may have been run or paused by a command.
    if ((is_due || task.look_at <= now_ms) && looks < kLooksATick) {
      ++looks;
      look(name, task, now_ms);
      const auto events = events_due(name, task);
      // A scheduled run takes the events as well.
      if (is_past(task.due)) {
        due.push_back({*task.due, name, "incremental"});
      } else if (is_past(events)) {
        due.push_back({*events, name, kEvents});
      }
    }
  }
  // First come, first served: nobody is passed by one that is due more often.
  std::sort(due.begin(), due.end(), [](const Due& left, const Due& right) {
    return std::tie(left.moment, left.name) < std::tie(right.moment, right.name);
  });
  for (const auto& [moment, name, stage] : due) {
    Task& task = tasks_.at(name);
    task.queued = true;
    task.stage = stage;
    queue_.push_back({name, task.file, task.stage, {}, {}});
  }
}

void Scheduler::start_waiting(std::int64_t now_ms) {
  while (running_ < options_.parallel) {
    const auto next = std::find_if(queue_.begin(), queue_.end(), [this](const Launch& waiting) {
      return !tasks_.at(waiting.integration).running;
    });
    if (next == queue_.end()) return;
    const Launch launch = std::move(*next);
    queue_.erase(next);
    Task& task = tasks_.at(launch.integration);
    task.queued = false;
    task.running = true;
    task.started = now_ms;
    task.runs_events = launch.stage == kEvents;
    if (!task.runs_events) task.again_at.reset();
    task.due.reset();
    ++running_;
    ports_.launch(launch);
  }
}

void Scheduler::tick(std::int64_t now_ms) {
  enqueue_due(now_ms);
  start_waiting(now_ms);
}

void Scheduler::ended(const std::string& integration, int exit_code, std::int64_t now_ms) {
  const auto found = tasks_.find(integration);
  if (found == tasks_.end() || !found->second.running) return;
  Task& task = found->second;
  --running_;
  task.running = false;
  if (!task.present) {
    tasks_.erase(found);
    return;
  }
  task.look_at = 0;
  // Somebody else's run is under way: that one counts, and is seen at the next look.
  if (exit_code == kBusy) {
    task.look_at = now_ms + kLookAgain;
    task.events_from = task.look_at;
    return;
  }
  if (task.runs_events) {
    const bool failed = exit_code > 1 && exit_code != kInterrupted;
    task.events_failures = failed ? task.events_failures + 1 : 0;
    std::int64_t wait = kContinueAfter;
    for (int i = 1; i < task.events_failures && wait < kLastEventsRetry; ++i) wait *= 2;
    task.events_from =
        exit_code <= 1 ? task.started + kEventsApart : now_ms + std::min(wait, kLastEventsRetry);
    return;
  }
  // A file or a gate that says no says so until somebody changes it: a try may cost a whole read.
  const bool refused = exit_code == kUsage || exit_code == kRefused;
  const bool failed = exit_code > 1 && !refused && exit_code != kInterrupted;
  task.past.failures = failed ? task.past.failures + 1 : 0;
  task.refusals = refused ? task.refusals + 1 : 0;
  task.again_at.reset();
  if (exit_code == kInterrupted) task.again_at = now_ms + kContinueAfter;
  task.past.last_end = now_ms;
  task.past.last_start = std::max(task.past.last_start.value_or(0), task.started);
}

void Scheduler::events(const std::string& integration, std::optional<std::int64_t> due_ms) {
  if (due_ms) {
    events_[integration] = *due_ms;
  } else {
    events_.erase(integration);
  }
}

void Scheduler::look_again(const std::string& integration) {
  if (const auto found = tasks_.find(integration); found != tasks_.end()) found->second.look_at = 0;
}

Scheduler::View Scheduler::view(const std::string& integration) const {
  const auto found = tasks_.find(integration);
  if (found == tasks_.end()) return {};
  const Task& task = found->second;
  View view;
  view.running = task.running;
  view.queued = task.queued;
  if (task.running || task.queued) view.stage = task.stage;
  view.due = task.due;
  view.read_up_to = task.read_up_to;
  view.problem = task.problem;
  view.is_known = task.looked && task.problem.empty();
  return view;
}

std::int64_t Scheduler::wake_at(std::int64_t now_ms) const {
  std::int64_t at = now_ms + kLookAgain;
  for (const auto& [name, task] : tasks_) {
    if (task.running || task.queued || !task.present) continue;
    at = std::min(at, task.due ? std::min(*task.due, task.look_at) : task.look_at);
    at = std::min(at, events_due(name, task).value_or(at));
  }
  return at;
}

}  // namespace sluice::host::serve
