#include "mapping/origin.hpp"

#include <algorithm>

namespace sluice::host {
namespace {

Origin origin_of(const FieldMapping& field, const SyncConfig& sync) {
  return {field.name, field.from_preset ? "preset" : "fields",
          field.from_preset ? sync.preset_file : std::string{}, field.at, field.value.text};
}

}  // namespace

std::vector<Origin> origins_of(const SyncConfig& sync, const MapResult& result) {
  std::vector<Origin> origins;
  const auto is_set = [&result](std::string_view field) {
    return result.sets.contains(std::string{field});
  };
  for (const auto& field : sync.fields) {
    if (result.fields.contains(field.name) || is_set(field.name))
      origins.push_back(origin_of(field, sync));
  }
  for (const std::size_t index : result.rules) {
    const Rule& rule = sync.rules.at(index);
    for (const auto& member : rule.set) {
      const std::string name{member.key()};
      if (!is_set(name))
        std::erase_if(origins, [&name](const Origin& origin) { return origin.field == name; });
      origins.push_back({name, "rule " + std::to_string(index + 1), "", rule.at, rule.when.text});
    }
  }
  return origins;
}

}  // namespace sluice::host
