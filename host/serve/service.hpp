// The service: follows the directory of integration files, and runs what the scheduler says in
// processes of their own.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <sluice/json.hpp>
#include <stop_token>
#include <string>
#include <vector>

#include "serve/child_run.hpp"
#include "serve/fleet.hpp"
#include "serve/scheduler.hpp"
#include "state/event_queue.hpp"
#include "state/layout.hpp"
#include "state/rate_budget.hpp"

namespace sluice::host::serve {

struct ServiceOptions {
  std::filesystem::path configs;
  std::filesystem::path state_root;
  LoadOptions load;
  std::filesystem::path program;             // what runs are started with
  std::vector<std::string> child_arguments;  // of every run, besides --json and --state
  Scheduler::Options scheduling;
  std::chrono::milliseconds poll{2'000};   // how often the directory is looked at
  std::chrono::milliseconds grace{7'000};  // for runs to reach a checkpoint, once the service stops
  WallClock clock = system_wall_clock();
};

// A run that is under way.
struct LiveRun {
  std::string stage;
  std::string by;            // who asked for it; empty: the schedule
  std::int64_t started = 0;  // ms since the epoch
  json::object progress;     // {"stage", "sync", "read", "delivered"}; empty until the first
};

// How an integration stands: its file, the scheduler's view, what runs.
struct Standing {
  Member member;
  Scheduler::View schedule;
  std::optional<LiveRun> live;
};

// Threads: `run` on one thread, everything else [any thread].
class Service {
 public:
  // Takes the state directory for itself, as service: a second one is Busy.
  explicit Service(ServiceOptions options);
  ~Service();

  // Reads the directory of files, so that whoever asks first is told what there is. `run` reads it,
  // too.
  void load();
  // Until it is asked to stop; then runs are stopped at their checkpoints, and killed when they do
  // not reach one: it ends within 10 s.
  void run(const std::stop_token& stop);

  // True once the directory has been read for the first time.
  [[nodiscard]] bool is_ready() const;
  // Why the directory cannot be read; empty when it can.
  [[nodiscard]] std::string problem() const;
  [[nodiscard]] std::vector<Standing> standings() const;
  [[nodiscard]] std::optional<Standing> standing(const std::string& integration) const;
  // `by` is not empty.
  Scheduler::Answer start(const std::string& integration, const std::string& stage,
                          std::vector<std::string> arguments, const std::string& by);
  // Stops the run at its next checkpoint. False when none is under way here.
  bool stop(const std::string& integration);
  void look_again(const std::string& integration);
  // Reads the directory now: a file that has just been written is known when it returns.
  void read_files();
  // Has the records read anew that an event names, once the integration is active. Durable when it
  // returns. False: the event has come before. Errors: StateError.
  bool take(const Event& event);
  // What waits to be read anew, by integration.
  [[nodiscard]] std::map<std::string, WaitingCount> waiting() { return events_.counts(); }

  // Waits until anything has changed since `version` (a run began, went on or ended, a file
  // changed), the time is up or the service stops; returns the version now.
  std::uint64_t wait_for_change(std::uint64_t version, std::chrono::milliseconds limit) const;
  [[nodiscard]] bool is_stopping() const;

  // The last run that ended since the service began.
  struct Ended {
    std::string integration, stage, by;
    std::int64_t started = 0, ended = 0;
    ChildEnd end;
  };
  [[nodiscard]] std::optional<Ended> last_ended(const std::string& integration) const;
  // Called with every run that has ended, on a thread of its own, before the integration runs
  // again. To be set before `run`.
  void on_end(std::function<void(const Ended&)> call) { on_end_ = std::move(call); }
  // Called by `run` a few times a minute with how all stand. To be set before `run`.
  void on_watch(std::function<void(const std::vector<Standing>&)> call) {
    on_watch_ = std::move(call);
  }

  [[nodiscard]] const ServiceOptions& options() const noexcept { return options_; }
  // The service's own directory below the state's.
  [[nodiscard]] const std::filesystem::path& directory() const noexcept { return directory_; }

 private:
  struct Active {
    LiveRun live;
    std::unique_ptr<ChildRun> child;
    bool over = false;
    int exit_code = 0;
  };
  // What was found in a state, and when that had been written.
  struct Look {
    std::int64_t stamp = -1;
    Facts facts;
  };
  [[nodiscard]] Facts look(const std::string& integration);
  void launch(const Launch& launch);
  void finish(const std::string& integration, const ChildEnd& end);
  void step();
  void take_files(std::int64_t now);
  void sweep(std::unique_lock<std::mutex>& lock);
  void watch(std::unique_lock<std::mutex>& lock);
  void stop_runs(std::unique_lock<std::mutex>& lock);
  bool wait_until_idle(std::unique_lock<std::mutex>& lock, std::chrono::milliseconds limit);
  [[nodiscard]] Standing standing_of(const Member& member) const;
  void changed();

  ServiceOptions options_;
  std::filesystem::path directory_;
  std::unique_ptr<IntegrationLock> lock_;
  std::function<void(const Ended&)> on_end_;
  std::function<void(const std::vector<Standing>&)> on_watch_;
  EventQueue events_;

  mutable std::mutex mutex_;
  mutable std::condition_variable_any wake_, changed_;
  Fleet fleet_;
  Scheduler scheduler_;
  std::map<std::string, Active> active_;  // by integration
  std::map<std::string, Look> looks_;
  std::map<std::string, Ended> ended_;  // without their documents
  std::int64_t polled_ = 0, watched_ = 0;
  std::uint64_t version_ = 0;
  bool ready_ = false, stopping_ = false, poked_ = false;
};

}  // namespace sluice::host::serve
