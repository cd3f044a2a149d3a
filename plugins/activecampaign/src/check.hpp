// Does the connection work?
#pragma once

#include <sluice/sdk.hpp>

#include "settings.hpp"

namespace activecampaign {

// Asks who the API key belongs to. Errors: Error{Auth, NotFound, RateLimited, Transient}, each
// saying what to do.
[[nodiscard]] sluice::Account check_account(sluice::Context& context, const Settings& settings);

}  // namespace activecampaign
