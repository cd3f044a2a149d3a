// GET /_sandbox/dump: the whole account in terms that a checker can compare: lists, tags and fields
// by name.
//
//   {"account": {"contacts": n, "deleted": n, "contact_limit": n|null},
//    "contacts": [{"id": "1", "email", "firstName", "lastName", "phone", "bounced": false,
//                  "lists": {"Customers": 1}, "tags": ["a", "b"], "fields": {"Title": "value"},
//                  "account": "Company"|null, "writes": n, "writes_by": {"sync": n, …},
//                  "automation_runs": n, "cdate", "udate"}],                        in id order;
//                  tags sorted; empty values left out
//    "deleted": [{"id", "email", "writes"}],
//    "lists": [{"id", "name", "members", "active"}], "tags": [{"id", "name", "type",
//    "subscribers"}], "fields": [{"id", "title", "type", "perstag", "options": ["…"], "lists":
//    ["0"]}], "exclusions": [{"id", "phrase", "match"}], "bounced": ["…"], "batches": [{"id",
//    "status", "contacts", "created": ["1"], "updated": ["2"], "failure": ["a@b.co"]}]}
#pragma once

#include <string>

#include "account/account.hpp"
#include "account/bulk_importer.hpp"

namespace activecampaign_sandbox {

[[nodiscard]] std::string dump(const Account& account, const BulkImporter& importer);

}  // namespace activecampaign_sandbox
