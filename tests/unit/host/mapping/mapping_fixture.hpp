// Syncs made in a few lines.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "integration/load.hpp"
#include "mapping/mapping.hpp"

namespace sluice::host {

inline FieldMapping field(std::string name, std::string value, std::string type = {}) {
  FieldMapping mapping;
  mapping.name = std::move(name);
  mapping.value = {std::move(value), {}};
  mapping.type = std::move(type);
  return mapping;
}

inline Rule rule(std::string when, json::object set) {
  Rule result;
  result.when = {std::move(when), {}};
  result.set = std::move(set);
  return result;
}

// Matched by `key`, which is mapped from `.id`.
inline SyncConfig sync_with(std::vector<FieldMapping> fields, std::vector<Rule> rules = {}) {
  SyncConfig sync;
  sync.name = "people";
  sync.read.stream = "people";
  sync.write.object = "persons";
  sync.write.match = "key";
  sync.fields.push_back(field("key", ".id"));
  for (auto& one : fields) sync.fields.push_back(std::move(one));
  sync.rules = std::move(rules);
  return sync;
}

inline DestinationField destination_field(std::string name, FieldType type) {
  DestinationField result;
  result.name = std::move(name);
  result.type = type;
  return result;
}

inline MapResult map(const SyncConfig& sync, const std::string& record,
                     const DestinationSchema& schema = {}) {
  return Mapping::compile(sync, schema).apply(parse_json(record));
}

}  // namespace sluice::host
