// jq's arithmetic on any two values.
#pragma once

#include "mapping/expression/node.hpp"

namespace sluice::host::expr {

Value add(Scope& scope, Value left, Value right);
Value subtract(Scope& scope, Value left, Value right);
Value multiply(Scope& scope, Value left, Value right);
Value divide(Scope& scope, Value left, Value right);
Value remainder(Scope& scope, Value left, Value right);

// The parts of `text` between occurrences of `separator`; its characters for an empty one; nothing
// for an empty text.
Value split_text(Scope& scope, std::string_view text, std::string_view separator);

}  // namespace sluice::host::expr
