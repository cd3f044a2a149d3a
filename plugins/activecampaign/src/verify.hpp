// What a write would change at a contact that has been read.
#pragma once

#include <sluice/sdk.hpp>

#include "job.hpp"
#include "remote_contact.hpp"
#include "write_options.hpp"

namespace activecampaign {

// By the rules that writing follows: values are compared as the vendor stores them, lists only
// where the person's consent lets them be joined, and `mode: create` leaves what exists alone.
[[nodiscard]] sluice::Difference compare(const Job& job, const RemoteContact& contact,
                                         const AccountModel& model, const WriteOptions& options);

}  // namespace activecampaign
