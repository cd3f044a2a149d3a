// The files of the system that programs need to run at all.
#pragma once

#include <filesystem>
#include <vector>

namespace sluice::host {

// Libraries, names and addresses, certificates of authorities, time zones, and what the kernel
// tells about this process and the machine. No secrets.
[[nodiscard]] std::vector<std::filesystem::path> system_files();

// The plugin and the libraries beside it.
[[nodiscard]] std::vector<std::filesystem::path> files_of_plugin(
    const std::filesystem::path& plugin);

}  // namespace sluice::host
