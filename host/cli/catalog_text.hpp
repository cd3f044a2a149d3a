// What the two sides of an integration have to read and to write, for a person who writes the file.
#pragma once

#include <functional>
#include <sluice/json.hpp>
#include <string_view>

namespace sluice::host::cli {

// Whose options and fields are shown; of the others only what they are.
using InFull = std::function<bool(std::string_view name)>;

// The streams of a catalog, as `discover --json` tells it. Fields stand as expressions name them.
void print_streams(const json::object& catalog, const InFull& in_full);
// The objects of a catalog.
void print_objects(const json::object& catalog, const InFull& in_full);

}  // namespace sluice::host::cli
