// The API's GET endpoints.
#pragma once

#include <string>
#include <string_view>

#include "sluice/testing/sandbox_message.hpp"
#include "store.hpp"

namespace chargebee_sandbox {

using sluice::testing::SandboxRequest;
using sluice::testing::SandboxResponse;

// Errors: all throw ApiError as the API answers.

// GET /{plural}
[[nodiscard]] SandboxResponse list_rows(Store& store, const ResourceKind& kind,
                                        const SandboxRequest& request);
// GET /{plural}/{id}
[[nodiscard]] SandboxResponse retrieve_row(Store& store, const ResourceKind& kind,
                                           const std::string& id);
// GET /customers/{id}/{plural}: that customer's rows, without siblings.
[[nodiscard]] SandboxResponse list_of_customer(Store& store, const ResourceKind& kind,
                                               const std::string& customer,
                                               const SandboxRequest& request);
[[nodiscard]] SandboxResponse list_contacts(Store& store, const std::string& customer,
                                            const SandboxRequest& request);
[[nodiscard]] SandboxResponse list_custom_field_configs(Store& store,
                                                        const SandboxRequest& request);
[[nodiscard]] SandboxResponse list_configurations(const Store& store);

// A row and its siblings as single objects are answered: {"customer": {…}, "card": {…}}.
[[nodiscard]] std::string wrap_row(Store& store, const ResourceKind& kind, RowNumber row,
                                   bool as_listed);
// Throws ApiError (400 configuration_incompatible) when the site's product catalogue lacks the
// resource.
void require_catalog(const Store& store, int catalog);

}  // namespace chargebee_sandbox
