// The stages of an integration, the gates between them, and what each run reports.
#pragma once

#include <optional>
#include <sluice/json.hpp>
#include <stop_token>
#include <string>
#include <vector>

#include "pipeline/session.hpp"
#include "pipeline/sync_context.hpp"
#include "pipeline/sync_run.hpp"

namespace sluice::host {

// Events: the records that received events name, in between the others.
enum class Stage { Validate, Initial, Full, Incremental, Events };
[[nodiscard]] std::string_view to_string(Stage stage) noexcept;

struct StageRequest {
  Stage stage = Stage::Incremental;
  bool force = false;             // passes a gate; audited
  std::vector<std::string> keys;  // only these records
  bool retry = false;             // validate: only records with open errors
  RunOptions run;
  std::uint32_t initial_count = 10;
  std::stop_token stop;
  ProgressFn progress;
};

struct StageReport {
  std::string integration;
  Stage stage = Stage::Incremental;
  Lifecycle lifecycle = Lifecycle::New;  // after the run
  std::vector<SyncResult> syncs;
  std::size_t keys = 0;  // of the request
  double seconds = 0;
  json::object statistics;  // Session::statistics
  [[nodiscard]] std::int64_t new_errors() const noexcept;
  [[nodiscard]] std::int64_t open_errors() const noexcept;
  [[nodiscard]] json::object to_json() const;
};

// The stage that `run` does next.
[[nodiscard]] Stage next_stage(Lifecycle lifecycle) noexcept;

// Runs one stage over all syncs, in the file's order. Takes the integration's lock.
// Errors: Busy; Refused by a gate or guard; Error{Cancelled} when stopped; the connectors'.
[[nodiscard]] StageReport run_stage(Session& session, const StageRequest& request);

}  // namespace sluice::host
