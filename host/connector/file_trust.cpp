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
  if (auto why = distrust_one(real.parent_path(), "its directory",
                              [](mode_t mode) { return S_ISDIR(mode); }))
    return why;
  for (auto above = real.parent_path().parent_path(); above != above.root_path();
       above = above.parent_path()) {
    struct stat status {};
    if (::stat(above.c_str(), &status) != 0) return std::generic_category().message(errno);
    // In a sticky directory, such as /tmp, only their owners move entries away.
    if ((status.st_mode & S_IWOTH) != 0 && (status.st_mode & S_ISVTX) == 0) {
      return "the directory " + above.string() + " may be changed by everybody: chmod o-w " +
             above.string();
    }
  }
  return std::nullopt;
}

std::string sha256_of(const std::filesystem::path& file) {
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
