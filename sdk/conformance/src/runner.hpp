// Runs checks, each in a process of its own, so that a connector that crashes or hangs ends its
// check and nothing else.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "check.hpp"

namespace sluice::conformance {

struct Result {
  enum class Status { Passed, Failed, NotProved, NotRun };
  std::string scenario = {};
  std::string group = {};
  std::string name = {};
  std::string about = {};
  Status status = Status::Failed;
  std::string message = {};  // why it failed or was not made; of what holds, what was measured
  std::chrono::milliseconds took{0};
};

struct Job {
  const Check* check = nullptr;
  const Scenario* scenario = nullptr;
  std::string excuse;  // from quirks.yaml; the check is not made
};

// What is to be done: every check that the connector's capabilities and the scenarios call for.
// Errors: Error{Config} for a quirk of a name that does not exist, or of something promised.
[[nodiscard]] std::vector<Job> plan_jobs(const std::vector<Check>& checks,
                                         const host::PluginFile& plugin,
                                         const std::vector<Scenario>& scenarios,
                                         const Quirks& quirks);

struct RunOptions {
  unsigned jobs = 1;                        // at the same time
  std::chrono::milliseconds limit{60'000};  // of one check
};

// In the order of `jobs`. One fails at most for one cause in a sandbox: what cannot be made without
// it is NotRun.
[[nodiscard]] std::vector<Result> run_jobs(const std::vector<Job>& jobs,
                                           const host::PluginFile& plugin,
                                           const RunOptions& options);

// Capabilities that no scenario has tried, as failed results.
[[nodiscard]] std::vector<Result> untried(const host::PluginFile& plugin,
                                          const std::vector<Scenario>& scenarios);

}  // namespace sluice::conformance
