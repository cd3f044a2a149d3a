// Changes to files that are there after a power cut.
#pragma once

#include <filesystem>
#include <string_view>

namespace sluice::host {

// Errors of all functions but the first: StateError.

// Writes the whole text to an open file; false, with errno set, when that fails.
[[nodiscard]] bool write_all(int descriptor, std::string_view text);
// Waits until what was written to this file or directory is on the disk.
void sync_to_disk(const std::filesystem::path& path);
// Writes a file as a whole or not at all: under another name first, then renamed. Readable by this
// user alone. Durable when it returns.
void write_durably(const std::filesystem::path& file, std::string_view text);
// Renames within one file system; replaces what has the name. Durable when it returns.
void rename_durably(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace sluice::host
