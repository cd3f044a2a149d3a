// The checks between loading a plugin and using it. Pure functions over the table; each failure has
// its own message.
#pragma once

#include <sluice/abi.h>

#include <sluice/json.hpp>

#include "connector/connector.hpp"

namespace sluice::host {

// A copy of the table in which fields beyond the plugin's `struct_size` are NULL.
// Errors: Error{Config}: NULL table, magic, size, ABI version, host too old, id that differs from
// the file's, a capability without its functions, a required function that is missing.
[[nodiscard]] sluice_connector checked_table(const sluice_connector* table,
                                             const PluginFile& plugin);

// Calls `spec` and checks what it answers.
// Errors: Error{Config} when it is not a JSON object with this id and a schema in "config".
[[nodiscard]] json::object checked_spec(const sluice_connector& table, const PluginFile& plugin);

// "built for ABI 2.0, this sluice has 1.3: …" and what to do; empty when they get on: the majors
// are equal, and of the minor versions only `min_host_minor` in the table can say more.
[[nodiscard]] std::string abi_mismatch(std::uint32_t major, std::uint32_t minor);

}  // namespace sluice::host
