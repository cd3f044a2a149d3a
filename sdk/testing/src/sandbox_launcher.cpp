// sluice-sandbox NAME ARGS…: runs the program sluice-sandbox-NAME that lies beside it.
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

namespace {

constexpr std::string_view kPrefix = "sluice-sandbox-";

std::vector<std::string> available(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator{folder, error}) {
    const std::string file = entry.path().filename().string();
    if (file.starts_with(kPrefix) && ::access(entry.path().c_str(), X_OK) == 0) {
      names.push_back(file.substr(kPrefix.size()));
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

void usage(std::ostream& out, const std::filesystem::path& folder) {
  out << "usage: sluice-sandbox NAME [options]\n"
         "       sluice-sandbox NAME --help\n\n"
         "Runs a local server that behaves as the vendor's API does and prints its URL. "
         "Available:\n";
  const auto names = available(folder);
  for (const std::string& name : names) out << "  " << name << '\n';
  if (names.empty())
    out << "  none: build the sandboxes first, they are looked for in " << folder.string() << '\n';
}

}  // namespace

int main(int argc, char** argv) {
  std::error_code error;
  const auto folder = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  if (argc < 2) {
    usage(std::cerr, folder);
    return 2;
  }
  const std::string name = argv[1];
  if (name == "--help" || name == "-h") {
    usage(std::cout, folder);
    return 0;
  }
  std::string program = (folder / (std::string{kPrefix} + name)).string();
  if (name.find('/') != std::string::npos || ::access(program.c_str(), X_OK) != 0) {
    std::cerr << "sluice-sandbox: there is no sandbox \"" << name << "\"\n\n";
    usage(std::cerr, folder);
    return 2;
  }
  argv[1] = program.data();
  ::execv(program.c_str(), argv + 1);
  std::cerr << "sluice-sandbox: cannot run " << program << ": " << std::strerror(errno) << '\n';
  return 70;
}
