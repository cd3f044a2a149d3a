#include "state/private_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "state/durable.hpp"
#include "state/state_error.hpp"

namespace sluice::host {

void make_private_directory(const std::filesystem::path& directory) {
  const auto fail = [&](int problem) {
    throw inaccessible(directory, "make the directory", problem);
  };
  const auto parent =
      directory.has_parent_path() ? directory.parent_path() : std::filesystem::path{"."};
  std::error_code none;
  if (parent != directory && !std::filesystem::exists(parent, none)) make_private_directory(parent);
  if (::mkdir(directory.c_str(), 0700) == 0) {
    sync_to_disk(parent);
  } else if (errno != EEXIST) {
    fail(errno);
  }
  struct stat found {};
  if (::stat(directory.c_str(), &found) != 0) fail(errno);
  if (!S_ISDIR(found.st_mode)) fail(ENOTDIR);
  if (found.st_uid != ::geteuid()) {
    throw StateError{StateError::Kind::Unusable,
                     "cannot use the state directory " + directory.string() +
                         ": it belongs to another user (" + std::to_string(found.st_uid) +
                         "); choose one of your own with --state or SLUICE_STATE"};
  }
  if ((found.st_mode & 07777) != 0700 && ::chmod(directory.c_str(), 0700) != 0) fail(errno);
}

int open_private_file(const std::filesystem::path& file, int flags) noexcept {
  const int descriptor = ::open(file.c_str(), flags | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0 || ::fchmod(descriptor, 0600) == 0) return descriptor;
  const int problem = errno;
  ::close(descriptor);
  errno = problem;
  return -1;
}

void make_private_file(const std::filesystem::path& file) {
  const int descriptor = open_private_file(file, O_RDWR);
  if (descriptor < 0) throw inaccessible(file, "write", errno);
  ::close(descriptor);
}

}  // namespace sluice::host
