// The API's POST endpoints: customers, subscriptions and gifts as far as tests of readers need
// them.
#pragma once

#include <string>

#include "sluice/testing/sandbox_message.hpp"
#include "store.hpp"

namespace chargebee_sandbox {

using sluice::testing::SandboxRequest;
using sluice::testing::SandboxResponse;

// Errors: all throw ApiError as the API answers.

[[nodiscard]] SandboxResponse create_customer(Store& store, const json::object& form);
[[nodiscard]] SandboxResponse update_customer(Store& store, const std::string& id,
                                              const json::object& form);
[[nodiscard]] SandboxResponse delete_customer(Store& store, const std::string& id);
// Empties the personal fields at once; the vendor needs a while.
[[nodiscard]] SandboxResponse clear_personal_data(Store& store, const std::string& id);
[[nodiscard]] SandboxResponse add_contact(Store& store, const std::string& id,
                                          const json::object& form);

[[nodiscard]] SandboxResponse create_subscription(Store& store, const std::string& customer,
                                                  const json::object& form);
[[nodiscard]] SandboxResponse update_subscription(Store& store, const std::string& id,
                                                  const json::object& form);
[[nodiscard]] SandboxResponse cancel_subscription(Store& store, const std::string& id,
                                                  const json::object& form);
[[nodiscard]] SandboxResponse reactivate_subscription(Store& store, const std::string& id);
[[nodiscard]] SandboxResponse delete_subscription(Store& store, const std::string& id);

[[nodiscard]] SandboxResponse create_gift(Store& store, const json::object& form);
[[nodiscard]] SandboxResponse claim_gift(Store& store, const std::string& id);
[[nodiscard]] SandboxResponse cancel_gift(Store& store, const std::string& id);

// The defaults of a row that someone else makes (a mutation or a seed file): whatever the API
// always sends.
[[nodiscard]] json::object with_defaults(Store& store, const ResourceKind& kind,
                                         json::object values);

}  // namespace chargebee_sandbox
