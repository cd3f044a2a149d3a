// The JSON Schema of an integration file, for completion and checks in editors.
#pragma once

#include <sluice/json.hpp>
#include <vector>

namespace sluice::host {

// Draft 2020-12, generated from the table that the loader checks files against. `specs`: what
// connectors say of themselves (`spec` in abi.h); their options are checked where the file names
// them. What a schema cannot say (that a preset exists, that an expression compiles) only `sluice
// lint` finds.
[[nodiscard]] json::value integration_schema(const std::vector<json::object>& specs = {});

}  // namespace sluice::host
