// What the ledger keeps of delivered documents: everything, or, under `documents: false`, only what
// later writes cannot do without, the members of set-valued fields that Sluice added.
#pragma once

#include <cstdint>
#include <string>

#include "integration/integration.hpp"
#include "pipeline/wire.hpp"
#include "state/state.hpp"

namespace sluice::host {

// For TargetRow::document.
[[nodiscard]] std::string kept_document(State& state, const WriteConfig& write,
                                        const Document& document);
[[nodiscard]] Document known_document(State& state, const TargetRow& target);

// Forgets a target that no record owns any more and that the destination keeps. The members that
// Sluice added there are remembered for whoever gets its key.
void leave_to_itself(State& state, std::int64_t object, const TargetRow& target);

// Takes the field values out of the documents of a sync that was run without `documents: false`
// before, and their bytes out of the file. Commits.
void drop_documents(State& state, const SyncConfig& sync, const SyncRow& row);

}  // namespace sluice::host
