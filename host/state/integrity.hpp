// Whether a state is whole: SQLite's own structures, and what Sluice relies on between its rows.
#pragma once

#include <cstdint>
#include <filesystem>
#include <sluice/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "state/sqlite.hpp"

namespace sluice::host {

struct StateProblem {
  std::string what;                   // one kind of problem
  std::int64_t count = 0;             // how often
  std::vector<std::string> examples;  // at most three
};
[[nodiscard]] json::object json_of(const StateProblem& problem);

// Everything that is wrong with an open state; empty: it is whole. `integration`: whose it must be.
// Takes time in proportion to its size. Errors: StateError when it cannot even be read.
[[nodiscard]] std::vector<StateProblem> problems_of(Database& database,
                                                    std::string_view integration);

}  // namespace sluice::host
