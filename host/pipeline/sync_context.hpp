// What the parts of one sync's run share.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "integration/integration.hpp"
#include "mapping/mapping.hpp"
#include "pipeline/checkpoint.hpp"
#include "pipeline/plan_log.hpp"
#include "pipeline/side.hpp"
#include "state/rate_budget.hpp"
#include "state/state.hpp"

namespace sluice::host {

class EventQueue;

// A gate or a guard says no. `what()` says why and what to do (exit code 5).
class Refused : public Error {
 public:
  explicit Refused(const std::string& message) : Error{Code::Rejected, message} {}
};

// Called now and then while a sync runs, on its thread.
struct Progress {
  std::string sync;
  std::string stage;
  std::int64_t read = 0;
  std::int64_t delivered = 0;
};
using ProgressFn = std::function<void(const Progress&)>;

struct RunOptions {
  std::optional<std::int64_t> allow_deletes;  // --allow-deletes N
  bool resend = false;                        // --resend: the ledger does not spare a write
  bool verify = false;                        // --verify: unchanged records are compared, too
  std::chrono::milliseconds settle_timeout{900'000};
};

struct SyncContext {
  const SyncConfig& config;
  const Mapping& mapping;
  Side& source;
  Side& destination;
  State& state;
  RunOptions options;
  WallClock clock;
  std::stop_token stop;
  ProgressFn progress;

  SyncRow row;
  std::int64_t run = 0;
  std::string fingerprint;
  bool reads_changes = true;  // the stream has the mode "incremental"
  bool reads_latest = true;   // and "latest"
  Checkpoint checkpoint;
  std::string integration = {};
  EventQueue* events = nullptr;  // received events; none: nobody receives any
  PlanLog* plan = nullptr;       // set: nothing is written, the run only notes what it would do
  std::int64_t read = 0;         // records decoded so far
  std::int64_t new_errors = 0;   // reported outside of deliveries
  std::int64_t rows = 0;         // account rows given out

  void report(std::string_view key, const Rejection& problem) {
    RecordError error;
    error.key = key;
    error.stage = problem.stage;
    error.code = problem.code;
    error.field = problem.field;
    error.message = problem.message;
    error.value_hash = problem.value;
    if (state.errors().report(row.id, error, clock())) ++new_errors;
  }
  // The account row of the next record.
  std::int64_t next_row() { return ++rows; }
  // `skip`: why the source's own option leaves the record out, if it does.
  void account(std::int64_t at, std::string_view key, RecordOutcome outcome,
               std::string_view skip = {}) {
    state.runs().record(run, at, row.id, key, outcome);
    if (plan != nullptr) plan->settled(key, outcome, skip);
  }
};

}  // namespace sluice::host
