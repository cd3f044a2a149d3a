// From a tree that has been checked against the grammar to typed data.
//
// Builds as much as is right, so that later checks find as much as they can; what is wrong is in
// the findings.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "integration/load.hpp"
#include "integration/reader.hpp"

namespace sluice::host {

// The folders that presets are looked for in, the first hit wins.
using PresetFolders = std::vector<std::filesystem::path>;
[[nodiscard]] PresetFolders preset_folders(const std::filesystem::path& directory,
                                           const LoadOptions& options);

[[nodiscard]] Integration build_integration(const YamlNode& root, const Reader& reader,
                                            const LoadOptions& options,
                                            const PresetFolders& folders);

[[nodiscard]] Connection build_connection(const YamlNode* node, const Reader& reader);

[[nodiscard]] SyncConfig build_sync(const YamlEntry& entry, const Reader& reader,
                                    const LoadOptions& options, const PresetFolders& folders);

// One entry of a `fields:` block.
struct FieldEntry {
  FieldMapping mapping;
  bool left_out = false;  // `~`: the preset's field of that name is not wanted
};
[[nodiscard]] std::vector<FieldEntry> build_fields(const YamlNode* fields, const Reader& reader);

// What is wrong in the preset itself is reported under its own file name; that there is none, at
// `at`.
[[nodiscard]] Preset load_preset(const std::string& name, Position at, const PresetFolders& folders,
                                 const LoadOptions& options, Findings& findings);

}  // namespace sluice::host
