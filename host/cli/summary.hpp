// What a person reads after a run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/stages.hpp"
#include "state/state.hpp"

namespace sluice::host::cli {

// "2026-01-01 12:00:00 UTC", of ms since the epoch.
[[nodiscard]] std::string time_text(std::int64_t ms);
// One entry of an audit, as json_of(AuditEntry) makes it.
[[nodiscard]] std::string decision_text(const json::object& entry);
void print_summary(const StageReport& report);
// Errors by cause, the most frequent first, with some of their records.
void print_causes(const std::vector<ErrorGroup>& causes, std::size_t most);
void print_error_groups(State& state, std::size_t most);
// The command that comes next.
void print_next_step(const StageReport& report, const std::string& file);

}  // namespace sluice::host::cli
