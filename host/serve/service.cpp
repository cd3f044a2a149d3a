#include "serve/service.hpp"

#include <signal.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <algorithm>

#include "integration/log_subject.hpp"
#include "serve/run_logs.hpp"
#include "serve/state_cache.hpp"
#include "state/decision.hpp"
#include "state/private_files.hpp"

namespace sluice::host::serve {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

// After the second signal a run ends at once; a process that does not is killed.
constexpr milliseconds kSecondGrace{1'500};
constexpr std::int64_t kWatchEvery = 10'000;

fs::path make_own_directory(const fs::path& state_root) {
  auto directory = state_root / kServiceDirectory;
  make_private_directory(directory);
  return directory;
}

}  // namespace

Service::Service(ServiceOptions options)
    : options_{std::move(options)},
      directory_{make_own_directory(options_.state_root)},
      lock_{std::make_unique<IntegrationLock>(directory_, "serve")},
      events_{options_.state_root},
      fleet_{options_.configs, options_.load},
      scheduler_{options_.scheduling,
                 {[this](const std::string& name) { return look(name); },
                  [this](const Launch& run) { launch(run); }}} {
  for (const auto& [integration, waiting] : events_.counts())
    scheduler_.events(integration, waiting.due);
}

Service::~Service() = default;

Facts Service::look(const std::string& integration) {
  Look& known = looks_[integration];
  const std::int64_t stamp = state_stamp(options_.state_root / file_name(integration));
  if (stamp == known.stamp) return known.facts;
  Facts facts;
  if (auto state = State::open_read_only(options_.state_root, integration)) {
    facts.lifecycle = state->lifecycle();
    // One of single records says nothing about the rest.
    if (const auto last = state->runs().last_complete()) facts.last_start = last->started;
  }
  known = {stamp, facts};
  return facts;
}

void Service::changed() {
  ++version_;
  changed_.notify_all();
}

void Service::launch(const Launch& launch) {
  Active& active = active_[launch.integration];
  active.live = {launch.stage, launch.by, options_.clock(), {}};
  std::vector<std::string> command{options_.program.string(),
                                   launch.stage,
                                   launch.file.string(),
                                   "--json",
                                   "--progress",
                                   "--state",
                                   options_.state_root.string()};
  command.insert(command.end(), options_.child_arguments.begin(), options_.child_arguments.end());
  command.insert(command.end(), launch.arguments.begin(), launch.arguments.end());
  const LogScope scope{launch.integration};
  spdlog::info("{}: {} starts{}", launch.integration, launch.stage,
               launch.by.empty() ? "" : ", as " + launch.by + " asked");
  const RunLogs logs{directory_ / "logs" / file_name(launch.integration)};
  ChildRun::Calls calls;
  calls.progress = [this, name = launch.integration](const json::object& progress) {
    const std::lock_guard guard{mutex_};
    active_.at(name).live.progress = progress;
    changed();
  };
  calls.ended = [this, name = launch.integration](const ChildEnd& end) { finish(name, end); };
  active.child =
      std::make_unique<ChildRun>(std::move(command), logs.next(active.live.started, launch.stage),
                                 launch.by, std::move(calls));
  changed();
}

// The run's own thread: it cannot take its object away, `sweep` does.
void Service::finish(const std::string& integration, const ChildEnd& end) {
  const std::int64_t now = options_.clock();
  Ended ended;
  {
    const std::lock_guard guard{mutex_};
    Active& active = active_.at(integration);
    ended = {integration, active.live.stage, active.live.by, active.live.started, now, end};
  }
  const LogScope scope{integration};
  if (end.exit_code > 1) {
    spdlog::warn("{}: {} ended with {}: {}", integration, ended.stage, end.exit_code, end.message);
  } else {
    spdlog::info("{}: {} is done", integration, ended.stage);
  }
  try {
    // Who started or stopped a run that never came to open its state.
    take_waiting(options_.state_root, integration);
  } catch (const Error& error) {
    spdlog::warn("{}: {}", integration, error.what());
  }
  if (on_end_) on_end_(ended);
  const std::lock_guard guard{mutex_};
  Active& active = active_.at(integration);
  active.over = true;
  active.exit_code = end.exit_code;
  ended.end.document.clear();
  ended_[integration] = std::move(ended);
  looks_.erase(integration);
  poked_ = true;
  wake_.notify_all();
}

// A run counts as ended once its thread has ended: until then the integration is not started again.
void Service::sweep(std::unique_lock<std::mutex>& lock) {
  std::map<std::string, std::unique_ptr<ChildRun>> over;
  for (auto& [name, active] : active_) {
    if (active.over) over[name] = std::move(active.child);
  }
  if (over.empty()) return;
  lock.unlock();
  for (auto& [name, child] : over) child.reset();
  lock.lock();
  for (const auto& [name, child] : over) {
    scheduler_.ended(name, active_.at(name).exit_code, options_.clock());
    // Under the lock, so that no event comes in between.
    const WaitingCount waiting = events_.count(name);
    scheduler_.events(name, waiting.records != 0 ? std::optional{waiting.due} : std::nullopt);
    active_.erase(name);
  }
  changed();
}

void Service::take_files(std::int64_t now) {
  polled_ = now;
  ready_ = true;
  if (!fleet_.refresh()) return;
  for (const auto& member : fleet_.members()) {
    for (const auto& finding : member.findings) {
      if (member.broken && finding.severity == Diagnostic::Severity::Error)
        spdlog::warn("{}", to_string(finding));
    }
  }
  if (!fleet_.problem().empty()) spdlog::error("{}", fleet_.problem());
  scheduler_.update(fleet_.members(), now);
  changed();
}

void Service::step() {
  const std::int64_t now = options_.clock();
  const bool is_time = now - polled_ >= options_.poll.count() || now < polled_;
  if (!ready_ || is_time) take_files(now);
  scheduler_.tick(now);
}

void Service::watch(std::unique_lock<std::mutex>& lock) {
  const std::int64_t now = options_.clock();
  if (!on_watch_ || (now - watched_ < kWatchEvery && now >= watched_)) return;
  if (!fleet_.problem().empty()) return;
  watched_ = now;
  lock.unlock();
  on_watch_(standings());
  lock.lock();
}

void Service::load() {
  const std::lock_guard guard{mutex_};
  take_files(options_.clock());
}

void Service::run(const std::stop_token& stop) {
  std::unique_lock lock{mutex_};
  while (!stop.stop_requested()) {
    sweep(lock);
    step();
    watch(lock);
    const std::int64_t now = options_.clock();
    const auto until = std::min(scheduler_.wake_at(now) - now, options_.poll.count());
    const milliseconds limit{std::clamp<std::int64_t>(until, 10, options_.poll.count())};
    wake_.wait_for(lock, stop, limit, [this] { return poked_; });
    poked_ = false;
  }
  stop_runs(lock);
}

bool Service::wait_until_idle(std::unique_lock<std::mutex>& lock, milliseconds limit) {
  return wake_.wait_for(lock, limit, [this] {
    return std::all_of(active_.begin(), active_.end(),
                       [](const auto& entry) { return entry.second.over; });
  });
}

void Service::stop_runs(std::unique_lock<std::mutex>& lock) {
  stopping_ = true;
  changed();
  const auto signal_all = [this](int number) {
    for (auto& [name, active] : active_) {
      if (!active.over) active.child->signal(number);
    }
  };
  signal_all(SIGTERM);
  if (!wait_until_idle(lock, options_.grace)) {
    signal_all(SIGTERM);
    if (!wait_until_idle(lock, kSecondGrace)) {
      signal_all(SIGKILL);
      wait_until_idle(lock, std::chrono::seconds{1});
    }
  }
  sweep(lock);
}

bool Service::is_ready() const {
  const std::lock_guard guard{mutex_};
  return ready_ && !stopping_;
}

bool Service::is_stopping() const {
  const std::lock_guard guard{mutex_};
  return stopping_;
}

std::string Service::problem() const {
  const std::lock_guard guard{mutex_};
  return fleet_.problem();
}

Standing Service::standing_of(const Member& member) const {
  Standing out{member, member.broken ? Scheduler::View{} : scheduler_.view(member.name), {}};
  const auto active = active_.find(member.name);
  if (!member.broken && active != active_.end() && !active->second.over)
    out.live = active->second.live;
  return out;
}

std::vector<Standing> Service::standings() const {
  const std::lock_guard guard{mutex_};
  std::vector<Standing> out;
  out.reserve(fleet_.members().size());
  for (const auto& member : fleet_.members()) out.push_back(standing_of(member));
  return out;
}

std::optional<Standing> Service::standing(const std::string& integration) const {
  const std::lock_guard guard{mutex_};
  const Member* found = nullptr;
  for (const auto& member : fleet_.members()) {
    if (member.name == integration && (found == nullptr || found->broken)) found = &member;
  }
  if (found == nullptr) return std::nullopt;
  return standing_of(*found);
}

Scheduler::Answer Service::start(const std::string& integration, const std::string& stage,
                                 std::vector<std::string> arguments, const std::string& by) {
  const std::lock_guard guard{mutex_};
  if (stopping_) return Scheduler::Answer::Busy;
  const auto answer =
      scheduler_.request({integration, {}, stage, std::move(arguments), by}, options_.clock());
  changed();
  return answer;
}

bool Service::stop(const std::string& integration) {
  const std::lock_guard guard{mutex_};
  const auto active = active_.find(integration);
  if (active == active_.end() || active->second.over) return false;
  active->second.child->signal(SIGTERM);
  return true;
}

std::optional<Service::Ended> Service::last_ended(const std::string& integration) const {
  const std::lock_guard guard{mutex_};
  const auto found = ended_.find(integration);
  if (found == ended_.end()) return std::nullopt;
  return found->second;
}

void Service::look_again(const std::string& integration) {
  const std::lock_guard guard{mutex_};
  looks_.erase(integration);
  scheduler_.look_again(integration);
  poked_ = true;
  wake_.notify_all();
}

void Service::read_files() {
  const std::lock_guard guard{mutex_};
  take_files(options_.clock());
  poked_ = true;
  wake_.notify_all();
}

bool Service::take(const Event& event) {
  if (!events_.put(event)) return false;
  const std::lock_guard guard{mutex_};
  scheduler_.events(event.integration, event.at);
  poked_ = true;
  wake_.notify_all();
  return true;
}

std::uint64_t Service::wait_for_change(std::uint64_t version, milliseconds limit) const {
  std::unique_lock lock{mutex_};
  changed_.wait_for(lock, limit, [&] { return version_ != version || stopping_; });
  return version_;
}

}  // namespace sluice::host::serve
