#include "state/private_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <sluice/error.hpp>
#include <string>

namespace sluice::host {

void make_private_directory(const std::filesystem::path& directory) {
  const auto fail = [&](const std::string& why) {
    throw Error{Code::Config, "cannot use the state directory " + directory.string() + ": " + why};
  };
  const auto parent = directory.parent_path();
  if (!parent.empty() && parent != directory && !std::filesystem::exists(parent))
    make_private_directory(parent);
  const bool made = ::mkdir(directory.c_str(), 0700) == 0;
  if (!made && errno != EEXIST) fail(std::strerror(errno));
  struct stat found {};
  if (::stat(directory.c_str(), &found) != 0) fail(std::strerror(errno));
  if (!S_ISDIR(found.st_mode)) fail("it is no directory");
  if (found.st_uid != ::geteuid()) {
    fail("it belongs to another user (" + std::to_string(found.st_uid) +
         "); choose one of your own with --state or SLUICE_STATE");
  }
  if ((found.st_mode & 07777) != 0700 && ::chmod(directory.c_str(), 0700) != 0)
    fail(std::strerror(errno));
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
  if (descriptor < 0) {
    throw Error{Code::Config, "cannot write " + file.string() + ": " + std::strerror(errno)};
  }
  ::close(descriptor);
}

}  // namespace sluice::host
