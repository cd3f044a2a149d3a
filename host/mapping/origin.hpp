// Which entries of the integration file a document's values come from.
#pragma once

#include <string>
#include <vector>

#include "mapping/mapping.hpp"

namespace sluice::host {

struct Origin {
  std::string field;  // of the document
  std::string entry;  // "fields", "preset" or "rule 2", counted from 1
  std::string file;   // the preset's file; empty: the integration file
  Position at;
  std::string text;  // the expression, or the rule's condition
};

// For every field and set of the result, the entries that made its value, in the order of the file:
// a plain field has one, a set what its field and every matching rule add.
[[nodiscard]] std::vector<Origin> origins_of(const SyncConfig& sync, const MapResult& result);

}  // namespace sluice::host
