// One contact a call: contact/sync (or POST, PUT contacts), then its lists, then its tags.
#pragma once

#include <sluice/sdk.hpp>

#include "job.hpp"
#include "list_changes.hpp"
#include "tags.hpp"
#include "write_options.hpp"

namespace activecampaign {

// Gives every open job its outcome. The rows' tags are in `tags` already.
// Errors: throws Error{Auth} when the account refuses, Error{Cancelled}.
void write_singly(sluice::Context& context, Client& client, OwnUnsubscriptions& own,
                  const TagBook& tags, const WriteOptions& options, const Jobs& jobs);

}  // namespace activecampaign
