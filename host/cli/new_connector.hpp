// `sluice connectors new`: a connector's project to start from.
#pragma once

#include <filesystem>
#include <string>

namespace sluice::host::cli {

// Writes the project `kind` ("source" or "destination") of connector `id` into `folder`, which must
// not exist or be empty. Errors: Error{Config} that says what to do.
void write_connector_project(const std::string& kind, const std::string& id,
                             const std::filesystem::path& folder);

}  // namespace sluice::host::cli
