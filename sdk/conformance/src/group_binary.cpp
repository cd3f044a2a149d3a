// binary and spec: what the file says before it is used.
#include <dlfcn.h>
#include <elf.h>
#include <sluice/abi.h>

#include <cstring>
#include <fstream>
#include <thread>

#include "check.hpp"
#include "connector/handshake.hpp"
#include "integration/options.hpp"

namespace sluice::conformance {
namespace {

using Needs = Check::Needs;

template <typename T>
T read_at(const std::string& bytes, std::uint64_t offset) {
  T value{};
  expect(offset + sizeof(T) <= bytes.size(), "the file is cut off");
  std::memcpy(&value, bytes.data() + offset, sizeof(T));
  return value;
}

std::string file_of(const Bench& bench) {
  std::ifstream file{bench.plugin.path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

void exports_one_symbol(Bench& bench) {
  const std::string bytes = file_of(bench);
  const auto header = read_at<Elf64_Ehdr>(bytes, 0);
  const auto section = [&](std::uint64_t index) {
    return read_at<Elf64_Shdr>(bytes, header.e_shoff + index * header.e_shentsize);
  };
  for (std::uint64_t i = 0; i < header.e_shnum; ++i) {
    const auto symbols = section(i);
    if (symbols.sh_type != SHT_DYNSYM) continue;
    const auto names = section(symbols.sh_link);
    for (std::uint64_t at = 0; at < symbols.sh_size; at += sizeof(Elf64_Sym)) {
      const auto symbol = read_at<Elf64_Sym>(bytes, symbols.sh_offset + at);
      if (symbol.st_shndx == SHN_UNDEF || ELF64_ST_BIND(symbol.st_info) == STB_LOCAL) continue;
      const std::uint64_t name_at = names.sh_offset + symbol.st_name;
      expect(name_at < bytes.size(), "the file is cut off");
      const std::string name = bytes.c_str() + name_at;
      expect(name == SLUICE_ENTRY_NAME, "the plugin exports " + name +
                                            " besides " SLUICE_ENTRY_NAME
                                            ": build it with sluice_add_connector");
    }
  }
}

void is_never_unloaded(Bench& bench) {
  const std::string bytes = file_of(bench);
  const auto header = read_at<Elf64_Ehdr>(bytes, 0);
  for (std::uint64_t i = 0; i < header.e_phnum; ++i) {
    const auto segment = read_at<Elf64_Phdr>(bytes, header.e_phoff + i * header.e_phentsize);
    if (segment.p_type != PT_DYNAMIC) continue;
    for (std::uint64_t at = 0; at + sizeof(Elf64_Dyn) <= segment.p_filesz;
         at += sizeof(Elf64_Dyn)) {
      const auto entry = read_at<Elf64_Dyn>(bytes, segment.p_offset + at);
      if (entry.d_tag == DT_FLAGS_1 && (entry.d_un.d_val & DF_1_NODELETE) != 0) return;
      if (entry.d_tag == DT_NULL) break;
    }
  }
  throw Failed{"the plugin can be unloaded while its code runs: link it with -z nodelete"};
}

sluice_connector_entry_fn entry_of(Bench& bench) {
  void* library = ::dlopen(bench.plugin.path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) throw Failed{std::string{"the plugin does not load: "} + ::dlerror()};
  return reinterpret_cast<sluice_connector_entry_fn>(::dlsym(library, SLUICE_ENTRY_NAME));
}

void entry_is_repeatable(Bench& bench) {
  const auto entry = entry_of(bench);
  std::vector<const sluice_connector*> tables(8);
  {
    std::vector<std::jthread> threads;
    threads.reserve(tables.size());
    for (auto& table : tables)
      threads.emplace_back([&table, entry] { table = entry(SLUICE_ABI_MAJOR); });
  }
  for (const auto* table : tables)
    expect(table != nullptr && table == tables.front(), "the entry gives different tables");
  expect(entry(SLUICE_ABI_MAJOR + 7) == nullptr,
         "the entry gives a table for an ABI version that does not exist");
  expect(entry(SLUICE_ABI_MAJOR) == tables.front(), "the entry gives another table later");
}

void table_is_whole(Bench& bench) {
  static_cast<void>(host::checked_table(entry_of(bench)(SLUICE_ABI_MAJOR), bench.plugin));
}

void is_consistent(Bench& bench) {
  const auto table = host::checked_table(entry_of(bench)(SLUICE_ABI_MAJOR), bench.plugin);
  const auto spec = host::checked_spec(table, bench.plugin);
  expect(spec.contains("version") && spec.at("version") == json::value(bench.plugin.version),
         "the spec names another version than the file's identity, " + bench.plugin.version);
  expect(to_json(host::checked_spec(table, bench.plugin)) == to_json(spec),
         "the spec differs when it is asked for again");
}

bool sounds_secret(std::string_view name) {
  for (const std::string_view word : {"secret", "password", "token", "api_key", "apikey"}) {
    if (name.find(word) != std::string_view::npos) return true;
  }
  return false;
}

void marks_secrets(Bench& bench) {
  for (const auto& [name, option] : bench.spec.at("config").at("properties").as_object()) {
    const auto& about = option.as_object();
    const auto* type = about.if_contains("type");
    const bool is_text = type != nullptr && *type == json::value("string");
    expect(!is_text || !sounds_secret({name.data(), name.size()}) || about.contains("writeOnly"),
           "option " + std::string{name} +
               " sounds like a secret and would be shown in logs: declare it with Spec::secret");
    expect(!about.contains("writeOnly") || !about.contains("default"),
           "the secret " + std::string{name} + " has a default, which everybody knows");
  }
}

void defaults_are_valid(Bench& bench) {
  const auto& schema = bench.spec.at("config").as_object();
  json::object defaults;
  for (const auto& [name, option] : schema.at("properties").as_object()) {
    if (const auto* value = option.as_object().if_contains("default")) defaults[name] = *value;
  }
  json::object optional = schema;
  optional.erase("required");
  for (const auto& problem : host::validate_options(defaults, optional, {}, "spec"))
    throw Failed{"a default is not what its own option takes: " + problem.message};
}

void takes_the_scenarios_options(Bench& bench) {
  const auto& schema = bench.spec.at("config").as_object();
  for (const auto& problem : host::validate_options(bench.config, schema, {}, "config")) {
    if (problem.severity == host::Diagnostic::Severity::Error)
      throw Failed{"the scenario's config is refused: " + problem.message};
  }
}

}  // namespace

void add_binary_checks(std::vector<Check>& checks) {
  const auto add = [&](const char* name, const char* about, auto run) {
    checks.push_back({"binary", name, about, 0, Needs::Nothing, run, true, true});
  };
  add("exports", "one symbol is exported", exports_one_symbol);
  add("nodelete", "the code stays in memory", is_never_unloaded);
  add("entry", "the entry gives one table, from any thread", entry_is_repeatable);
  add("table", "the table has what its capabilities promise", table_is_whole);
}

void add_spec_checks(std::vector<Check>& checks) {
  const auto add = [&](const char* name, const char* about, bool once, auto run) {
    checks.push_back({"spec", name, about, 0, Needs::Nothing, run, true, once});
  };
  add("consistent", "the spec agrees with the file's identity", true, is_consistent);
  add("secrets", "what sounds secret is kept secret", true, marks_secrets);
  add("defaults", "defaults are valid", true, defaults_are_valid);
  add("config", "the scenario's options are those that the spec names", false,
      takes_the_scenarios_options);
}

}  // namespace sluice::conformance
