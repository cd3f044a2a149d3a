// Files that are there as a whole or not at all, and never in the place of another.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

namespace sluice::host::serve {

// Errors: Problem 409 `exists` when there is a file of that name; Problem 409 `refused` when it
// cannot be written. Files are durable when a call returns.
class NewFiles {
 public:
  NewFiles() = default;
  // Takes away what was written, unless it is to be kept.
  ~NewFiles();
  NewFiles(const NewFiles&) = delete;
  NewFiles& operator=(const NewFiles&) = delete;

  // For this user alone. Makes its directory, likewise, when that is missing.
  void write_secret(const std::filesystem::path& file, std::string_view text);
  // For this user, and for the group to read.
  void write(const std::filesystem::path& file, std::string_view text);
  void keep() noexcept { written_.clear(); }

 private:
  void write(const std::filesystem::path& file, std::string_view text, unsigned mode);

  std::vector<std::filesystem::path> written_;
};

}  // namespace sluice::host::serve
