// The file of a state as it lies on the disk, looked at before SQLite opens it: SQLite takes an
// empty file for a new database, ignores a log that it cannot read, and follows links.
#pragma once

#include <cstdint>
#include <filesystem>

namespace sluice::host {

// False when there is no state at `file` and there never was one. Errors: StateError when it is
// empty, missing though its log or its mark is there, a link, no file, not accessible.
[[nodiscard]] bool state_exists(const std::filesystem::path& file);

// Beside the state: it has been made. So a file that vanishes is not taken for one that never was.
[[nodiscard]] std::filesystem::path mark_of(const std::filesystem::path& file);

// Looks at the log beside the state that a killed process has left. Nobody may write it meanwhile.
// Errors: StateError when transactions are lost that it once held: SQLite would pass over them in
// silence.
void require_whole_log(const std::filesystem::path& file);

}  // namespace sluice::host
