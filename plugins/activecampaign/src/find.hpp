// Finding contacts by e-mail.
#pragma once

#include <optional>
#include <sluice/sdk.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "client.hpp"

namespace activecampaign {

struct Found {
  std::optional<json::object> contact;  // the row; none: there is no such contact
  json::object page;                    // the whole answer
  std::optional<Answer> problem;        // set: it could not be asked
};

// One result for every e-mail. `include` names collections to send along, such as "fieldValues".
// Ids are never taken from memory: a contact that was deleted or merged keeps its id, under an
// e-mail like deleted+7@…, and only the e-mail says which contact is meant.
[[nodiscard]] std::vector<Found> find_contacts(sluice::Context& context, Client& client,
                                               const std::vector<std::string>& emails,
                                               std::string_view include = {});

// The row of this e-mail among `contacts` of an answer. Some filters are ignored in silence, so
// that the first row need not be the right one.
[[nodiscard]] std::optional<json::object> row_of_email(const json::object& page,
                                                       std::string_view email);

}  // namespace activecampaign
