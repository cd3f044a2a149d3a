// Reads who a plugin is out of its file, without loading it. Trusts nothing in the file: every
// offset and size is checked against what is there before it is used.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

namespace sluice::host {

// A file's bytes by position.
struct ByteSource {
  std::uint64_t size = 0;
  // Fills `to` from `offset`; false when it cannot. Only asked for what lies within `size`.
  std::function<bool(std::uint64_t offset, std::span<char> to)> read;
};

// The description of the Sluice note, nullopt when the library carries none.
// Errors: Error{Config}: not an ELF shared library, built for another kind of machine, damaged.
[[nodiscard]] std::optional<std::string> read_identity_note(const ByteSource& file);

}  // namespace sluice::host
