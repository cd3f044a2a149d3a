// What a worker may use: decided by the host, carried out by the worker on itself before it loads
// the plugin.
#pragma once

#include <cstdint>
#include <filesystem>
#include <sluice/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "integration/integration.hpp"

namespace sluice::host {

// A file or directory that a worker may use. One that does not exist grants nothing.
struct FileGrant {
  std::filesystem::path path;  // absolute
  bool write = false;          // a directory: all that it contains
  bool create = false;         // by `create_missing`
  bool operator==(const FileGrant&) const = default;
};

struct Confinement {
  WorkerConfig limits;  // of its paths, `files` counts
  std::vector<FileGrant> files;
  std::filesystem::path temporary;  // a directory of the worker's own; empty: it has none
};

// What a worker has done to itself.
struct ConfinementReport {
  std::vector<std::string> done;     // "files (Landlock 7)"
  std::vector<std::string> missing;  // "files: this kernel has no Landlock"
};

// The paths that the options name and those of `worker:`. `options` as a person wrote them, without
// the schema's defaults: those are the plugin's own word. In the schema, `"format": "file-path"` or
// `"directory-path"` marks a path; a destination may write it unless `"access": "read"` stands
// there.
[[nodiscard]] std::vector<FileGrant> granted_files(const json::object& schema,
                                                   const json::object& options, bool is_destination,
                                                   const WorkerConfig& worker);

// Tells one set of existing files from another: changes when a granted path becomes another file.
[[nodiscard]] std::string identity_of(const std::vector<FileGrant>& files);

// Creates, empty, what is to be created and does not exist: access to a file that is not there
// cannot be granted. What cannot be created is left to the connector to complain about.
void create_missing(const std::vector<FileGrant>& files) noexcept;

[[nodiscard]] std::string encode_confinement(const Confinement& confinement);
[[nodiscard]] std::string encode_report(const ConfinementReport& report);
// Errors: Error{Internal}.
[[nodiscard]] Confinement decode_confinement(std::string_view text);
[[nodiscard]] ConfinementReport decode_report(std::string_view text);

}  // namespace sluice::host
