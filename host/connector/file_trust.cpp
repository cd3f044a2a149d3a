#include "connector/file_trust.hpp"

#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <sluice/error.hpp>
#include <system_error>

namespace sluice::host {
namespace {

namespace fs = std::filesystem;

bool is_trusted_owner(uid_t owner) {
  if (owner == 0 || owner == ::geteuid()) return true;
  struct stat program {};
  return ::stat("/proc/self/exe", &program) == 0 && program.st_uid == owner;
}

bool is_trusted_group(gid_t group) {
  return group == 0 || group == ::getegid();
}

// Why others could change what `path` holds. `what` names it in the message.
std::optional<std::string> changeable(const fs::path& path, const std::string& what,
                                      const struct stat& status) {
  if (!is_trusted_owner(status.st_uid)) {
    return what + " belongs to another user (" + std::to_string(status.st_uid) +
           "): plugins and the directories above them must belong to root or to the user who runs "
           "sluice";
  }
  if ((status.st_mode & S_IWOTH) != 0) {
    return what + " may be changed by everybody: chmod o-w " + path.string();
  }
  if ((status.st_mode & S_IWGRP) != 0 && !is_trusted_group(status.st_gid)) {
    return what + " may be changed by a group that is neither root's nor the user's (" +
           std::to_string(status.st_gid) + "): chmod g-w " + path.string();
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> distrust(const fs::path& file) {
  std::error_code error;
  const auto real = fs::canonical(file, error);
  if (error) return error.message();
  struct stat status {};
  if (::stat(real.c_str(), &status) != 0) return std::generic_category().message(errno);
  if (!S_ISREG(status.st_mode)) return "not a regular file";
  if (auto why = changeable(real, "the file", status)) return why;
  const auto own = real.parent_path();
  for (auto directory = own;; directory = directory.parent_path()) {
    if (::stat(directory.c_str(), &status) != 0) return std::generic_category().message(errno);
    const bool is_own = directory == own;
    const auto what = is_own ? "its directory" : "the directory " + directory.string();
    // In a sticky directory above, such as /tmp, only their owners move entries away.
    if (!is_own && (status.st_mode & S_ISVTX) != 0) status.st_mode &= ~mode_t{S_IWGRP | S_IWOTH};
    if (auto why = changeable(directory, what, status)) return why;
    if (directory == directory.root_path()) return std::nullopt;
  }
}

std::string sha256_of(const fs::path& file) {
  if (::sodium_init() < 0) throw Error{Code::Internal, "cannot initialise the crypto library"};
  std::ifstream in{file, std::ios::binary};
  crypto_hash_sha256_state state;
  ::crypto_hash_sha256_init(&state);
  std::array<char, 65536> bytes{};
  while (in.read(bytes.data(), bytes.size()) || in.gcount() > 0) {
    ::crypto_hash_sha256_update(&state, reinterpret_cast<const unsigned char*>(bytes.data()),
                                static_cast<unsigned long long>(in.gcount()));
  }
  if (!in.eof()) throw Error{Code::Config, file.string() + " cannot be read"};
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
  ::crypto_hash_sha256_final(&state, digest.data());
  std::array<char, 2 * crypto_hash_sha256_BYTES + 1> hex{};
  ::sodium_bin2hex(hex.data(), hex.size(), digest.data(), digest.size());
  return hex.data();
}

}  // namespace sluice::host
