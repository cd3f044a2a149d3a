// Reads what connectors say about their streams and objects (`discover`), and holds a sync's
// mapping against it.
#pragma once

#include <sluice/json.hpp>
#include <string>
#include <vector>

#include "mapping/mapping.hpp"

namespace sluice::host {

// Of one object of the destination's catalog.
[[nodiscard]] DestinationSchema schema_of(const json::object& object);

// The fields that a sync writes, with the type each should have if it has to be created:
// [{"name","type"}].
[[nodiscard]] json::array wanted_fields(const SyncConfig& sync, const json::object& object);

// Paths that the stream's records do not have, fields that can neither be found nor created,
// expressions that do not compile.
void check_mapping(const SyncConfig& sync, const json::object& stream, const json::object& object,
                   const std::string& file, std::vector<Diagnostic>& diagnostics);

}  // namespace sluice::host
