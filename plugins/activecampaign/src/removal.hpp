// What a deletion in the source does to the contact.
#pragma once

#include <sluice/sdk.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "job.hpp"
#include "list_changes.hpp"
#include "tags.hpp"
#include "write_options.hpp"

namespace activecampaign {

inline constexpr std::string_view kUnsubscribeAction = "unsubscribe";
inline constexpr std::string_view kTagAction = "tag";
inline constexpr std::string_view kDeleteAction = "delete";

[[nodiscard]] std::vector<std::string> delete_actions();

// Gives every open job, all of them deletions, its outcome. Memberships are read first, so that
// what the person decided is reported and outlives the contact.
void remove_contacts(sluice::Context& context, Client& client, OwnUnsubscriptions& own,
                     const TagBook& tags, const Jobs& jobs);

}  // namespace activecampaign
