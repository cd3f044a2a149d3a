#include <fcntl.h>
#include <sluice/abi.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/dll/library_info.hpp>
#include <cstdlib>
#include <set>
#include <sluice/error.hpp>

#include "connector/abi_call.hpp"
#include "connector/connector.hpp"
#include "connector/elf_identity.hpp"
#include "connector/file_trust.hpp"
#include "connector/handshake.hpp"
#include "connector/limits.hpp"
#include "connector/unique_fd.hpp"
#include "integration/one_line.hpp"
#include "integration/suggest.hpp"

namespace sluice::host {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "libsluice_";
constexpr std::string_view kSuffix = ".so";

[[noreturn]] void refuse(const std::string& why) {
  throw Error{Code::Config, why};
}

std::string id_in_name(const fs::path& path) {
  const std::string name = path.filename().string();
  if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) return {};
  if (name.size() <= kPrefix.size() + kSuffix.size()) return {};
  return name.substr(kPrefix.size(), name.size() - kPrefix.size() - kSuffix.size());
}

bool is_id(std::string_view id) {
  const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto is_rest = [&](char c) { return is_lower(c) || (c >= '0' && c <= '9') || c == '_'; };
  return !id.empty() && is_lower(id.front()) && std::all_of(id.begin(), id.end(), is_rest);
}

std::optional<std::string> read_note(const fs::path& path) {
  const UniqueFd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0) refuse("the file cannot be read");
  if (static_cast<std::uint64_t>(status.st_size) > kMaxPluginBytes) {
    refuse("the file is larger than any plugin (" + std::to_string(kMaxPluginBytes >> 30U) +
           " GiB)");
  }
  ByteSource source;
  source.size = static_cast<std::uint64_t>(status.st_size);
  source.read = [&](std::uint64_t offset, std::span<char> to) {
    return ::pread(fd.get(), to.data(), to.size(), static_cast<off_t>(offset)) ==
           static_cast<ssize_t>(to.size());
  };
  return read_identity_note(source);
}

const json::value& member(const json::object& identity, const char* name,
                          bool is_kind(const json::value&)) {
  const auto* value = identity.if_contains(name);
  if (value == nullptr || !is_kind(*value))
    refuse(std::string{"its identity has no valid \""} + name + "\"");
  return *value;
}

std::string text(const json::object& identity, const char* name) {
  const auto& value = member(identity, name, [](const json::value& v) { return v.is_string(); });
  return one_line({value.get_string().data(), value.get_string().size()}, 128);
}

std::uint64_t number(const json::value& value, const char* name, std::uint64_t most) {
  boost::system::error_code error;
  const auto result = value.is_number() ? value.to_number<std::uint64_t>(error) : most + 1;
  if (error || result > most) refuse(std::string{"its identity has no valid \""} + name + "\"");
  return result;
}

PluginFile parse_identity(const fs::path& path, std::string_view note) {
  // Some compilers cannot size the description exactly and end it with zeros.
  while (!note.empty() && note.back() == '\0') note.remove_suffix(1);
  json::value parsed;
  try {
    parsed = parse_json(note);
  } catch (const Error&) {
    refuse("its identity is not JSON");
  }
  if (!parsed.is_object()) refuse("its identity is not a JSON object");
  const auto& identity = parsed.get_object();
  const auto& abi = member(identity, "abi", [](const json::value& v) {
    return v.is_array() && v.get_array().size() == 2;
  });
  PluginFile plugin;
  plugin.path = fs::absolute(path);
  plugin.abi_major = static_cast<std::uint16_t>(number(abi.get_array()[0], "abi", 0xFFFF));
  plugin.abi_minor = static_cast<std::uint16_t>(number(abi.get_array()[1], "abi", 0xFFFF));
  if (const auto mismatch = abi_mismatch(plugin.abi_major, plugin.abi_minor); !mismatch.empty())
    refuse(mismatch);
  plugin.id = text(identity, "id");
  plugin.version = text(identity, "version");
  plugin.sdk_version = text(identity, "sdk_version");
  const auto& capabilities =
      member(identity, "capabilities", [](const json::value& v) { return v.is_number(); });
  plugin.capabilities = number(capabilities, "capabilities", ~std::uint64_t{0} - 1);
  return plugin;
}

void check_exports(const fs::path& path) {
  std::vector<std::string> symbols;
  try {
    symbols = boost::dll::library_info{path}.symbols();
  } catch (const std::exception& error) {
    refuse(std::string{"its symbols cannot be read: "} + one_line(error.what()));
  }
  if (std::find(symbols.begin(), symbols.end(), SLUICE_ENTRY_NAME) == symbols.end()) {
    refuse("it does not export " SLUICE_ENTRY_NAME);
  }
}

PluginFile inspect(const fs::path& path) {
  if (const auto why = distrust(path)) refuse(*why);
  const auto note = read_note(path);
  if (!note) refuse("this is not a Sluice connector: the library has no Sluice note");
  PluginFile plugin = parse_identity(path, *note);
  if (!is_id(plugin.id))
    refuse("its id '" + plugin.id + "' is not lower-case letters, digits and '_'");
  if (plugin.id != id_in_name(path)) {
    refuse("it is connector '" + plugin.id + "': name the file " + std::string{kPrefix} +
           plugin.id + std::string{kSuffix});
  }
  check_exports(path);
  return plugin;
}

std::vector<fs::path> candidates(const fs::path& directory) {
  std::vector<fs::path> paths;
  std::error_code error;
  for (fs::directory_iterator entry{directory, error}, end; !error && entry != end;
       entry.increment(error)) {
    if (!id_in_name(entry->path()).empty()) paths.push_back(entry->path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace

Catalog Catalog::scan(const std::vector<fs::path>& directories) {
  Catalog catalog;
  catalog.directories_ = directories;
  std::set<fs::path> seen;
  for (const auto& directory : directories) {
    for (const auto& path : candidates(directory)) {
      std::error_code error;
      const auto real = fs::canonical(path, error);
      if (!seen.insert(error ? path : real).second) continue;
      try {
        auto plugin = inspect(path);
        const auto first =
            std::find_if(catalog.plugins_.begin(), catalog.plugins_.end(),
                         [&](const PluginFile& other) { return other.id == plugin.id; });
        if (first != catalog.plugins_.end())
          refuse("connector '" + plugin.id + "' is taken from " + first->path.string());
        catalog.plugins_.push_back(std::move(plugin));
      } catch (const Error& problem) {
        catalog.problems_.push_back({path, problem.what()});
      }
    }
  }
  return catalog;
}

const PluginFile& Catalog::find(std::string_view id) const {
  std::vector<std::string> ids;
  for (const auto& plugin : plugins_) {
    if (plugin.id == id) return plugin;
    ids.push_back(plugin.id);
  }
  for (const auto& problem : problems_) {
    if (id_in_name(problem.path) != id) continue;
    throw Error{Code::Config, "connector '" + std::string{id} + "' cannot be used: " +
                                  problem.path.string() + ": " + problem.message};
  }
  std::string message = "there is no connector '" + one_line(id, 64) + "'";
  if (ids.empty()) {
    message += ": no connectors are installed in";
    for (const auto& directory : directories_) message.append(1, ' ').append(directory.string());
  } else {
    std::sort(ids.begin(), ids.end());
    const auto best = closest(id, ids);
    message += best ? "; did you mean '" + *best + "'? installed: " : "; installed: ";
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (i > 0) message += ", ";
      message += ids[i];
    }
  }
  throw Error{Code::Config, message};
}

const PluginFile& Catalog::find(std::string_view id, const std::vector<std::string>& sha256) const {
  const PluginFile& plugin = find(id);
  if (sha256.empty()) return plugin;
  const std::string digest = sha256_of(plugin.path);
  if (std::find(sha256.begin(), sha256.end(), digest) != sha256.end()) return plugin;
  throw Error{Code::Config,
              "connector '" + plugin.id + "' cannot be used: " + plugin.path.string() +
                  " has the SHA-256 " + digest +
                  ", which is none of those under sha256: install the build that was reviewed, or "
                  "review this one and add its digest"};
}

std::vector<fs::path> default_plugin_directories() {
  std::vector<fs::path> directories;
  if (const char* paths = std::getenv("SLUICE_PLUGIN_PATH"); paths != nullptr) {
    for (std::string_view rest{paths}; !rest.empty();) {
      const auto end = rest.find(':');
      if (const auto entry = rest.substr(0, end); !entry.empty()) directories.emplace_back(entry);
      if (end == std::string_view::npos) break;
      rest.remove_prefix(end + 1);
    }
  }
  std::error_code error;
  const auto program = fs::read_symlink("/proc/self/exe", error);
  if (!error) directories.push_back(program.parent_path().parent_path() / "lib" / "sluice");
  return directories;
}

}  // namespace sluice::host
