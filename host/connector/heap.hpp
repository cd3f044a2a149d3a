// How the host and its workers hold memory.
#pragma once

namespace sluice::host {

// All threads take memory from one heap. With a heap for each, what one of them has freed is of no
// use to the others, and a process keeps several times what it needs. Before further threads are
// started. Lasts until the process ends.
void share_one_heap() noexcept;

}  // namespace sluice::host
