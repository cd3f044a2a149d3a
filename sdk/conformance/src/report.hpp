// The results for people, for CI and for programs.
#pragma once

#include <sluice/json.hpp>
#include <string>
#include <vector>

#include "runner.hpp"

namespace sluice::conformance {

[[nodiscard]] bool all_hold(const std::vector<Result>& results);
// A line a group; what was measured; what failed and what was not proved in full; how many were not
// run.
[[nodiscard]] std::string as_text(const host::PluginFile& plugin,
                                  const std::vector<Result>& results);
// {"id","version","holds":bool,"checks":[{"scenario","group","name","about","status","message"?,
// "ms"}]}
[[nodiscard]] json::object as_json(const host::PluginFile& plugin,
                                   const std::vector<Result>& results);
[[nodiscard]] std::string as_junit(const host::PluginFile& plugin,
                                   const std::vector<Result>& results);

}  // namespace sluice::conformance
