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

Result finish(const Job& job, Running& running, bool in_time) {
  if (!in_time) ::kill(-running.pid, SIGKILL);
  int status = 0;
  ::waitpid(running.pid, &status, 0);
  ::kill(-running.pid, SIGKILL);
  ::close(running.pipe);
  Result result{job.scenario->name, job.check->group, job.check->name, job.check->about};
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

}  // namespace

std::vector<Job> plan_jobs(const std::vector<Check>& checks, const host::PluginFile& plugin,
                           const std::vector<Scenario>& scenarios, const Quirks& quirks) {
  refuse_quirks(checks, quirks);
  std::vector<Job> jobs;
  for (const auto& scenario : scenarios) {
    for (const auto& check : checks) {
      if (check.once && &scenario != &scenarios.front()) continue;
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
  std::vector<Running> running;
  std::size_t next = 0;
  while (next < jobs.size() || !running.empty()) {
    while (next < jobs.size() && running.size() < std::max(1U, options.jobs)) {
      const Job& job = jobs[next];
      if (job.excuse.empty()) {
        running.push_back(start(job, next, plugin));
      } else {
        results[next] = {job.scenario->name, job.check->group,          job.check->name,
                         job.check->about,   Result::Status::NotProved, job.excuse};
      }
      ++next;
    }
    std::vector<pollfd> waiting;
    waiting.reserve(running.size());
    for (const auto& one : running) waiting.push_back({one.pipe, POLLIN, 0});
    if (!waiting.empty()) static_cast<void>(::poll(waiting.data(), waiting.size(), 100));
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
  for (const auto& add : {add_binary_checks, add_spec_checks, add_config_checks, add_check_checks,
                          add_discover_checks, add_read_checks, add_write_checks, add_fault_checks,
                          add_cancellation_checks, add_hygiene_checks})
    add(checks);
  return checks;
}

}  // namespace sluice::conformance
