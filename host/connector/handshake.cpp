#include "connector/handshake.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <sluice/error.hpp>

#include "connector/abi_call.hpp"
#include "integration/one_line.hpp"

namespace sluice::host {
namespace {

[[noreturn]] void refuse(const PluginFile& plugin, const std::string& why) {
  throw Error{Code::Config, "connector '" + plugin.id + "' (" + plugin.path.string() +
                                ") cannot be used: " + why};
}

struct Promise {
  std::uint64_t capability;
  const char* capability_name;
  bool is_kept;
  const char* function;
};

void check_functions(const sluice_connector& table, const PluginFile& plugin) {
  const Promise promises[] = {
      {0, nullptr, table.spec != nullptr, "spec"},
      {0, nullptr, table.create != nullptr, "create"},
      {0, nullptr, table.destroy != nullptr, "destroy"},
      {0, nullptr, table.cancel != nullptr, "cancel"},
      {0, nullptr, table.check != nullptr, "check"},
      {0, nullptr, table.discover != nullptr, "discover"},
      {SLUICE_CAP_SOURCE, "Source", table.open_reader != nullptr, "open_reader"},
      {SLUICE_CAP_SOURCE, "Source", table.read != nullptr, "read"},
      {SLUICE_CAP_SOURCE, "Source", table.close_reader != nullptr, "close_reader"},
      {SLUICE_CAP_SOURCE_LOOKUP, "SourceLookup", table.lookup_records != nullptr, "lookup_records"},
      {SLUICE_CAP_PREPARE, "Prepare", table.prepare != nullptr, "prepare"},
      {SLUICE_CAP_DESTINATION, "Destination", table.open_writer != nullptr, "open_writer"},
      {SLUICE_CAP_DESTINATION, "Destination", table.write != nullptr, "write"},
      {SLUICE_CAP_DESTINATION, "Destination", table.flush != nullptr, "flush"},
      {SLUICE_CAP_DESTINATION, "Destination", table.close_writer != nullptr, "close_writer"},
      {SLUICE_CAP_RECEIPTS, "Receipts", table.poll != nullptr, "poll"},
      {SLUICE_CAP_DESTINATION_LOOKUP, "DestinationLookup", table.lookup_remote != nullptr,
       "lookup_remote"},
      {SLUICE_CAP_ESTIMATE, "Estimate", table.estimate != nullptr, "estimate"},
      {SLUICE_CAP_SCREEN, "Screen", table.screen != nullptr, "screen"},
      {SLUICE_CAP_VERIFY, "Verify", table.verify != nullptr, "verify"},
  };
  for (const auto& promise : promises) {
    if (promise.is_kept) continue;
    if (promise.capability == 0) refuse(plugin, std::string{"it has no "} + promise.function);
    if ((table.capabilities & promise.capability) != 0) {
      refuse(plugin,
             std::string{"it says "} + promise.capability_name + " but has no " + promise.function);
    }
  }
  if ((table.capabilities & (SLUICE_CAP_SOURCE | SLUICE_CAP_DESTINATION)) == 0) {
    refuse(plugin, "it is neither a source nor a destination");
  }
}

}  // namespace

std::string abi_mismatch(std::uint32_t major, std::uint32_t minor) {
  if (major == SLUICE_ABI_MAJOR) return {};
  const auto version = [](std::uint32_t a, std::uint32_t b) {
    return std::to_string(a) + "." + std::to_string(b);
  };
  const std::string ours = version(SLUICE_ABI_MAJOR, SLUICE_ABI_MINOR);
  return "built for ABI " + version(major, minor) + ", this sluice has " + ours +
         (major < SLUICE_ABI_MAJOR ? ": rebuild it with the SDK of this version"
                                   : ": install a newer sluice, or rebuild it with the SDK of "
                                     "this version");
}

sluice_connector checked_table(const sluice_connector* table, const PluginFile& plugin) {
  if (table == nullptr) {
    refuse(plugin, std::string{SLUICE_ENTRY_NAME} + " offers no table for ABI " +
                       std::to_string(SLUICE_ABI_MAJOR));
  }
  if (table->magic != SLUICE_ABI_MAGIC)
    refuse(plugin, "its table does not start with Sluice's magic number");
  if (const std::string mismatch = abi_mismatch(table->abi_major, table->abi_minor);
      !mismatch.empty()) {
    refuse(plugin, mismatch);
  }
  if (table->struct_size < offsetof(sluice_connector, spec)) {
    refuse(plugin, "its table is cut short (" + std::to_string(table->struct_size) + " bytes)");
  }
  sluice_connector copy{};
  std::memcpy(&copy, table, std::min<std::size_t>(table->struct_size, sizeof copy));
  if (copy.min_host_minor > SLUICE_ABI_MINOR) {
    refuse(plugin, "it needs a newer sluice (ABI " + std::to_string(SLUICE_ABI_MAJOR) + "." +
                       std::to_string(copy.min_host_minor) + " or later)");
  }
  const std::string_view id = copy.id == nullptr ? "" : copy.id;
  if (id != plugin.id) {
    refuse(plugin, "the file's identity says '" + plugin.id + "' and its table says '" +
                       one_line(id, 64) + "'");
  }
  if (copy.capabilities != plugin.capabilities) {
    refuse(plugin, "the capabilities in its file and in its table differ: rebuild it");
  }
  check_functions(copy, plugin);
  return copy;
}

json::object checked_spec(const sluice_connector& table, const PluginFile& plugin) {
  AbiBuffer answer;
  AbiFailure failure;
  const auto code =
      guarded(plugin.id, "spec", [&] { return table.spec(answer.out(), failure.out()); });
  failure.check(code, plugin.id, "spec");
  json::value spec;
  try {
    spec = parse_json(answer.text());
  } catch (const Error& error) {
    refuse(plugin, std::string{"its spec is not JSON: "} + error.what());
  }
  const auto* object = spec.if_object();
  if (object == nullptr) refuse(plugin, "its spec is not a JSON object");
  const auto* id = object->if_contains("id");
  if (id == nullptr || !id->is_string() || std::string_view{id->get_string()} != plugin.id) {
    refuse(plugin, "the \"id\" in its spec is not '" + plugin.id + "'");
  }
  const auto* config = object->if_contains("config");
  if (config == nullptr || !config->is_object())
    refuse(plugin, "its spec has no schema in \"config\"");
  return *object;
}

}  // namespace sluice::host
