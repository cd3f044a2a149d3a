#include "connector/private_memory.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>

namespace sluice::host {

void keep_memory_private() noexcept {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  // A core that is piped to a program knows no limit.
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

}  // namespace sluice::host
