// Record errors as a CSV file, streamed.
#pragma once

#include <cstdint>
#include <filesystem>

#include "pipeline/errors_csv.hpp"
#include "state/state.hpp"

namespace sluice::host::cli {

// Writes a header and one line an error; "-" is stdout. The file appears under its name only when
// it is complete. Returns how many. Errors: StateError on a full disk, Error{Config} when
// the file cannot be written for another reason; for stdout, has_printed_all().
std::int64_t write_errors_csv(const std::filesystem::path& path, State& state, ErrorState which,
                              const ErrorSelection& selection = {});

}  // namespace sluice::host::cli
