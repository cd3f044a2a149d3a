#include "connector/system_files.hpp"

#include <link.h>

#include <cstdlib>
#include <string>
#include <string_view>

namespace sluice::host {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSystemFiles[] = {
    // libraries
    "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/local/lib64",
    "/etc/ld.so.cache",
    // names and addresses
    "/etc/resolv.conf", "/etc/hosts", "/etc/host.conf", "/etc/nsswitch.conf", "/etc/gai.conf",
    "/etc/services", "/etc/protocols", "/etc/networks", "/run/systemd/resolve/resolv.conf",
    "/run/systemd/resolve/stub-resolv.conf",
    // certificates of authorities, as distributions keep them, and how TLS is set up
    "/etc/ssl/certs", "/etc/ssl/cert.pem", "/etc/ssl/ca-bundle.pem", "/etc/ssl/openssl.cnf",
    "/etc/pki/tls/certs", "/etc/pki/tls/cert.pem", "/etc/pki/tls/openssl.cnf",
    "/etc/pki/ca-trust/extracted", "/etc/ca-certificates", "/etc/crypto-policies",
    "/usr/share/crypto-policies", "/usr/share/ca-certificates", "/usr/local/share/ca-certificates",
    // time zones and languages
    "/etc/localtime", "/etc/timezone", "/usr/share/zoneinfo", "/usr/share/locale",
    "/usr/share/i18n",
    // the machine
    "/dev/random", "/dev/urandom", "/proc/self", "/proc/cpuinfo", "/proc/meminfo",
    "/proc/sys/vm/overcommit_memory", "/sys/devices/system/cpu",
    "/sys/kernel/mm/transparent_hugepage"};

// Certificates that the person who runs Sluice has chosen.
constexpr const char* kNamedByVariables[] = {"SSL_CERT_FILE", "CURL_CA_BUNDLE"};
constexpr const char* kListedByVariables[] = {"SSL_CERT_DIR", "LD_LIBRARY_PATH"};

void add_parts(std::vector<fs::path>& files, std::string_view text) {
  while (!text.empty()) {
    const auto end = text.find(':');
    if (const auto part = text.substr(0, end); !part.empty()) files.emplace_back(part);
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

// Where the libraries are that this program has loaded: not every system keeps them in /usr/lib.
int add_library(dl_phdr_info* info, std::size_t, void* files) {
  const fs::path library{info->dlpi_name};
  if (library.is_absolute())
    static_cast<std::vector<fs::path>*>(files)->push_back(library.parent_path());
  return 0;
}

bool is_library(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.ends_with(".so") || name.find(".so.") != std::string::npos;
}

}  // namespace

std::vector<fs::path> system_files() {
  std::vector<fs::path> files{std::begin(kSystemFiles), std::end(kSystemFiles)};
  for (const char* name : kNamedByVariables) {
    if (const char* path = std::getenv(name)) files.emplace_back(path);
  }
  for (const char* name : kListedByVariables) {
    if (const char* paths = std::getenv(name)) add_parts(files, paths);
  }
  ::dl_iterate_phdr(&add_library, &files);
  return files;
}

std::vector<fs::path> files_of_plugin(const fs::path& plugin) {
  std::vector<fs::path> files{plugin};
  std::error_code error;
  for (fs::directory_iterator entry{plugin.parent_path(), error}, end; !error && entry != end;
       entry.increment(error)) {
    if (is_library(entry->path())) files.push_back(entry->path());
  }
  return files;
}

}  // namespace sluice::host
