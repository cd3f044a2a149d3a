// Record errors as CSV (RFC 4180), streamed, safe to open in a spreadsheet.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "state/state.hpp"

namespace sluice::host::cli {

// One quoted field. Text that a spreadsheet would take for a formula gets a leading apostrophe,
// and what would act on a terminal becomes a space.
[[nodiscard]] std::string csv_field(std::string_view text);

// Writes a header and one line an error; "-" is stdout. The file appears under its name only when
// it is complete. Returns how many. Errors: Error{Config} when the file cannot be written.
std::int64_t write_errors_csv(const std::filesystem::path& path, State& state, ErrorState which,
                              const ErrorSelection& selection = {});

}  // namespace sluice::host::cli
