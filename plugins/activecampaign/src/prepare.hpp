// Making sure that the account has the fields that will be written.
#pragma once

#include <sluice/sdk.hpp>
#include <vector>

#include "account_model.hpp"

namespace activecampaign {

// Creates missing custom fields and makes them visible; with dry_run only says what is missing.
// Repeatable, also after a lost answer. Errors: Error{Config} when the list of the options does not
// exist; what keeps the account from being read.
[[nodiscard]] std::vector<sluice::PreparedField> prepare_fields(
    sluice::Context& context, Client& client, const sluice::PrepareRequest& request);

}  // namespace activecampaign
