// Sending contacts through the bulk importer.
#pragma once

#include <sluice/sdk.hpp>
#include <vector>

#include "import_body.hpp"
#include "poll_pace.hpp"

namespace activecampaign {

// Sends the jobs, all of which fit an import, and answers those that it took as pending and those
// that it named as rejected. Jobs that are still open afterwards must go singly.
// Errors: throws Error{Auth} when the account refuses, Error{Cancelled}.
void import_contacts(sluice::Context& context, Client& client, const TagBook& tags,
                     const WriteOptions& options, const PollPace& pace, const Jobs& jobs);

}  // namespace activecampaign
