// A directory of a worker's own for temporary files.
#pragma once

#include <filesystem>

#include "connector/unique_fd.hpp"

namespace sluice::host {

// Made below the system's directory for temporary files, removed with all it contains when the
// object goes. What a host that was killed has left is removed by the next one.
class PrivateDirectory {
 public:
  // Where no directory can be made, `path` is empty.
  PrivateDirectory() noexcept;
  ~PrivateDirectory();
  PrivateDirectory(const PrivateDirectory&) = delete;
  PrivateDirectory& operator=(const PrivateDirectory&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
  UniqueFd lock_;  // held while the directory is in use
};

}  // namespace sluice::host
