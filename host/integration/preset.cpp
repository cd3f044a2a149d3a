#include <algorithm>
#include <set>
#include <system_error>

#include "integration/build.hpp"
#include "integration/check.hpp"
#include "integration/suggest.hpp"

namespace sluice::host {
namespace {

constexpr std::string_view kExtension = ".yaml";

std::vector<std::string> available(const PresetFolders& folders) {
  std::set<std::string> names;
  for (const auto& folder : folders) {
    std::error_code ec;
    for (auto it = std::filesystem::directory_iterator{folder, ec};
         !ec && it != std::filesystem::directory_iterator{}; it.increment(ec)) {
      if (it->path().extension() == kExtension) names.insert(it->path().stem().string());
    }
  }
  return {names.begin(), names.end()};
}

}  // namespace

PresetFolders preset_folders(const std::filesystem::path& directory, const LoadOptions& options) {
  PresetFolders folders{directory / "presets"};
  folders.insert(folders.end(), options.preset_directories.begin(),
                 options.preset_directories.end());
  return folders;
}

std::vector<Preset> available_presets(const std::filesystem::path& directory,
                                      const LoadOptions& options) {
  const auto folders = preset_folders(directory, options);
  std::vector<Preset> presets;
  for (const auto& name : available(folders)) {
    Findings findings{name};
    Preset preset = load_preset(name, {}, folders, options, findings);
    if (!findings.has_errors()) presets.push_back(std::move(preset));
  }
  return presets;
}

Preset load_preset(const std::string& name, Position at, const PresetFolders& folders,
                   const LoadOptions& options, Findings& findings) {
  Preset preset;
  preset.name = name;
  std::error_code ec;
  const auto found = std::find_if(folders.begin(), folders.end(), [&](const auto& folder) {
    return std::filesystem::is_regular_file(folder / (name + std::string{kExtension}), ec);
  });
  if (found == folders.end()) {
    const auto names = available(folders);
    std::string searched;
    for (const auto& folder : folders) {
      searched += (searched.empty() ? "looked in " : ", ") + folder.string();
    }
    findings.error(at, "there is no preset " + in_quotes(name),
                   names.empty() ? searched : suggestion(name, names));
    return preset;
  }
  preset.file = (*found / (name + std::string{kExtension})).string();
  Findings own{preset.file};
  if (const auto document = parse_yaml_file(preset.file, own)) {
    const Substitution substitution{options, *found};
    check_shape(document->root(), preset_shape(), substitution, own);
    const Reader reader{document->source(), substitution, own};
    preset.description = reader.text(Reader::child(&document->root(), "description"));
    const YamlNode* fields = Reader::child(&document->root(), "fields");
    for (auto& [mapping, left_out] : build_fields(fields, reader)) {
      if (left_out) {
        own.error(mapping.at, in_quotes(mapping.name) + " is left out by ~ in a preset",
                  "remove the line, or write an expression");
        continue;
      }
      mapping.from_preset = true;
      preset.fields.push_back(std::move(mapping));
    }
  }
  findings.add(own.sorted());
  return preset;
}

}  // namespace sluice::host
