// Records by their keys at the source.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/sync_context.hpp"

namespace sluice::host {

// Looks up so many keys at once as a source has to answer, and calls `visit` with their records,
// NDJSON. Errors: the source's.
void each_lookup(SyncContext& context, const std::vector<std::string>& keys,
                 const std::function<void(std::string_view)>& visit);

// Calls `visit` with the line of every record that the source tells of; how many those are.
// Errors: the source's.
std::size_t each_looked_up(SyncContext& context, const std::vector<std::string>& keys,
                           const std::function<void(std::string_view)>& visit);

}  // namespace sluice::host
