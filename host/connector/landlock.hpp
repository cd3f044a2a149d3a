// Landlock, the kernel's way for a process to give up access to files: a thin layer over its system
// calls, which libc does not wrap.
#pragma once

#include <cstdint>
#include <filesystem>

#include "connector/unique_fd.hpp"

namespace sluice::host {

// Rules for the files that may still be used; everything else is given up by `enforce`: opening,
// creating, renaming, removing and truncating files, executing programs and, where the kernel knows
// it, signals to processes outside and abstract sockets. Looking at a file's attributes and using
// what is open already are not affected.
class Landlock {
 public:
  // The version of the kernel's interface; 0 when there is none or it is switched off, and `why`
  // says so.
  [[nodiscard]] static int version(const char*& why) noexcept;

  // Errors: std::system_error.
  explicit Landlock(int version);
  // A path that does not exist, or cannot have a rule, is passed over.
  void allow_read(const std::filesystem::path& path);
  // A directory: everything in it, except making device files and sockets.
  void allow_write(const std::filesystem::path& path);
  // For this thread and those that it starts, for ever. Needs no_new_privs. Errors:
  // std::system_error.
  void enforce();

 private:
  void allow(const std::filesystem::path& path, std::uint64_t rights);

  std::uint64_t handled_ = 0;
  UniqueFd rules_;
};

}  // namespace sluice::host
