// Where an integration stands, as far as it can be known without a connection.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <sluice/json.hpp>
#include <string>

#include "integration/integration.hpp"
#include "state/state.hpp"

namespace sluice::host {

struct StatusRequest {
  std::size_t runs = 1;       // how many of the last runs
  std::size_t decisions = 0;  // how many of the last decisions
  std::int64_t now_ms = 0;
  // The file as it is now. Null: not at hand, so that nothing is said about schedule and mapping.
  const Integration* file = nullptr;
  bool complete = true;  // false: some `${…}` of the file have no value here
  // By sync, with the defaults of the connectors that are installed now (`spec_fingerprint`); syncs
  // of connectors that are not there are absent.
  std::map<std::string, std::string> spec_fingerprints;
};

// {"integration", "state", "paused_from"?, "running"?: who holds it, "next": stage, "schedule"?,
//  "next_run"?: ms, "full_needed": [{"sync", "reason"}], "open_errors", "ignored_errors",
//  "errors": [cause], "pending_writes", "cursor"?: {"as_of": ms, "age_seconds"}, "runs": [run],
//  "decisions": [decision]}
// `as_of`: everything that changed at the source before has been read. Without a state, that of an
// integration that has never been run.
[[nodiscard]] json::object status_of(State* state, const std::string& name,
                                     const StatusRequest& request);

// "every 6h", "cron \"0 */6 * * *\" (Europe/Berlin)", "manual"
[[nodiscard]] std::string to_string(const Schedule& schedule);

}  // namespace sluice::host
