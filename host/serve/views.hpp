// What the API shows of runs and integrations; the shapes are those of openapi.yaml.
#pragma once

#include <sluice/json.hpp>
#include <string>

#include "serve/service.hpp"
#include "state/state.hpp"

namespace sluice::host::serve {

// Whether a connector's schema calls the option secret.
[[nodiscard]] bool is_secret(const json::object& schema, std::string_view option);
// LastRun; with `whole` Run, which has the summary.
[[nodiscard]] json::object view_of(const RunRow& run, bool whole);
// Field; `file` is where it stands.
[[nodiscard]] json::object view_of(const FieldMapping& field, const std::string& file);
// RunNow, or null. `state`: null without one.
[[nodiscard]] json::value running_of(const Standing& standing, State* state);
// The six Steps of the set-up. `state`: null without one.
[[nodiscard]] json::array steps_of(const Standing& standing, State* state);
// Definition, without the titles of connectors. Options that come from outside, and those that
// `source_spec` and `destination_spec` call secret, are "***".
[[nodiscard]] json::object definition_of(const Integration& integration,
                                         const json::object* source_spec,
                                         const json::object* destination_spec);

}  // namespace sluice::host::serve
