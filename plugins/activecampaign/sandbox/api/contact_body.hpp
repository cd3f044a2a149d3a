// Reads what a request says about a contact.
#pragma once

#include "account/account.hpp"
#include "api/call.hpp"

namespace activecampaign_sandbox {

// Everything but the address. Unknown members are ignored, as are values for fields that are named
// by anything but a number. Errors: throws ApiError where a switch asks for it.
[[nodiscard]] ContactChange read_contact_change(const Call& call, const json::object& contact);

// The address of the body, or empty. It is not checked.
[[nodiscard]] std::string read_email(const json::object& contact);

// The query of GET /contacts.
[[nodiscard]] ContactQuery read_contact_query(const Call& call);

}  // namespace activecampaign_sandbox
