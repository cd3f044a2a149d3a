#include "serve/fleet.hpp"

#include <sys/stat.h>

#include <system_error>

namespace sluice::host::serve {
namespace fs = std::filesystem;

Fleet::Fleet(fs::path directory, LoadOptions options)
    : directory_{std::move(directory)}, options_{std::move(options)} {}

std::map<std::string, Fleet::Stamp> Fleet::look() {
  std::map<std::string, Stamp> found;
  std::error_code error;
  problem_.clear();
  fs::directory_iterator entries{directory_, error};
  for (; !error && entries != fs::directory_iterator{}; entries.increment(error)) {
    const fs::path& path = entries->path();
    const std::string name = path.filename().string();
    const auto extension = path.extension();
    if (name.front() == '.' || (extension != ".yaml" && extension != ".yml")) continue;
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
    found[name] = {status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec,
                   static_cast<std::uint64_t>(status.st_size), status.st_ino};
  }
  if (error) {
    problem_ = "the directory " + directory_.string() + " cannot be read: " + error.message() +
               "; make it readable for this user, or name another with --configs";
  }
  return found;
}

Member Fleet::read(const fs::path& file) const {
  Member member;
  member.file = file;
  member.name = file.stem().string();
  LintResult result;
  try {
    result = lint_integration(file.string(), options_);
    // A value that this process lacks is no fault of the file's; runs say so too.
    LoadOptions offline = options_;
    offline.resolve_secrets = false;
    auto without = result.ok() ? LintResult{} : lint_integration(file.string(), offline);
    if (!result.ok() && without.ok()) {
      member.problem = IntegrationError{result.diagnostics}.what();
      result = std::move(without);
    }
  } catch (const std::exception& error) {
    result.diagnostics.push_back(
        {Diagnostic::Severity::Error, file.string(), {}, error.what(), {}});
  }
  member.broken = !result.ok() || !result.integration;
  member.findings = std::move(result.diagnostics);
  if (!result.integration) return member;
  if (!result.integration->name.empty()) member.name = result.integration->name;
  member.source = result.integration->source.connector;
  member.destination = result.integration->destination.connector;
  member.schedule = result.integration->schedule;
  for (const auto& sync : result.integration->syncs) {
    member.syncs.push_back(sync.name);
    member.streams.push_back(sync.read.stream);
  }
  return member;
}

bool Fleet::refresh() {
  const std::string before = problem_;
  const auto found = look();
  bool changed = problem_ != before;
  // What cannot be looked at for a moment is not gone.
  if (!problem_.empty()) return changed;
  std::erase_if(known_, [&](const auto& entry) {
    const bool gone = found.count(entry.first) == 0;
    changed = changed || gone;
    return gone;
  });
  for (const auto& [name, stamp] : found) {
    const auto known = known_.find(name);
    if (known != known_.end() && known->second.stamp == stamp) continue;
    known_[name] = {stamp, read(directory_ / name)};
    known_[name].member.revision = ++reads_;
    changed = true;
  }
  if (!changed) return false;
  members_.clear();
  // A broken file takes no name from one that can be used.
  std::map<std::string, fs::path> owners;
  for (const auto& [file, known] : known_) {
    if (!known.member.broken) owners.emplace(known.member.name, known.member.file);
  }
  for (const auto& [file, known] : known_) {
    Member member = known.member;
    const auto owner = owners.find(member.name);
    if (!member.broken && owner->second != member.file) {
      member.broken = true;
      member.findings.push_back({Diagnostic::Severity::Error,
                                 member.file.string(),
                                 {},
                                 "\"" + member.name + "\" is also the name of " +
                                     owner->second.string() + ", which is used",
                                 "give this integration another name"});
    }
    members_.push_back(std::move(member));
  }
  return true;
}

}  // namespace sluice::host::serve
