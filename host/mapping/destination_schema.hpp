// What is known of a destination object's fields, for converting and checking values.
#pragma once

#include <cstdint>
#include <optional>
#include <sluice/destination.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::host {

struct DestinationField {
  std::string name;  // as the integration file names it
  FieldType type = FieldType::Text;
  bool set = false;  // holds a set of texts, changed by adding and removing members
  bool built_in = false;
  bool required = false;
  std::vector<std::string> options;         // for Option and Options; empty: any value
  std::optional<std::uint32_t> max_length;  // in characters
};

// Without fields: nothing is known, as when a file is checked without a connection.
struct DestinationSchema {
  std::vector<DestinationField> fields;
  bool key_fold_lower = false;  // keys that differ only in case, or in space around them, are one

  // nullptr when there is no such field (yet).
  [[nodiscard]] const DestinationField* find(std::string_view name) const noexcept;
};

}  // namespace sluice::host
