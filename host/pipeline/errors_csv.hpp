// Record errors as CSV (RFC 4180), safe to open in a spreadsheet.
#pragma once

#include <string>
#include <string_view>

#include "state/error_log.hpp"

namespace sluice::host {

// One quoted field. Text that a spreadsheet would take for a formula gets a leading apostrophe,
// and what would act on a terminal becomes a space.
[[nodiscard]] std::string csv_field(std::string_view text);

// Lines with their ends.
[[nodiscard]] std::string errors_csv_header();
[[nodiscard]] std::string errors_csv_line(const RecordError& error);

}  // namespace sluice::host
