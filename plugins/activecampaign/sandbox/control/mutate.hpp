// POST /_sandbox/mutate: what people and other programs do to the account meanwhile, planted
// exactly. None of it counts as a write of the API.
//
// A body may hold several of these members; they are carried out in this order:
//
//   {"create": n, "update": n, "delete": n, "seed": s}           made-up contacts; equal seeds do
//   the same
//   {"add_fields": ["Title", "Title:type:option|option", {"title", "type"?, "perstag"?, "options"?:
//   ["…"]}]}
//   {"remove_fields": ["Title"]}
//   {"add_lists": ["Name"], "remove_lists": ["Name"]}
//   {"add_tag_names": ["tag", {"name", "type"}], "remove_tag_names": ["tag"]}
//   {"create_contacts": [{"email", "firstName"?, "lastName"?, "phone"?, "fields"?: {"Title": "v"},
//   "tags"?: ["t"],
//                         "lists"?: {"Customers": 1}}]}
//   {"update_contacts": [{"email" or "id", "new_email"?, … as above}]}
//   {"delete_contacts": ["a@b.co"]}
//   {"merge_contacts": [{"from": "a@b.co", "into": "c@d.co"}]}
//   {"set_membership": [{"email", "list": "Customers", "status": 2, "from"?: 1}]}    `from`: only
//   where the membership has that status now
//   {"add_tags": [{"email", "tag"}], "remove_tags": [{"email", "tag"}]}
//   {"bounce": ["a@b.co"], "unbounce": ["a@b.co"]}
//   {"exclude": ["a@b.co", {"phrase": "@b.co", "match": "end", "channel": "all"}], "unexclude":
//   ["a@b.co"]}
//   {"contact_limit": n | null}
//   {"bulk": {"stick_waiting": true, "fail_next": n, "interrupt_next": n,
//             "omit_rows": n, "omit_batches"?: 1, "omitted_are_applied"?: false}}
//   {"switches": {"bad-token": "html200", …}}                    any switch of the command line
//
// Contacts are named by address, or by id where the text has no `@`; lists by name or id; fields by
// title or id. The answer is {"touched": ["ids of contacts"], "created": […], "updated": […],
// "deleted": […]}.
#pragma once

#include "account/account.hpp"
#include "account/bulk_importer.hpp"
#include "sluice/json.hpp"

namespace activecampaign_sandbox {

// Errors: throws sluice::Error{Config} for a member that is not known, NotFound for a row that does
// not exist; what came before it has happened.
[[nodiscard]] boost::json::value mutate(Account& account, BulkImporter& importer,
                                        const boost::json::object& body);

}  // namespace activecampaign_sandbox
