// Whether code may be loaded from a file: only from one that nobody but its user, root or the
// installer could change.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace sluice::host {

// Why `file` must not be loaded, nullopt when it may. Looked at are the file itself and its
// directory, both after following links; and the directories above, in which somebody else could
// put another directory in its place. Trusted owners: root, the user of this process, and the owner
// of this program, who could replace the program as well.
[[nodiscard]] std::optional<std::string> distrust(const std::filesystem::path& file);

// The SHA-256 of a file's bytes, lower-case hex. Errors: Error{Config} when it cannot be read.
[[nodiscard]] std::string sha256_of(const std::filesystem::path& file);

}  // namespace sluice::host
