#include "runner.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sluice/abi.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <set>

#include "connector/child_process.hpp"
#include "integration/suggest.hpp"

namespace sluice::conformance {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

bool is_called_for(const Check& check, const host::PluginFile& plugin, const Scenario& scenario) {
  if ((plugin.capabilities & check.capabilities) != check.capabilities) return false;
  switch (check.needs) {
    case Check::Needs::Nothing:
    case Check::Needs::Either:
      return true;
    case Check::Needs::Read:
      return scenario.read.has_value();
    case Check::Needs::Write:
      return scenario.write.has_value();
    case Check::Needs::Sandbox:
      return !scenario.sandbox.empty();
  }
  return true;
}

void refuse_quirks(const std::vector<Check>& checks, const Quirks& quirks) {
  std::set<std::string> names;
  std::map<std::string, bool> promised;
  for (const auto& check : checks) {
    names.insert(check.group);
    names.insert(check.id());
    promised[check.id()] = check.promised;
    promised[check.group] |= check.promised;
  }
  for (const auto& [name, reason] : quirks) {
    if (names.count(name) == 0)
      throw Error{Code::Config, "quirks.yaml: there is no check \"" + name +
                                    "\": " + host::suggestion(name, {names.begin(), names.end()})};
    if (promised.at(name))
      throw Error{Code::Config, "quirks.yaml: \"" + name +
                                    "\" is what every connector, or this one's capabilities, "
                                    "promise: it must hold, whatever the reason"};
  }
}

// Before what was measured: the check holds.
constexpr std::string_view kOk = "ok\n";

// What a check's process says when it ends.
std::string run_here(const Job& job, const host::PluginFile& plugin) {
  try {
    if (job.check->needs == Check::Needs::Sandbox) {
      const Sandbox sandbox{job.scenario->sandbox, job.scenario->file.parent_path()};
      return std::string{kOk};
    }
    Bench bench{plugin, *job.scenario};
    job.check->run(bench);
    return std::string{kOk} + bench.measured;
  } catch (const Error& error) {
    return std::string{to_string(error.code())} + ": " + error.what();
  } catch (const std::exception& error) {
    return error.what()[0] == '\0' ? "failed" : error.what();
  } catch (...) {
    return "an exception of an unknown type";
  }
}

struct Running {
  std::size_t index = 0;
  pid_t pid = -1;
  int pipe = -1;
  Clock::time_point began;
  std::string said;
};

Running start(const Job& job, std::size_t index, const host::PluginFile& plugin) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw Error{Code::Internal, "no pipe for a check"};
  Running running{index, ::fork(), ends[0], Clock::now(), {}};
  if (running.pid < 0) throw Error{Code::Internal, "a check's process cannot be made"};
  if (running.pid == 0) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::signal(SIGPIPE, SIG_IGN);
    const int nowhere = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    for (const int descriptor : {0, 1, 2}) ::dup2(nowhere, descriptor);
    const std::string said = run_here(job, plugin);
    static_cast<void>(!::write(ends[1], said.data(), std::min<std::size_t>(said.size(), 4000)));
    // Not exit: what the connector left at exit is its own affair.
    ::_exit(0);
  }
  ::setpgid(running.pid, running.pid);
  ::close(ends[1]);
  return running;
}

Result result_of(const Job& job, Result::Status status, std::string message) {
  return {job.scenario->name, job.check->group, job.check->name,
          job.check->about,   status,           std::move(message)};
}

Result finish(const Job& job, Running& running, bool in_time) {
  if (!in_time) ::kill(-running.pid, SIGKILL);
  int status = 0;
  ::waitpid(running.pid, &status, 0);
  ::kill(-running.pid, SIGKILL);
  ::close(running.pipe);
  Result result = result_of(job, Result::Status::Failed, {});
  result.took = std::chrono::duration_cast<milliseconds>(Clock::now() - running.began);
  if (running.said.starts_with(kOk) && in_time && WIFEXITED(status)) {
    result.status = Result::Status::Passed;
    result.message = running.said.substr(kOk.size());
  } else if (!in_time) {
    result.message = "does not end within " + std::to_string(result.took.count() / 1000) + " s";
  } else if (running.said.empty()) {
    result.message = "the process that ran the connector " + host::describe_status(status);
  } else {
    result.message = running.said;
  }
  return result;
}

// Makes the chosen ones of the jobs.
void run_chosen(const std::vector<std::size_t>& chosen, const std::vector<Job>& jobs,
                const host::PluginFile& plugin, const RunOptions& options,
                std::vector<Result>& results) {
  std::vector<Running> running;
  std::size_t next = 0;
  while (next < chosen.size() || !running.empty()) {
    for (; next < chosen.size() && running.size() < std::max(1U, options.jobs); ++next)
      running.push_back(start(jobs[chosen[next]], chosen[next], plugin));
    std::vector<pollfd> waiting;
    waiting.reserve(running.size());
    for (const auto& one : running) waiting.push_back({one.pipe, POLLIN, 0});
    static_cast<void>(::poll(waiting.data(), waiting.size(), 100));
    for (std::size_t i = running.size(); i-- > 0;) {
      auto& one = running[i];
      bool ended = false;
      if (waiting[i].revents != 0) {
        char bytes[4096];
        const auto got = ::read(one.pipe, bytes, sizeof bytes);
        if (got > 0) one.said.append(bytes, static_cast<std::size_t>(got));
        ended = got <= 0;
      }
      const bool late = Clock::now() - one.began > options.limit;
      if (!ended && !late) continue;
      results[one.index] = finish(jobs[one.index], one, ended);
      running.erase(running.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }
}

// Where it is told why a sandbox does not start, by how it is started. Says the same only once.
std::map<std::vector<std::string>, std::string> broken_sandboxes(
    const std::vector<std::size_t>& chosen, const std::vector<Job>& jobs,
    std::vector<Result>& results) {
  std::map<std::vector<std::string>, std::string> broken;
  std::map<std::string, std::string> told;  // where, by why
  for (const auto index : chosen) {
    Result& result = results[index];
    if (result.status == Result::Status::Passed) continue;
    const auto [first, is_new] =
        told.emplace(result.message, "the sandbox does not start: see " + jobs[index].check->id() +
                                         " [" + result.scenario + "]");
    if (!is_new) result = result_of(jobs[index], Result::Status::NotRun, first->second);
    broken[jobs[index].scenario->sandbox] = first->second;
  }
  return broken;
}

}  // namespace

std::vector<Job> plan_jobs(const std::vector<Check>& checks, const host::PluginFile& plugin,
                           const std::vector<Scenario>& scenarios, const Quirks& quirks) {
  refuse_quirks(checks, quirks);
  std::vector<Job> jobs;
  std::set<std::vector<std::string>> sandboxes;
  for (const auto& scenario : scenarios) {
    const bool has_new_sandbox = sandboxes.insert(scenario.sandbox).second;
    for (const auto& check : checks) {
      if (check.once && &scenario != &scenarios.front()) continue;
      if (check.needs == Check::Needs::Sandbox && !has_new_sandbox) continue;
      if (!is_called_for(check, plugin, scenario)) continue;
      Job job{&check, &scenario, {}};
      for (const auto& name : {check.group, check.id()}) {
        if (const auto quirk = quirks.find(name); quirk != quirks.end()) job.excuse = quirk->second;
      }
      jobs.push_back(job);
    }
  }
  return jobs;
}

std::vector<Result> run_jobs(const std::vector<Job>& jobs, const host::PluginFile& plugin,
                             const RunOptions& options) {
  std::vector<Result> results(jobs.size());
  std::vector<std::size_t> sandboxes;
  for (std::size_t i = 0; i < jobs.size(); ++i)
    if (jobs[i].check->needs == Check::Needs::Sandbox) sandboxes.push_back(i);
  run_chosen(sandboxes, jobs, plugin, options, results);
  const auto broken = broken_sandboxes(sandboxes, jobs, results);
  std::vector<std::size_t> others;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const Job& job = jobs[i];
    if (job.check->needs == Check::Needs::Sandbox) continue;
    if (!job.excuse.empty()) {
      results[i] = result_of(job, Result::Status::NotProved, job.excuse);
    } else if (const auto why = broken.find(job.scenario->sandbox); why != broken.end()) {
      results[i] = result_of(job, Result::Status::NotRun, why->second);
    } else {
      others.push_back(i);
    }
  }
  run_chosen(others, jobs, plugin, options, results);
  return results;
}

std::vector<Result> untried(const host::PluginFile& plugin,
                            const std::vector<Scenario>& scenarios) {
  std::vector<Result> results;
  const auto missing = [&](std::uint64_t capability, const char* group, const char* what,
                           auto is_tried) {
    if ((plugin.capabilities & capability) == 0) return;
    if (std::any_of(scenarios.begin(), scenarios.end(), is_tried)) return;
    results.push_back({"", group, "promised", "what the connector promises is tried",
                       Result::Status::Failed, std::string{"the connector promises to "} + what});
  };
  missing(SLUICE_CAP_SOURCE, "read", "read, but no scenario has \"read\"",
          [](const Scenario& scenario) { return scenario.read.has_value(); });
  missing(SLUICE_CAP_DESTINATION, "write", "write, but no scenario has \"write\"",
          [](const Scenario& scenario) { return scenario.write.has_value(); });
  missing(SLUICE_CAP_RECEIPTS, "write",
          "give receipts, but no scenario has \"write\" with \"receipts: true\"",
          [](const Scenario& scenario) { return scenario.write && scenario.write->receipts; });
  return results;
}

std::vector<Check> all_checks() {
  std::vector<Check> checks;
  for (const auto& add : {add_sandbox_checks, add_binary_checks, add_spec_checks, add_config_checks,
                          add_check_checks, add_discover_checks, add_read_checks, add_write_checks,
                          add_fault_checks, add_cancellation_checks, add_hygiene_checks})
    add(checks);
  return checks;
}

}  // namespace sluice::conformance
