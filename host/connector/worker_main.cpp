// sluice-worker: runs one connector for the sluice program that started it.

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>

#include "connector/child_process.hpp"
#include "connector/confine_process.hpp"
#include "connector/heap.hpp"
#include "connector/private_memory.hpp"
#include "connector/worker_server.hpp"

#ifdef __SANITIZE_ADDRESS__
// Looking for leaks at the end needs ptrace, which a confined worker is denied.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() {
  return "detect_leaks=0";
}
#endif

namespace {

bool is_socket(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode);
}

// False when the host ended before it could be asked for.
bool end_with_host(pid_t host) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  return ::getppid() == host;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 || !is_socket(sluice::host::kWorkerSocket)) {
    std::fputs(
        "sluice-worker runs a connector for sluice, which starts it; it is not started by hand\n",
        stderr);
    return 2;
  }
  sluice::host::share_one_heap();
  sluice::host::offer_to_out_of_memory_killer();
  sluice::host::keep_memory_private();
  if (!end_with_host(static_cast<pid_t>(std::strtol(argv[1], nullptr, 10)))) return 1;
  ::signal(SIGPIPE, SIG_IGN);
  ::fcntl(sluice::host::kWorkerSocket, F_SETFD, FD_CLOEXEC);
  // What a connector prints shall be logged when it is printed, and not be lost when it crashes.
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  try {
    sluice::host::serve_host(sluice::host::kWorkerSocket);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "sluice-worker: %s\n", error.what());
    return 70;
  }
}
