// Reads and validates the body of a bulk import. One bad row refuses the whole request.
#pragma once

#include <vector>

#include "account/bulk_importer.hpp"
#include "api/call.hpp"

namespace activecampaign_sandbox {

// Bodies must be smaller than this.
inline constexpr std::size_t kMaxImportBytes = 400'000;
inline constexpr std::size_t kMaxImportContacts = 250;

// The rows of the request; members that are not known, such as camelCase names, are dropped
// silently. Errors: throws ApiError{400} with the reasons, rows numbered from 1.
[[nodiscard]] std::vector<BulkRow> read_import(const Call& call);

}  // namespace activecampaign_sandbox
