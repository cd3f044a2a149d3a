// One planned write, field by field.
#pragma once

#include <sluice/json.hpp>
#include <string>
#include <vector>

#include "pipeline/wire.hpp"

namespace sluice::host {

struct PlannedChange {
  std::string key;
  std::string previous_key;  // empty: the key stays
  Document document;         // what is to be
  Document delivered;        // what Sluice wrote last; empty: nothing
  std::vector<std::string> if_empty;
};

// Fields whose value differs from what was delivered: [{"name","old","new","if_empty"?}]; `old` is
// null where there was none.
[[nodiscard]] json::array field_changes(const PlannedChange& change);
// The same against what stands at the destination (a row of `lookup_remote`). Values count as equal
// when they read the same, since a destination may show another form than it was given.
[[nodiscard]] json::array field_changes(const PlannedChange& change, const json::object& remote);

// Members that are added and removed: [{"name","add","remove"}]. Only what Sluice added is ever
// removed, and against a destination's row only what is there.
[[nodiscard]] json::array set_changes(const PlannedChange& change);
[[nodiscard]] json::array set_changes(const PlannedChange& change, const json::object& remote);

}  // namespace sluice::host
