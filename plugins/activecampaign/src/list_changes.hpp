// The single path's second half: memberships of lists.
#pragma once

#include <sluice/sdk.hpp>

#include "job.hpp"

namespace activecampaign {

// Fills `memberships` of every job by its contact_id; fails a job that cannot be read.
void read_memberships(sluice::Context& context, Client& client, const Jobs& jobs);

[[nodiscard]] Memberships memberships_of(const json::array& rows, std::string_view contact_id = {});

// Joins and leaves the lists that the open jobs' contacts ask for, as far as consent allows.
// Contacts that existed are read first.
void change_lists(sluice::Context& context, Client& client, const Jobs& jobs, Resubscribe policy);

// Before the jobs' contacts, by their contact_id, get another e-mail whose person has left lists:
// ends their memberships of these, so that no list is ever active at an address that has left it.
void leave_lists_of_new_key(sluice::Context& context, Client& client, const Jobs& jobs);

}  // namespace activecampaign
