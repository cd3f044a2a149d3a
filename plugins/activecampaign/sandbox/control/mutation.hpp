// The single steps of a mutation, see mutate.hpp for their arguments. Each throws sluice::Error for
// an argument that it does not understand or a row that does not exist.
#pragma once

#include <vector>

#include "account/account.hpp"
#include "account/bulk_importer.hpp"
#include "sluice/json.hpp"

namespace activecampaign_sandbox {

namespace json = boost::json;

struct Mutation {
  Account& account;
  BulkImporter& importer;
  std::vector<Id> created;
  std::vector<Id> updated;
  std::vector<Id> deleted;
};

void mutate_create_contacts(Mutation& mutation, const json::value& contacts);
void mutate_update_contacts(Mutation& mutation, const json::value& contacts);
void mutate_delete_contacts(Mutation& mutation, const json::value& contacts);
void mutate_merge_contacts(Mutation& mutation, const json::value& pairs);
void mutate_set_membership(Mutation& mutation, const json::value& memberships);
void mutate_add_tags(Mutation& mutation, const json::value& tags);
void mutate_remove_tags(Mutation& mutation, const json::value& tags);
void mutate_bounce(Mutation& mutation, const json::value& emails);
void mutate_unbounce(Mutation& mutation, const json::value& emails);

void mutate_add_fields(Mutation& mutation, const json::value& fields);
void mutate_remove_fields(Mutation& mutation, const json::value& titles);
void mutate_add_lists(Mutation& mutation, const json::value& names);
void mutate_remove_lists(Mutation& mutation, const json::value& names);
void mutate_add_tag_names(Mutation& mutation, const json::value& names);
void mutate_remove_tag_names(Mutation& mutation, const json::value& names);
void mutate_exclude(Mutation& mutation, const json::value& exclusions);
void mutate_unexclude(Mutation& mutation, const json::value& phrases);
void mutate_contact_limit(Mutation& mutation, const json::value& limit);
void mutate_bulk(Mutation& mutation, const json::value& plan);
void mutate_switches(Mutation& mutation, const json::value& switches);

// Helpers of the steps.
[[nodiscard]] const json::array& as_list(const json::value& value);
[[nodiscard]] const json::object& as_object(const json::value& value);
// Errors: throws Error{Config} naming the member that is missing.
[[nodiscard]] std::string required_text(const json::object& object, std::string_view name);
[[nodiscard]] std::string as_text(const json::value& value);
// By address or id, by name or id, by title or id. Errors: throws Error{NotFound}.
[[nodiscard]] Contact& named_contact(Account& account, const std::string& name);
[[nodiscard]] List& named_list(Account& account, const std::string& name);
[[nodiscard]] Field& named_field(Account& account, const std::string& name);

}  // namespace activecampaign_sandbox
