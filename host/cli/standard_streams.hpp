// Standard input, output and error of this process.
#pragma once

namespace sluice::host::cli {

// Opens those that are closed on /dev/null. The next file or connection that is opened would get
// their number otherwise, and what is printed or logged would go into it. Before anything is
// opened.
void hold_standard_streams() noexcept;

// Whether all that was printed has reached standard output. Also when the reader of a pipe has
// left: it wanted no more.
[[nodiscard]] bool has_printed_all() noexcept;

}  // namespace sluice::host::cli
