// Secrets live in the memory of the host and of its workers.
#pragma once

namespace sluice::host {

// From here on no core file is written and no other process of this user may read the memory of
// this one. Lasts until the process ends. Threads: [any thread].
void keep_memory_private() noexcept;

}  // namespace sluice::host
