#include "connector/confine_process.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <sluice/error.hpp>
#include <system_error>

#include "connector/landlock.hpp"
#include "connector/syscall_filter.hpp"
#include "connector/system_files.hpp"
#include "connector/unique_fd.hpp"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kHasShadowMemory = true;  // terabytes of it, hardly any of which is used
#else
constexpr bool kHasShadowMemory = false;
#endif

namespace sluice::host {
namespace {

// What an allocator sets aside without using it.
constexpr rlim_t kReservedAddresses = rlim_t{4} << 30;

void limit(int resource, rlim_t most, const char* what) {
  rlimit now{};
  ::getrlimit(resource, &now);
  const rlim_t value = std::min(most, now.rlim_max);
  const rlimit wanted{value, value};
  if (::setrlimit(resource, &wanted) != 0)
    throw std::system_error{errno, std::generic_category(), what};
}

void limit_resources(const WorkerConfig& limits, ConfinementReport& report) {
  // A write beyond the limit shall fail, not kill.
  ::signal(SIGXFSZ, SIG_IGN);
  limit(RLIMIT_CORE, 0, "core files");
  limit(RLIMIT_NOFILE, limits.descriptors, "descriptors");
  limit(RLIMIT_FSIZE, limits.file_size, "file size");
  if (kHasShadowMemory) {
    report.missing.emplace_back("memory: a sanitizer's build is watched only");
  } else {
    limit(RLIMIT_DATA, limits.memory, "memory");
    // Memory that is shared is not data.
    limit(RLIMIT_AS, limits.memory + kReservedAddresses, "addresses");
  }
  report.done.push_back(std::to_string(limits.memory >> 20) + " MiB of memory, " +
                        std::to_string(limits.descriptors) + " descriptors, files up to " +
                        std::to_string(limits.file_size >> 20) + " MiB");
}

// A worker that runs as root keeps one: to use files that were given to it and belong to others.
void drop_capabilities() {
  for (unsigned long capability = 0; ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0;
       ++capability) {
    ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
  }
  ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> data{};
  if (::syscall(SYS_capget, &header, data.data()) != 0)
    throw std::system_error{errno, std::generic_category(), "capabilities"};
  const std::uint32_t kept = data[0].permitted & (1U << CAP_DAC_OVERRIDE);
  data = {};
  data[0].permitted = data[0].effective = kept;
  if (::syscall(SYS_capset, &header, data.data()) != 0)
    throw std::system_error{errno, std::generic_category(), "capabilities"};
}

void confine_files(const Confinement& confinement, const std::filesystem::path& plugin,
                   int version) {
  Landlock files{version};
  for (const auto& path : system_files()) files.allow_read(path);
  for (const auto& path : files_of_plugin(plugin)) files.allow_read(path);
  for (const char* device : {"/dev/null", "/dev/zero"}) files.allow_write(device);
  if (!confinement.temporary.empty()) files.allow_write(confinement.temporary);
  for (const auto& file : confinement.files) {
    if (file.write) {
      files.allow_write(file.path);
    } else {
      files.allow_read(file.path);
    }
  }
  files.enforce();
}

void confine(const Confinement& confinement, const std::filesystem::path& plugin,
             ConfinementReport& report) {
  const char* why = nullptr;
  const int landlock = Landlock::version(why);
  if (landlock == 0) report.missing.push_back(std::string{"files: "} + why);
  const bool has_filters = has_syscall_filters(why);
  if (!has_filters) report.missing.push_back(std::string{"system calls: "} + why);
  limit_resources(confinement.limits, report);
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    throw std::system_error{errno, std::generic_category(), "no_new_privs"};
  if (landlock != 0) {
    confine_files(confinement, plugin, landlock);
    report.done.push_back("files (Landlock " + std::to_string(landlock) + ")");
  }
  drop_capabilities();
  report.done.emplace_back("no privileges");
  constexpr int kCutsFilesByRule = 3;
  if (has_filters) {
    install_syscall_filter({.truncate_by_name = landlock >= kCutsFilesByRule});
    report.done.emplace_back("system calls (seccomp)");
  }
}

}  // namespace

ConfinementReport confine_process(const Confinement& confinement,
                                  const std::filesystem::path& plugin) {
  ConfinementReport report;
  if (!confinement.temporary.empty()) ::setenv("TMPDIR", confinement.temporary.c_str(), 1);
  if (confinement.limits.confinement == Confine::Off) {
    report.missing.emplace_back("everything: the integration file says `confinement: off`");
    return report;
  }
  try {
    confine(confinement, plugin, report);
  } catch (const std::exception& error) {
    throw Error{Code::Config, std::string{"the worker cannot confine itself ("} + error.what() +
                                  "): `worker: {confinement: off}` runs the connector without"};
  }
  if (confinement.limits.confinement == Confine::Required && !report.missing.empty()) {
    throw Error{Code::Config, "the worker cannot be confined as `confinement: required` asks: " +
                                  report.missing.front()};
  }
  return report;
}

void offer_to_out_of_memory_killer() noexcept {
  const UniqueFd score{::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC)};
  [[maybe_unused]] const auto written = ::write(score.get(), "1000", 4);
}

}  // namespace sluice::host
