// The API's routes. One function a route; the table below says which path leads where.
#pragma once

#include <span>
#include <string_view>

#include "api/call.hpp"

namespace activecampaign_sandbox {

struct Route {
  std::string_view method;
  std::string_view pattern;  // below /api/3
  SandboxResponse (*handle)(const Call&);
};

// In the order in which they must be tried.
[[nodiscard]] std::span<const Route> contact_routes();
[[nodiscard]] std::span<const Route>
contact_row_routes();  // contactLists, contactTags, fieldValues
[[nodiscard]] std::span<const Route> list_routes();
[[nodiscard]] std::span<const Route> field_routes();
[[nodiscard]] std::span<const Route> tag_routes();
[[nodiscard]] std::span<const Route> import_routes();
[[nodiscard]] std::span<const Route> company_routes();  // accounts, accountContacts
[[nodiscard]] std::span<const Route> user_routes();     // users/me, settings/account

}  // namespace activecampaign_sandbox
