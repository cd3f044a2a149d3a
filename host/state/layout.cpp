#include "state/layout.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <thread>

#include "state/private_files.hpp"
#include "state/state_error.hpp"

namespace sluice::host {
namespace {

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text.data();
}

std::string holder(int file) {
  std::array<char, 256> text{};
  const auto size = ::pread(file, text.data(), text.size() - 1, 0);
  std::string out{text.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
  while (!out.empty() && out.back() == '\n') out.pop_back();
  return out.empty() ? "another process" : out;
}

// A container has its own process numbers, and its own name.
std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "an unknown host";
}

// Somebody may have removed the file, and others may lock the one that came after it.
bool has_name(int file, const std::filesystem::path& path) {
  struct stat mine {};
  struct stat there {};
  return ::fstat(file, &mine) == 0 && ::stat(path.c_str(), &there) == 0 &&
         mine.st_ino == there.st_ino && mine.st_dev == there.st_dev;
}

// Whoever only looks who holds a lock has it for a moment.
bool lock_soon(int file) {
  for (int attempt = 0;; ++attempt) {
    if (::flock(file, LOCK_EX | LOCK_NB) == 0) return true;
    if (attempt == 5) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
}

}  // namespace

Busy::Busy(std::string holder)
    : Error{Code::Transient, "this integration is held by " + holder +
                                 "; wait until it ends, stop it with Ctrl-C, or `sluice pause` it"},
      holder_{std::move(holder)} {}

std::string lock_holder(const std::filesystem::path& directory) {
  const int file = ::open((directory / "lock").c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return {};
  std::string who;
  if (::flock(file, LOCK_SH | LOCK_NB) != 0) who = holder(file);
  ::close(file);
  return who;
}

std::filesystem::path default_state_root() {
  if (const char* root = std::getenv("SLUICE_STATE"); root != nullptr && *root != 0) return root;
  if (const char* xdg = std::getenv("XDG_STATE_HOME"); xdg != nullptr && *xdg != 0) {
    return std::filesystem::path{xdg} / "sluice";
  }
  if (const char* home = std::getenv("HOME"); home != nullptr && *home != 0) {
    return std::filesystem::path{home} / ".local" / "state" / "sluice";
  }
  throw Error{Code::Config, "no place for the state: set --state DIR, SLUICE_STATE or HOME"};
}

std::string file_name(std::string_view name) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || (c == '.' && !out.empty());
    if (plain) {
      out.push_back(c);
    } else {
      out.push_back('%');
      out.push_back(kHex[byte >> 4]);
      out.push_back(kHex[byte & 15]);
    }
  }
  return out;
}

IntegrationLock::IntegrationLock(const std::filesystem::path& directory, std::string_view purpose) {
  const auto path = directory / "lock";
  do {
    if (file_ >= 0) ::close(file_);
    file_ = open_private_file(path, O_RDWR);
    if (file_ < 0) throw inaccessible(path, "open", errno);
    if (!lock_soon(file_)) {
      const std::string who = holder(file_);
      ::close(file_);
      throw Busy{who};
    }
  } while (!has_name(file_, path));
  const std::string me = "process " + std::to_string(::getpid()) + " on " + host_name() + " (" +
                         std::string{purpose} + ", since " + utc_now() + ")\n";
  // The text only informs whoever comes second; the lock itself is the flock.
  if (::ftruncate(file_, 0) != 0 || ::pwrite(file_, me.data(), me.size(), 0) < 0) {
    const int problem = errno;
    ::close(file_);
    throw inaccessible(path, "write", problem);
  }
}

IntegrationLock::IntegrationLock(IntegrationLock&& other) noexcept : file_{other.file_} {
  other.file_ = -1;
}

IntegrationLock::~IntegrationLock() {
  if (file_ >= 0) ::close(file_);
}

}  // namespace sluice::host
