// What an integration file may hold: the bounds within which a file that somebody else wrote is
// read. docs/limits.md says what a person sees at each.
#pragma once

#include <cstddef>

namespace sluice::host {

inline constexpr std::size_t kMaxYamlBytes = std::size_t{1} << 20;
// After the expansion of aliases.
inline constexpr std::size_t kMaxYamlNodes = 100'000;
// Leaves room below kMaxJsonDepth.
inline constexpr std::size_t kMaxYamlDepth = 48;
// Of one file; what more there is is not told.
inline constexpr std::size_t kMaxFindings = 1000;
// Of an integration, a sync.
inline constexpr std::size_t kMaxNameBytes = 100;
// Of what `${file:…}` names.
inline constexpr std::size_t kMaxSecretBytes = std::size_t{64} << 10;
// Of a sync, its preset's included.
inline constexpr std::size_t kMaxFields = 1000;

}  // namespace sluice::host
