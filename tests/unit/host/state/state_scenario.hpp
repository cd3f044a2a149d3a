// A state with something of everything, and checkpoints that change all of it.
#pragma once

#include <filesystem>
#include <string>

#include "state/state.hpp"

namespace sluice::host {

inline constexpr const char* kScenario = "scenario";

// What a run writes between two checkpoints: cursor, records, targets, intents, orphans, standing,
// errors, receipts with their writes, accounts. Different for each step; does not commit.
void write_step(State& state, std::int64_t step);

// A state with three committed steps, closed.
void make_scenario(const std::filesystem::path& root);

// Every row of every table, as one text.
[[nodiscard]] std::string dump(Database& database);
// Of the state as a new process finds it.
[[nodiscard]] std::string dump_state(const std::filesystem::path& root);

[[nodiscard]] inline std::filesystem::path scenario_file(const std::filesystem::path& root) {
  return root / kScenario / kStateFile;
}

}  // namespace sluice::host
