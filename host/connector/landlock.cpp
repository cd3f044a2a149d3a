#include "connector/landlock.hpp"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>
#include <system_error>

namespace sluice::host {
namespace {

// What headers of an older kernel lack.
constexpr std::uint64_t kTruncate = std::uint64_t{1} << 14;
constexpr std::uint64_t kDeviceControl = std::uint64_t{1} << 15;
constexpr std::uint64_t kScopeAbstractSockets = 1;
constexpr std::uint64_t kScopeSignals = 2;

struct RulesetAttributes {
  std::uint64_t handled_files;
  std::uint64_t handled_network;
  std::uint64_t scoped;
};

constexpr std::uint64_t kEveryFirstRight = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;
constexpr std::uint64_t kRead = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t kOfFiles =
    LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | kTruncate;
constexpr std::uint64_t kWrite = kRead | kOfFiles | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                                 LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |
                                 LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_FIFO |
                                 LANDLOCK_ACCESS_FS_MAKE_SYM | LANDLOCK_ACCESS_FS_REFER;

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error{errno, std::generic_category(), what};
}

}  // namespace

int Landlock::version(const char*& why) noexcept {
  const long version =
      ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (version > 0) return static_cast<int>(version);
  why = errno == ENOSYS       ? "this kernel has no Landlock (it came with Linux 5.13)"
        : errno == EOPNOTSUPP ? "Landlock is switched off in this kernel"
                              : "Landlock is forbidden here, perhaps by a container";
  return 0;
}

Landlock::Landlock(int version) : handled_{kEveryFirstRight} {
  if (version >= 2) handled_ |= LANDLOCK_ACCESS_FS_REFER;
  if (version >= 3) handled_ |= kTruncate;
  if (version >= 5) handled_ |= kDeviceControl;
  const RulesetAttributes attributes{handled_, 0,
                                     version >= 6 ? kScopeAbstractSockets | kScopeSignals : 0};
  const std::size_t size = version >= 6 ? sizeof attributes : sizeof attributes.handled_files;
  rules_ = UniqueFd{static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, size, 0))};
  if (!rules_) fail("landlock_create_ruleset");
}

void Landlock::allow_read(const std::filesystem::path& path) {
  allow(path, kRead);
}

void Landlock::allow_write(const std::filesystem::path& path) {
  allow(path, kWrite);
}

void Landlock::allow(const std::filesystem::path& path, std::uint64_t rights) {
  const UniqueFd fd{::open(path.c_str(), O_PATH | O_CLOEXEC)};
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0) return;
  if (!S_ISDIR(status.st_mode)) rights &= kOfFiles;
  const landlock_path_beneath_attr rule{rights & handled_, fd.get()};
  // Some file systems take no rules: what lies there stays closed.
  ::syscall(SYS_landlock_add_rule, rules_.get(), LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
}

void Landlock::enforce() {
  if (::syscall(SYS_landlock_restrict_self, rules_.get(), 0) != 0) fail("landlock_restrict_self");
}

}  // namespace sluice::host
