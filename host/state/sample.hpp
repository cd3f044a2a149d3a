// A record to show as an example.
#pragma once

#include <string>

#include "state/state.hpp"

namespace sluice::host {

// The source key of the record that was delivered last; empty when none was.
[[nodiscard]] std::string last_delivered(State& state);

}  // namespace sluice::host
