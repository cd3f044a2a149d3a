// Checks a tree against the grammar.
#pragma once

#include <string>

#include "integration/findings.hpp"
#include "integration/grammar.hpp"
#include "integration/substitute.hpp"
#include "integration/yaml.hpp"

namespace sluice::host {

// Reports every place where the tree does not have its shape. Values that `${…}` leaves without a
// value are passed over.
void check_shape(const YamlNode& root, const Shape& shape, const Substitution& substitution,
                 Findings& findings);

}  // namespace sluice::host
