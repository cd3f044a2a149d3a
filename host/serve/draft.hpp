// What the wizard sends: one side to try, or a whole new integration, and the file that it makes.
#pragma once

#include <map>
#include <sluice/json.hpp>
#include <string>

namespace sluice::host::serve {

// What `connectors inspect` says, by connector.
using Specs = std::map<std::string, json::object>;

// `Side` of openapi.yaml, held against the connector's options.
struct TrialSide {
  std::string role;    // "source" or "destination"
  json::object block;  // what would stand under it in a file; a secret in plain is in here
};
// Errors: Problem 422 with a pointer to each place. Values of secrets are in none of its messages.
[[nodiscard]] TrialSide trial_side_of(const json::object& side, const Specs& specs);

// `Draft` of openapi.yaml, as a file.
struct NewFile {
  std::string integration;
  json::object document;  // free of secrets
  // What was typed in plain for a secret, by the file that it goes into, below the folder of the
  // integration files; the document refers to it.
  std::map<std::string, std::string> secrets;
};
// Errors: as above.
[[nodiscard]] NewFile new_file_of(const json::object& draft, const Specs& specs);

}  // namespace sluice::host::serve
