#include "connector/file_trust.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace sluice::host {
namespace {

bool is_trusted_owner(uid_t owner) {
  if (owner == 0 || owner == ::geteuid()) return true;
  struct stat program {};
  return ::stat("/proc/self/exe", &program) == 0 && program.st_uid == owner;
}

std::optional<std::string> distrust_one(const std::filesystem::path& path, const char* what,
                                        bool is_kind(mode_t)) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::generic_category().message(errno);
  if (!is_kind(status.st_mode)) return "not a regular file";
  if ((status.st_mode & S_IWOTH) != 0) {
    return std::string{what} + " may be changed by everybody: chmod o-w " + path.string();
  }
  if (!is_trusted_owner(status.st_uid)) {
    return std::string{what} + " belongs to another user (" + std::to_string(status.st_uid) +
           "): plugins must belong to root or to the user who runs sluice";
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> distrust(const std::filesystem::path& file) {
  std::error_code error;
  const auto real = std::filesystem::canonical(file, error);
  if (error) return error.message();
  if (auto why = distrust_one(real, "the file", [](mode_t mode) { return S_ISREG(mode); }))
    return why;
  return distrust_one(real.parent_path(), "its directory",
                      [](mode_t mode) { return S_ISDIR(mode); });
}

}  // namespace sluice::host
