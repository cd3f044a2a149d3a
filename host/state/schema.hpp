// The tables of a state, and how older ones become them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "state/sqlite.hpp"

namespace sluice::host {

inline constexpr std::int64_t kSchemaVersion = 7;

// The version of a state that this program can read or bring up to date. Errors: StateError when
// the database is none, or one of a newer Sluice; `file` is named in them.
[[nodiscard]] std::int64_t require_known_schema(Database& database,
                                                const std::filesystem::path& file);

// Both work in the open transaction.
void create_schema(Database& database, std::string_view integration);
void migrate(Database& database, std::int64_t version);

}  // namespace sluice::host
