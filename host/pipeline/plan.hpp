// `sluice plan`: a whole run without writing, neither to a vendor nor to the state.
#pragma once

#include <cstdint>
#include <optional>
#include <sluice/json.hpp>
#include <stop_token>
#include <string>
#include <vector>

#include "pipeline/plan_log.hpp"
#include "pipeline/session.hpp"
#include "pipeline/stages.hpp"
#include "pipeline/sync_context.hpp"

namespace sluice::host {

struct PlanRequest {
  std::optional<Stage> stage;     // nothing: the next one that writes
  std::vector<std::string> keys;  // only these records
  PlanOptions options;
  std::uint32_t initial_count = 10;
  std::stop_token stop;
  ProgressFn progress;
};

// Runs the stage on a copy of the integration's state, beside whatever else runs; gates are said,
// not obeyed. The requests that reading takes are real and count against the accounts' budgets. The
// answer:
//   {"integration","state","stage","notes":[text],
//    "fields_to_create":[{"sync","name"}],
//    "syncs":[{"sync","read","full_needed"?:text, …as PlanLog::to_json,
//              "rejected":n,"errors":[{"key","code","field","message","new":bool}]}],
//    "calls":{"source":{"made":n,"classes":[…]},
//             "destination":{"made":n,"planned":[…]|null}},
//    "minutes":number|null}
// A class: {"class","calls","requests","window_ms","minutes"}; without a limit, "requests" is 0.
// `made` counts the requests of the planning itself. `minutes` is what the limits alone make the
// run take; null when the destination cannot tell what writing costs.
// Errors: those of run_stage, but Busy; Refused when the accounts are not those of the state.
[[nodiscard]] json::object plan_run(Session& session, const PlanRequest& request);

}  // namespace sluice::host
