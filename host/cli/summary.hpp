// What a person reads after a run.
#pragma once

#include <cstddef>
#include <string>

#include "pipeline/stages.hpp"
#include "state/state.hpp"

namespace sluice::host::cli {

void print_summary(const StageReport& report);
// Open errors by cause, the most frequent first.
void print_error_groups(State& state, std::size_t most);
// The command that comes next.
void print_next_step(const StageReport& report, const std::string& file);

}  // namespace sluice::host::cli
