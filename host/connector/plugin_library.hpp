// Plugins that are loaded into this process. They stay loaded until it ends: what they handed out
// (strings, functions, threads, exceptions) may live longer than any use of them.
#pragma once

#include <sluice/abi.h>

#include <sluice/json.hpp>

#include "connector/connector.hpp"

namespace sluice::host {

struct LoadedPlugin {
  PluginFile file;
  sluice_connector table{};
  json::object spec;
};

// Loads the plugin and does the handshake; a second call for the same file answers from memory.
// The reference is valid until the process ends. Threads: [any thread].
// Errors: Error{Config} naming the file and the one thing that is wrong.
[[nodiscard]] const LoadedPlugin& load_plugin(const PluginFile& plugin);

}  // namespace sluice::host
