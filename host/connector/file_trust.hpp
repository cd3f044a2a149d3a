// Whether code may be loaded from a file: only from one that nobody but its user, root or the
// installer could change.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace sluice::host {

// Why `file` must not be loaded, nullopt when it may. After following links, the file and every
// directory above it, in which somebody else could put another file in its place, must belong to a
// trusted owner (root, the user of this process, or the owner of this program, who could replace
// the program as well) and must not be writable by anybody else: not by everybody, and not by a
// group but root's or the process's own. A sticky directory further up, such as /tmp,
// may be.
[[nodiscard]] std::optional<std::string> distrust(const std::filesystem::path& file);

// The SHA-256 of a file's bytes, lower-case hex. Errors: Error{Config} when it cannot be read.
[[nodiscard]] std::string sha256_of(const std::filesystem::path& file);

}  // namespace sluice::host
