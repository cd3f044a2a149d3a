// The JSON Schema of an integration file, for completion and checks in editors.
#pragma once

#include <sluice/json.hpp>

namespace sluice::host {

// Draft 2020-12, generated from the table that the loader checks files against. What a schema
// cannot say (that a preset exists, that an expression compiles, what a connector's own options
// are) only `sluice lint` finds.
[[nodiscard]] json::value integration_schema();

}  // namespace sluice::host
