// Directories and files for the user who runs sluice only, whatever the umask is: the state holds
// what is known of persons.
#pragma once

#include <filesystem>

namespace sluice::host {

// Makes what is missing of the path, durably. Errors: throws StateError when that fails, or when
// another user owns the directory and could put anything in the place of what is written there.
void make_private_directory(const std::filesystem::path& directory);

// As ::open with O_CREAT and O_CLOEXEC; fails on a symbolic link. -1 and errno when it fails.
[[nodiscard]] int open_private_file(const std::filesystem::path& file, int flags) noexcept;

// Makes an empty file unless there is one. Errors: throws StateError.
void make_private_file(const std::filesystem::path& file);

}  // namespace sluice::host
