// A hash that is the same number on every machine: FNV-1a, 64 bits.
#pragma once

#include <cstdint>
#include <string_view>

namespace sluice::testing {

[[nodiscard]] inline std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 14'695'981'039'346'656'037ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1'099'511'628'211ULL;
  return hash;
}

}  // namespace sluice::testing
