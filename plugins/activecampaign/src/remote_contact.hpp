// Contacts as the account has them: fields, memberships and tags.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <sluice/sdk.hpp>
#include <string>
#include <vector>

#include "account_model.hpp"
#include "consent.hpp"
#include "tags.hpp"

namespace activecampaign {

struct RemoteContact {
  std::string id;
  std::string email;
  json::object row;                           // as `contacts` shows it
  std::map<std::string, std::string> values;  // by field id
  Memberships lists;
  std::vector<std::string> tags;  // ids
};

// One result for every e-mail or id, none where there is no such contact (any more).
// Errors: throws what keeps a contact from being read.
[[nodiscard]] std::vector<std::optional<RemoteContact>> read_contacts(
    sluice::Context& context, Client& client, const std::vector<std::string>& emails);
[[nodiscard]] std::vector<std::optional<RemoteContact>> read_contacts_by_id(
    sluice::Context& context, Client& client, const std::vector<std::string>& ids);

// The same for many e-mails at once, found in pages of the contacts that have changed since then:
// none where there is no such contact, and where it has not changed.
[[nodiscard]] std::vector<std::optional<RemoteContact>> read_changed_contacts(
    sluice::Context& context, Client& client, std::chrono::system_clock::time_point since,
    const std::vector<std::string>& emails);

// The rows of these ids, as many a call as the vendor gives; ids that it does not answer for are
// absent. By id.
[[nodiscard]] std::map<std::string, json::object> read_rows_by_id(
    sluice::Context& context, Client& client, const std::vector<std::string>& ids);

// What a deleted contact's row looks like where it is still shown.
[[nodiscard]] bool is_tombstone(const json::object& row);

// As the host knows contacts: fields by API name or title, sets by name.
[[nodiscard]] sluice::RemoteRow to_row(const RemoteContact& contact, const AccountModel& model);

}  // namespace activecampaign
