// Imports whose answer was lost: nobody knows their batches, yet they will be carried out.
#pragma once

#include <chrono>
#include <sluice/sdk.hpp>

#include "client.hpp"

namespace activecampaign {

// Waits until the account has no import outstanding, anybody's, since they are told by number only;
// at most so long, then it says so. An account that does not tell is taken for one without. Errors:
// Cancelled.
void await_outstanding_imports(sluice::Context& context, Client& client,
                               std::chrono::milliseconds patience);

}  // namespace activecampaign
