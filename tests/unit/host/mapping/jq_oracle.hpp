// The jq program as the judge of what an expression means.
#pragma once

#include <optional>
#include <sluice/json.hpp>
#include <string>
#include <vector>

namespace sluice::testing {

struct JqCase {
  std::string expression;
  json::value input;
};

// What jq makes of a case.
struct JqAnswer {
  enum class Kind { Values, Failed, Refused };  // Refused: jq does not compile it
  Kind kind = Kind::Refused;
  json::array values;
  std::string text;  // the values as jq wrote them
};

[[nodiscard]] bool jq_available();

// Asks jq about all cases in few processes.
[[nodiscard]] std::vector<JqAnswer> ask_jq(const std::vector<JqCase>& cases);

}  // namespace sluice::testing
