// What a person reads after a run.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "pipeline/stages.hpp"
#include "state/state.hpp"

namespace sluice::host::cli {

void print_summary(const StageReport& report);
// Errors by cause, the most frequent first, with some of their records.
void print_causes(const std::vector<ErrorGroup>& causes, std::size_t most);
void print_error_groups(State& state, std::size_t most);
// What one side has to read and to write.
void print_catalog(const json::object& catalog);
// The command that comes next.
void print_next_step(const StageReport& report, const std::string& file);

}  // namespace sluice::host::cli
