// What can be told of an integration file without any connection.
#pragma once

#include <functional>
#include <sluice/json.hpp>

#include "integration/load.hpp"

namespace sluice::host {

// A connector's spec. Errors: Error when it cannot be used.
using SpecOf = std::function<json::object(const Connection& connection)>;

// Adds to what the loader found what the connectors say of their options, and the expressions'
// errors; in the order of the file.
void lint_further(LintResult& result, const std::string& file, const SpecOf& spec_of);

}  // namespace sluice::host
