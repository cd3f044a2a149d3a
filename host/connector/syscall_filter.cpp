#include "connector/syscall_filter.hpp"

#include <fcntl.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <initializer_list>
#include <memory>
#include <string>
#include <system_error>

namespace sluice::host {
namespace {

// What any program needs for its memory, threads, files and connections.
constexpr const char* kAllowed[] = {
    // memory
    "brk", "madvise", "membarrier", "mincore", "mlock", "mlock2", "mmap", "mprotect", "mremap",
    "msync", "munlock", "munmap", "pkey_alloc", "pkey_free", "pkey_mprotect", "cachestat",
    "map_shadow_stack",
    // threads and time
    "arch_prctl", "clock_getres", "clock_gettime", "clock_nanosleep", "exit", "exit_group", "futex",
    "futex_wait", "futex_wake", "futex_requeue", "futex_waitv", "get_robust_list", "getcpu",
    "getitimer", "gettimeofday", "nanosleep", "restart_syscall", "rseq", "sched_get_priority_max",
    "sched_get_priority_min", "sched_getaffinity", "sched_getparam", "sched_getscheduler",
    "sched_yield", "set_robust_list", "set_thread_area", "set_tid_address", "setitimer", "time",
    "timer_create", "timer_delete", "timer_getoverrun", "timer_gettime", "timer_settime",
    "timerfd_create", "timerfd_gettime", "timerfd_settime", "times", "alarm",
    // signals of its own
    "pause", "rt_sigaction", "rt_sigpending", "rt_sigprocmask", "rt_sigreturn", "rt_sigsuspend",
    "rt_sigtimedwait", "sigaltstack", "signalfd", "signalfd4",
    // what it may know about itself and the machine
    "capget", "getegid", "geteuid", "getgid", "getgroups", "getpgid", "getpgrp", "getpid",
    "getppid", "getpriority", "getrandom", "getresgid", "getresuid", "getrlimit", "getrusage",
    "getsid", "gettid", "getuid", "sysinfo", "umask", "uname", "wait4", "waitid",
    // files
    "access", "chdir", "close", "close_range", "copy_file_range", "creat", "dup", "dup2", "dup3",
    "faccessat", "faccessat2", "fadvise64", "fallocate", "fchdir", "fchmod", "fdatasync",
    "fgetxattr", "flistxattr", "flock", "fstat", "fstatfs", "fsync", "ftruncate", "getcwd",
    "getdents", "getdents64", "getxattr", "lgetxattr", "link", "linkat", "listxattr", "llistxattr",
    "lseek", "lstat", "mkdir", "mkdirat", "newfstatat", "open", "openat", "openat2", "pread64",
    "preadv", "preadv2", "pwrite64", "pwritev", "pwritev2", "read", "readahead", "readlink",
    "readlinkat", "readv", "rename", "renameat", "renameat2", "rmdir", "sendfile", "splice", "stat",
    "statfs", "statx", "symlink", "symlinkat", "sync_file_range", "syncfs", "tee", "unlink",
    "unlinkat", "write", "writev",
    // connections
    "connect", "epoll_create", "epoll_create1", "epoll_ctl", "epoll_pwait", "epoll_pwait2",
    "epoll_wait", "eventfd", "eventfd2", "getpeername", "getsockname", "getsockopt", "pipe",
    "pipe2", "poll", "ppoll", "pselect6", "recvfrom", "recvmmsg", "recvmsg", "select", "sendmmsg",
    "sendmsg", "sendto", "setsockopt", "shutdown", "socketpair"};

// What programs know of, so that a plain "not permitted" tells more than "no such call".
constexpr const char* kRefused[] = {"accept",
                                    "accept4",
                                    "acct",
                                    "add_key",
                                    "bind",
                                    "bpf",
                                    "capset",
                                    "chmod",
                                    "chown",
                                    "chroot",
                                    "delete_module",
                                    "execve",
                                    "execveat",
                                    "fanotify_init",
                                    "fchmodat",
                                    "fchmodat2",
                                    "fchown",
                                    "fchownat",
                                    "finit_module",
                                    "fork",
                                    "fremovexattr",
                                    "fsconfig",
                                    "fsetxattr",
                                    "fsmount",
                                    "fsopen",
                                    "fspick",
                                    "futimesat",
                                    "init_module",
                                    "ioperm",
                                    "iopl",
                                    "ioprio_set",
                                    "kcmp",
                                    "kexec_file_load",
                                    "kexec_load",
                                    "keyctl",
                                    "lchown",
                                    "listen",
                                    "lremovexattr",
                                    "lsetxattr",
                                    "migrate_pages",
                                    "mknod",
                                    "mknodat",
                                    "mount",
                                    "mount_setattr",
                                    "move_mount",
                                    "move_pages",
                                    "mq_open",
                                    "msgget",
                                    "name_to_handle_at",
                                    "open_by_handle_at",
                                    "open_tree",
                                    "perf_event_open",
                                    "pidfd_getfd",
                                    "pidfd_open",
                                    "pidfd_send_signal",
                                    "pivot_root",
                                    "process_madvise",
                                    "process_mrelease",
                                    "process_vm_readv",
                                    "process_vm_writev",
                                    "ptrace",
                                    "quotactl",
                                    "reboot",
                                    "removexattr",
                                    "request_key",
                                    "sched_setaffinity",
                                    "sched_setattr",
                                    "sched_setparam",
                                    "sched_setscheduler",
                                    "semget",
                                    "setdomainname",
                                    "setfsgid",
                                    "setfsuid",
                                    "setgid",
                                    "setgroups",
                                    "sethostname",
                                    "setns",
                                    "setpgid",
                                    "setpriority",
                                    "setregid",
                                    "setresgid",
                                    "setresuid",
                                    "setreuid",
                                    "setsid",
                                    "settimeofday",
                                    "setuid",
                                    "setxattr",
                                    "shmget",
                                    "swapoff",
                                    "swapon",
                                    "tkill",
                                    "umount2",
                                    "unshare",
                                    "userfaultfd",
                                    "utime",
                                    "utimes",
                                    "vfork"};

// Of prctl: names of threads, and questions. Not: being traced, dumped or left alive by the host.
constexpr int kPrctl[] = {PR_SET_NAME,       PR_GET_NAME,       PR_GET_DUMPABLE,
                          PR_GET_SECCOMP,    PR_CAPBSET_READ,   PR_GET_NO_NEW_PRIVS,
                          PR_GET_TIMERSLACK, PR_SET_TIMERSLACK, PR_GET_PDEATHSIG,
                          0x53564d41 /* PR_SET_VMA */};

// Not: F_SETOWN and its like, by which the kernel sends signals to whom one likes.
constexpr int kFcntl[] = {F_DUPFD,     F_DUPFD_CLOEXEC, F_GETFD,      F_SETFD,      F_GETFL,
                          F_SETFL,     F_GETLK,         F_SETLK,      F_SETLKW,     F_OFD_GETLK,
                          F_OFD_SETLK, F_OFD_SETLKW,    F_GETPIPE_SZ, F_SETPIPE_SZ, F_GET_SEALS};
constexpr unsigned long kIoctl[] = {FIONREAD, FIONBIO,    FIOCLEX, FIONCLEX,
                                    TCGETS,   TIOCGWINSZ, TIOCOUTQ};

[[noreturn]] void fail(const std::string& what, int error) {
  throw std::system_error{-error, std::generic_category(), "system call filter: " + what};
}

class Builder {
 public:
  Builder() : filter_{::seccomp_init(SCMP_ACT_ERRNO(ENOSYS)), &::seccomp_release} {
    if (filter_ == nullptr) fail("seccomp_init", -ENOMEM);
    check("threads", ::seccomp_attr_set(filter_.get(), SCMP_FLTATR_CTL_TSYNC, 1));
    check("order", ::seccomp_attr_set(filter_.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2));
  }

  void allow(const char* name, std::initializer_list<scmp_arg_cmp> arguments = {}) {
    add(SCMP_ACT_ALLOW, name, arguments);
  }
  void refuse(const char* name, std::initializer_list<scmp_arg_cmp> arguments = {},
              std::uint32_t error = EPERM) {
    add(SCMP_ACT_ERRNO(error), name, arguments);
  }
  void load() { check("seccomp_load", ::seccomp_load(filter_.get())); }

 private:
  void add(std::uint32_t action, const char* name, std::initializer_list<scmp_arg_cmp> arguments) {
    const int number = ::seccomp_syscall_resolve_name(name);
    if (number == __NR_SCMP_ERROR) return;  // newer than the library: answers ENOSYS
    check(name,
          ::seccomp_rule_add_array(filter_.get(), action, number,
                                   static_cast<unsigned>(arguments.size()), arguments.begin()));
  }
  static void check(const char* what, int result) {
    if (result < 0) fail(what, result);
  }

  std::unique_ptr<void, void (*)(scmp_filter_ctx)> filter_;
};

// Compares what the kernel looks at: the lower half of the register.
scmp_arg_cmp is(unsigned argument, std::uint64_t value) {
  constexpr std::uint64_t kLowerHalf = 0xFFFFFFFF;
  return {argument, SCMP_CMP_MASKED_EQ, kLowerHalf, value & kLowerHalf};
}

// Of the calls that take a process, only on this one.
void allow_on_itself(Builder& builder) {
  const auto self = static_cast<std::uint64_t>(::getpid());
  for (const char* name : {"kill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "prlimit64"})
    builder.allow(name, {is(0, self)});
  builder.allow("prlimit64", {is(0, 0)});
  builder.allow("setrlimit");
}

void allow_threads(Builder& builder) {
  builder.allow("clone", {{0, SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD}});
  builder.refuse("clone", {{0, SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0}});
}

void allow_internet(Builder& builder) {
  constexpr std::uint64_t kTypeWithoutFlags = 0xF;
  for (const int family : {AF_INET, AF_INET6}) {
    for (const int type : {SOCK_STREAM, SOCK_DGRAM}) {
      builder.allow("socket",
                    {is(0, static_cast<std::uint64_t>(family)),
                     {1, SCMP_CMP_MASKED_EQ, kTypeWithoutFlags, static_cast<std::uint64_t>(type)}});
    }
  }
  for (const int family : {AF_UNIX, AF_NETLINK, AF_PACKET, AF_VSOCK, AF_ALG})
    builder.refuse("socket", {is(0, static_cast<std::uint64_t>(family))}, EAFNOSUPPORT);
}

}  // namespace

bool has_syscall_filters(const char*& why) noexcept {
  const std::uint32_t action = SECCOMP_RET_ERRNO;
  if (::syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0) return true;
  why = errno == ENOSYS || errno == EINVAL
            ? "this kernel has no seccomp filters"
            : "seccomp filters are forbidden here, perhaps by a container";
  return false;
}

void install_syscall_filter(const SyscallFilter& filter) {
  Builder builder;
  for (const char* name : kAllowed) builder.allow(name);
  for (const char* name : kRefused) builder.refuse(name);
  if (filter.truncate_by_name) builder.allow("truncate");
  for (const int option : kPrctl) builder.allow("prctl", {is(0, static_cast<unsigned>(option))});
  for (const int command : kFcntl) builder.allow("fcntl", {is(1, static_cast<unsigned>(command))});
  for (const auto request : kIoctl) builder.allow("ioctl", {is(1, request)});
  // Its path is left out when the time of an open file is set.
  builder.allow("utimensat", {{1, SCMP_CMP_EQ, 0, 0}});
  allow_on_itself(builder);
  allow_threads(builder);
  allow_internet(builder);
  builder.load();
}

}  // namespace sluice::host
