#include "connector/private_directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cstdlib>
#include <mutex>
#include <string>

namespace sluice::host {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPrefix = "sluice-worker-";

// Nothing when somebody else holds it or has removed it.
UniqueFd locked(const fs::path& directory) {
  UniqueFd fd{::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
  struct stat status {};
  const bool ours = fd && ::fstat(fd.get(), &status) == 0 && status.st_uid == ::geteuid() &&
                    ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0 && ::fstat(fd.get(), &status) == 0 &&
                    status.st_nlink > 0;
  return ours ? std::move(fd) : UniqueFd{};
}

void remove_abandoned(const fs::path& parent) {
  std::error_code error;
  for (fs::directory_iterator entry{parent, error}, end; !error && entry != end;
       entry.increment(error)) {
    if (!entry->path().filename().string().starts_with(kPrefix)) continue;
    std::error_code ignored;
    if (const UniqueFd lock = locked(entry->path())) fs::remove_all(entry->path(), ignored);
  }
}

}  // namespace

PrivateDirectory::PrivateDirectory() noexcept try {
  const fs::path parent = fs::temp_directory_path();
  static std::once_flag once;
  std::call_once(once, [&] { remove_abandoned(parent); });
  std::string name = (parent / (std::string{kPrefix} + "XXXXXX")).string();
  constexpr int kAttempts = 8;  // another host may take one for abandoned before it is locked
  for (int attempt = 0; attempt < kAttempts && !lock_; ++attempt) {
    std::string made = name;
    if (::mkdtemp(made.data()) == nullptr) return;
    lock_ = locked(made);
    if (lock_) path_ = made;
  }
} catch (...) {
}

PrivateDirectory::~PrivateDirectory() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

}  // namespace sluice::host
