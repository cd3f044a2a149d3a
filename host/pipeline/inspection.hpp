// One record as the source has it now, and what the file makes of it.
#pragma once

#include <sluice/json.hpp>
#include <string>

#include "pipeline/session.hpp"

namespace sluice::host {

// Reads the record with this key for every sync, and maps it; writes nothing. By sync:
//   {"source":{"op","version","recency","skip"?,"data"?},
//    "now":"mapped"|"left out by …"|"rejected: …"|"gone at the source",
//    "would_be"?:destination key, "values"?:[{"field","value","from":[text]}]}
// `from` names the entries that made the value: "preset presets/x.yaml:12:3: .customer.email".
// A sync whose source does not answer for the key is absent. Errors: those of Session::check, and
// IntegrationError for what it finds.
[[nodiscard]] json::object inspect_record(Session& session, const std::string& key);

}  // namespace sluice::host
