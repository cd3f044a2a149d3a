// Confines this process; the worker's side of connector/confinement.hpp.
#pragma once

#include "connector/confinement.hpp"

namespace sluice::host {

// From here on this process, which has no other thread yet, may use what `confinement` says and
// `plugin` needs to be loaded, and nothing else. What the kernel lacks is reported.
// Errors: Error{Config} when the kernel lacks a part and `required` stands in the file, or when it
// refuses what it has.
[[nodiscard]] ConfinementReport confine_process(const Confinement& confinement,
                                                const std::filesystem::path& plugin);

// Before it is confined: should the machine run out of memory, this process goes and not its host.
void offer_to_out_of_memory_killer() noexcept;

}  // namespace sluice::host
