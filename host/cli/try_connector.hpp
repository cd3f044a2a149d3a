// One side by itself, before there is an integration file.
#pragma once

#include "cli/command.hpp"

namespace sluice::host::cli {

// `sluice connectors try source|destination`: connects with what stdin holds, the block that would
// stand under `source:` or `destination:`, and tells what is there. Writes nothing.
int try_connector(const Call& call);

}  // namespace sluice::host::cli
