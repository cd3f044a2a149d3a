// The system calls that a worker may still make.
#pragma once

namespace sluice::host {

struct SyscallFilter {
  // Whether a file may be cut by its name: only where something else confines that to some files.
  bool truncate_by_name = false;
};

// Whether this kernel has filters; when not, `why` says so.
[[nodiscard]] bool has_syscall_filters(const char*& why) noexcept;

// For all threads of this process, for ever. Refused are: starting programs and processes, looking
// into and signalling other processes, listening for connections, all sockets but those of the
// internet, privileges of any kind, and whatever is not known to be needed. A refused call answers
// EPERM or, where a library has another way to do its work, ENOSYS; the process goes on.
// Needs no_new_privs. Errors: std::system_error.
void install_syscall_filter(const SyscallFilter& filter);

}  // namespace sluice::host
