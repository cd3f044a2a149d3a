#include "cli/new_connector.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <iterator>
#include <sluice/error.hpp>
#include <utility>

namespace sluice::host::cli {
namespace {

namespace fs = std::filesystem;

// Installed beside the program, or in the source tree above a build directory.
fs::path templates() {
  std::error_code error;
  const auto root = fs::read_symlink("/proc/self/exe", error).parent_path().parent_path();
  const std::array places{root / "share" / "sluice" / "templates",
                          root.parent_path().parent_path() / "sdk" / "template"};
  for (const auto& place : places)
    if (fs::is_directory(place, error)) return place;
  throw Error{Code::Config, "the templates of connectors are not installed (" +
                                places.front().string() +
                                "): they come with the SDK, as package sluice-dev"};
}

// "acme_billing" → "AcmeBilling"
std::string class_name(const std::string& id) {
  std::string name;
  bool begins = true;
  for (const char c : id) {
    if (c == '_') {
      begins = true;
      continue;
    }
    name += begins ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    begins = false;
  }
  return name;
}

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

using Words = std::array<std::pair<std::string, std::string>, 3>;

std::string filled(std::string text, const Words& words) {
  for (const auto& [mark, word] : words) {
    for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + word.size()))
      text.replace(at, mark.size(), word);
  }
  return text;
}

void copy_filled(const fs::path& from, const fs::path& to, const Words& words) {
  fs::create_directories(to.parent_path());
  std::ifstream in{from};
  const std::string text{std::istreambuf_iterator<char>{in}, {}};
  std::ofstream out{to};
  out << filled(text, words);
  if (!in || !out.flush()) throw Error{Code::Config, to.string() + " cannot be written"};
}

void check_id(const std::string& id) {
  const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto is_rest = [&](char c) { return is_lower(c) || (c >= '0' && c <= '9') || c == '_'; };
  if (id.empty() || !is_lower(id.front()) || !std::all_of(id.begin(), id.end(), is_rest) ||
      class_name(id) == id)
    throw Error{Code::Config, "\"" + id +
                                  "\" is no name for a connector: use lower-case letters, digits "
                                  "and _, such as acme_billing"};
}

}  // namespace

void write_connector_project(const std::string& kind, const std::string& id,
                             const fs::path& folder) {
  if (kind != "source" && kind != "destination")
    throw Error{
        Code::Config,
        "say what it shall be: `sluice connectors new source NAME` or `… destination NAME`"};
  check_id(id);
  std::error_code error;
  if (fs::exists(folder, error) && !fs::is_empty(folder, error))
    throw Error{Code::Config,
                folder.string() + " is there already: choose another folder with --into"};
  const Words words{{{"@name@", id}, {"@NAME@", upper(id)}, {"@Class@", class_name(id)}}};
  const auto from = templates() / kind;
  try {
    for (const auto& entry : fs::recursive_directory_iterator{from}) {
      if (!entry.is_regular_file()) continue;
      // The templates end in .in: they are no sources as they stand.
      const auto name =
          filled(fs::relative(entry.path(), from).replace_extension().string(), words);
      copy_filled(entry.path(), folder / name, words);
    }
  } catch (const fs::filesystem_error& problem) {
    throw Error{Code::Config, problem.what()};
  }
}

}  // namespace sluice::host::cli
