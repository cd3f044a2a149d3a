// Making sure that the account has the fields that will be written.
#pragma once

#include <sluice/sdk.hpp>
#include <vector>

#include "known_account.hpp"

namespace activecampaign {

// Creates missing custom fields and makes them visible; with dry_run only says what is missing.
// What it changes is no longer known.
// Repeatable, also after a lost answer. Errors: Error{Config} when the list of the options does not
// exist; what keeps the account from being read.
[[nodiscard]] std::vector<sluice::PreparedField> prepare_fields(
    sluice::Context& context, Client& client, KnownAccount& known,
    const sluice::PrepareRequest& request);

}  // namespace activecampaign
