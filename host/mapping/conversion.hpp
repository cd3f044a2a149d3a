// Values as a destination's fields take them.
#pragma once

#include <optional>
#include <sluice/json.hpp>
#include <string>
#include <vector>

#include "mapping/destination_schema.hpp"

namespace sluice::host {

// A field to be written: what the file and the destination say about it.
struct Target {
  std::string name;
  std::optional<FieldType> type;  // none: as the value is
  bool set = false;
  bool required = false;
  std::vector<std::string> options;
  std::optional<std::uint32_t> max_length;
};

struct ConversionProblem {
  std::string stage;  // "mapping" or "constraint"
  std::string code;
  std::string message;
};

// The value as the target takes it; null stays null. A problem, when it cannot.
[[nodiscard]] std::optional<ConversionProblem> convert(const json::value& value,
                                                       const Target& target, json::value& out);

// Adds the members that the value means to a set: an array's elements or a single one; null and
// empty texts are none.
[[nodiscard]] std::optional<ConversionProblem> add_members(const json::value& value,
                                                           const Target& target,
                                                           std::vector<std::string>& members);

}  // namespace sluice::host
