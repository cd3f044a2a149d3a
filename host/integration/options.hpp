// Checks the options of a connector, stream or object against the JSON Schema that the connector
// declares for them.
//
// The schema is the subset of JSON Schema that `sluice::Spec` writes: `type`, `properties`,
// `required`, `enum`, `default`, `items`, `minimum`, `maximum`, `additionalProperties: false`,
// `writeOnly`. Other keywords are passed over.
#pragma once

#include <sluice/json.hpp>
#include <string>
#include <vector>

#include "integration/integration.hpp"

namespace sluice::host {

// The place that options stand in, for messages.
struct OptionScope {
  std::string name;  // "source", "syncs.customers.write"
  Position at;       // where a missing option is reported
  std::vector<std::string>
      generic_keys;  // keys of the same block that are not the connector's, for "did you mean"
};

// The keys that every `source:`/`destination:`, `read:` and `write:` takes.
[[nodiscard]] std::vector<std::string> connection_keys();
[[nodiscard]] std::vector<std::string> read_keys();
[[nodiscard]] std::vector<std::string> write_keys();

// Everything that is wrong with `options`. An option that the schema marks `writeOnly` (a secret)
// but that stands in the file in plain text is a warning. Options whose `${…}` has no value here
// count as present and are not checked further. Values of secrets and of `${…}` never appear in a
// message.
[[nodiscard]] std::vector<Diagnostic> validate_options(const json::object& options,
                                                       const json::object& json_schema,
                                                       const OptionPositions& positions,
                                                       const std::string& file,
                                                       const OptionScope& scope = {});

// Makes valid options what the connector expects: absent ones get their default, and a string that
// came from `${…}` becomes the integer, number or boolean that the schema asks for.
void apply_defaults(json::object& options, const json::object& json_schema,
                    const OptionPositions& positions = {});

}  // namespace sluice::host
