#include "connector/plugin_library.hpp"

#include <boost/dll/shared_library.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <sluice/error.hpp>
#include <string>
#include <vector>

#include "connector/abi_call.hpp"
#include "connector/handshake.hpp"
#include "integration/one_line.hpp"

namespace sluice::host {
namespace {

struct Entry {
  boost::dll::shared_library library;
  LoadedPlugin plugin;
};

struct Registry {
  std::mutex mutex;
  std::map<std::string, std::unique_ptr<Entry>> entries;
  // A library that fails the handshake stays loaded too: its initialisers have run.
  std::vector<boost::dll::shared_library> refused;
};

Registry& registry() {
  // Never destroyed, so that nothing is unloaded while the process ends.
  static auto& leaked = *new Registry;
  return leaked;
}

boost::dll::shared_library open_library(const PluginFile& plugin) {
  try {
    using boost::dll::load_mode::rtld_local;
    using boost::dll::load_mode::rtld_now;
    return boost::dll::shared_library{plugin.path, rtld_now | rtld_local};
  } catch (const std::exception& error) {
    throw Error{Code::Config, "connector '" + plugin.id + "' (" + plugin.path.string() +
                                  ") cannot be loaded: " + one_line(error.what())};
  }
}

sluice_connector_entry_fn find_entry(const boost::dll::shared_library& library,
                                     const PluginFile& plugin) {
  if (!library.has(SLUICE_ENTRY_NAME)) {
    throw Error{Code::Config, "connector '" + plugin.id + "' (" + plugin.path.string() +
                                  ") cannot be used: it does not export " SLUICE_ENTRY_NAME};
  }
  return &library.get<const sluice_connector*(std::uint32_t)>(SLUICE_ENTRY_NAME);
}

}  // namespace

const LoadedPlugin& load_plugin(const PluginFile& plugin) {
  auto& known = registry();
  const std::lock_guard lock{known.mutex};
  auto& entry = known.entries[plugin.path.string()];
  if (entry == nullptr) {
    auto loaded = std::make_unique<Entry>();
    loaded->library = open_library(plugin);
    try {
      const auto entry_function = find_entry(loaded->library, plugin);
      loaded->plugin.file = plugin;
      const auto* table =
          guarded(plugin.id, SLUICE_ENTRY_NAME, [&] { return entry_function(SLUICE_ABI_MAJOR); });
      loaded->plugin.table = checked_table(table, plugin);
      loaded->plugin.spec = checked_spec(loaded->plugin.table, plugin);
    } catch (...) {
      known.refused.push_back(std::move(loaded->library));
      throw;
    }
    entry = std::move(loaded);
  }
  return entry->plugin;
}

}  // namespace sluice::host
