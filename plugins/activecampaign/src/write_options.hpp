// What `write:` may say for contacts.
#pragma once

#include <optional>
#include <sluice/sdk.hpp>
#include <string>

#include "account_model.hpp"
#include "consent.hpp"

namespace activecampaign {

enum class TransportChoice { Auto = 1, Sync, Bulk };

struct WriteOptions {
  std::optional<std::string> list_id;  // every written contact becomes a member
  TransportChoice transport = TransportChoice::Auto;
  Resubscribe resubscribe = Resubscribe::Own;
  bool exclude_automations = false;
  bool create_tags = true;
  std::string delete_tag = "deleted-in-source";
  sluice::WriteMode mode = sluice::WriteMode::Upsert;
};

// With the account's lists as choices, if they are known.
[[nodiscard]] sluice::Spec write_spec(const AccountModel& model = {});
// Errors: Error{Config}, also for a list that the account does not have or has twice.
[[nodiscard]] WriteOptions read_write_options(const sluice::Config& config,
                                              const AccountModel& model);

}  // namespace activecampaign
