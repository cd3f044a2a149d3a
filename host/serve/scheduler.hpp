// Which run starts when: schedules, requests of people, and how many may run at once.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "serve/due.hpp"
#include "serve/fleet.hpp"
#include "state/state.hpp"

namespace sluice::host::serve {

// What the state says of an integration.
struct Facts {
  Lifecycle lifecycle = Lifecycle::New;
  std::optional<std::int64_t> last_start;  // of the last whole run, ms since the epoch
};

struct Launch {
  std::string integration;
  std::filesystem::path file;
  std::string stage;                   // "incremental", …
  std::vector<std::string> arguments;  // further ones of the command line
  std::string by;                      // who asked for it; empty: the schedule
};

// Decides, and has others act. Knows no clock and no process, so that tests can tell it any time.
// Threads: [instance] one at a time.
class Scheduler {
 public:
  struct Options {
    std::size_t parallel = 4;  // runs at once
    std::chrono::milliseconds jitter{60'000};
  };
  struct Ports {
    // Errors: any exception; the integration is looked at again a minute later.
    std::function<Facts(const std::string& integration)> look;
    std::function<void(const Launch&)> launch;  // `ended` is called later, not from within
  };
  // How an integration stands with the scheduler.
  struct View {
    bool running = false, queued = false;
    std::string stage;                       // of what runs or waits
    std::optional<std::int64_t> due;         // the next run by the schedule, jitter included
    std::optional<std::int64_t> read_up_to;  // the start of the last whole run, while active
    std::string problem;                     // why nothing is known of the state
    bool is_known = false;                   // the state has been looked at, without a problem
  };
  enum class Answer { Started, Queued, Busy, Unknown };

  Scheduler(Options options, Ports ports) : options_{options}, ports_{std::move(ports)} {}

  // Takes over what the directory holds now. A run of a file that is gone goes on to its end.
  void update(const std::vector<Member>& members, std::int64_t now_ms);
  // A person's request: before all scheduled runs. Busy: one is running or waiting; the end of a
  // run for events is waited for.
  Answer request(Launch launch, std::int64_t now_ms);
  // Looks at what is due and starts what may start.
  void tick(std::int64_t now_ms);
  // `exit_code` as of the command line.
  void ended(const std::string& integration, int exit_code, std::int64_t now_ms);
  // From `due_ms` on a record waits that an event has named; nothing: none does. Such a run comes
  // in between the others while the integration is active, and a moment after the one before.
  void events(const std::string& integration, std::optional<std::int64_t> due_ms);
  // The state has changed: somebody paused, resumed or unlinked it.
  void look_again(const std::string& integration);

  [[nodiscard]] View view(const std::string& integration) const;
  [[nodiscard]] std::size_t running() const noexcept { return running_; }
  [[nodiscard]] std::size_t queued() const noexcept { return queue_.size(); }
  // When `tick` has something to do next, at the latest.
  [[nodiscard]] std::int64_t wake_at(std::int64_t now_ms) const;

 private:
  struct Task {
    std::filesystem::path file;
    Schedule schedule;
    bool present = true;  // the file is there and not broken
    bool running = false, queued = false;
    std::string stage;
    RunPast past;
    int refusals = 0;                      // in a row, by the file or a gate
    std::optional<std::int64_t> again_at;  // earlier than the schedule says
    std::uint64_t revision = 0;
    std::optional<std::int64_t> due;
    std::optional<std::int64_t> read_up_to;
    std::int64_t look_at = 0;
    bool active = false, looked = false;
    bool runs_events = false;      // what is running
    std::int64_t events_from = 0;  // no run for events before
    int events_failures = 0;       // of such runs, in a row
    std::int64_t started = 0;      // the run that is running
    std::string problem;
  };
  void look(const std::string& name, Task& task, std::int64_t now_ms);
  [[nodiscard]] std::optional<std::int64_t> events_due(const std::string& name,
                                                       const Task& task) const;
  void enqueue_due(std::int64_t now_ms);
  void start_waiting(std::int64_t now_ms);

  Options options_;
  Ports ports_;
  std::map<std::string, Task> tasks_;
  std::map<std::string, std::int64_t> events_;  // since when one waits, by integration
  std::deque<Launch> queue_;
  std::size_t running_ = 0;
};

}  // namespace sluice::host::serve
