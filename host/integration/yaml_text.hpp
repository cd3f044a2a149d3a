// Writes an integration file: YAML for people, that reads back as the document it was made of.
#pragma once

#include <sluice/json.hpp>
#include <string>

namespace sluice::host {

// `document` as block mappings, what lies deeper than a sync's `fields:` in {…}. Keys keep their
// order, empty objects and arrays included. Texts are written without quotes where they stay texts
// so.
[[nodiscard]] std::string yaml_text(const json::object& document);

}  // namespace sluice::host
