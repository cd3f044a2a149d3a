// What can be written to an account.
#pragma once

#include <sluice/sdk.hpp>

#include "account_model.hpp"

namespace activecampaign {

inline constexpr auto kContacts = "contacts";

// What is described: custom fields, and lists if the account shows them.
[[nodiscard]] AccountModel load_model(sluice::Context& context, Client& client);

// The object `contacts` with its built-in and custom fields, and its lists as choices of the option
// `list`. Custom fields of the same title are named by their personalisation tags, the only names
// that are theirs alone.
[[nodiscard]] sluice::Object describe_contacts(const AccountModel& model);

// Types of fields that can be created, as the vendor calls them; nothing for the others.
[[nodiscard]] std::optional<std::string> creatable_type(sluice::FieldType type);

}  // namespace activecampaign
