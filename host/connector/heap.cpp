#include "connector/heap.hpp"

#include <malloc.h>

namespace sluice::host {

void share_one_heap() noexcept {
  ::mallopt(M_ARENA_MAX, 1);
}

}  // namespace sluice::host
