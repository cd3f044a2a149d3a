// POST /_sandbox/mutate and seed files: changes that a test plants.
//
//   {"create": 5, "update": 3, "delete": 2, "seed": 7}
//       New customers (with subscriptions), edits of random live customers or of one of their
//       subscriptions, deletions of random live customers that no gift ties. Answers {"created":
//       [ids], "updated": [ids], "deleted": [ids], "updated_subscriptions": [ids]}; `updated` holds
//       customers, `updated_subscriptions` the edits that touched a subscription only. The same
//       seed and state give the same changes. "fields": "customer"|"subscription" restricts the
//       edits.
//   {"set": [{"type": "customer", "id": "x", "values": {"email": "a@b.example", "phone": null}}]}
//       Changes attributes; null takes one away. The row gets a new resource_version and updated_at
//       and an event, unless the values name those attributes themselves; "touch": false changes
//       neither, "event": false records none. "merge": false replaces the whole row.
//   {"insert": [{"type": "subscription", "values": {"customer_id": "x", …}}]}
//       Adds rows with the API's defaults; created_at and updated_at are now unless given
//       ("updated_at": null: none). A row of that id is replaced, a deleted one included. "event":
//       false as above.
//   {"delete": [{"type": "customer", "id": "x"}]}   as the API deletes: the row stays, with
//   deleted:true
//   {"remove": [{"type": "customer", "id": "x"}]}   without a trace
//
// All may stand together; they run in the order insert, set, delete, remove, create, update, delete
// by number. The answer holds the ids that were touched, by operation.
#pragma once

#include <cstdint>

#include "store.hpp"

namespace chargebee_sandbox {

class Mutator {
 public:
  explicit Mutator(Store& store) : store_{store} {}

  // Errors: throws sluice::Error{Config} when the mutation makes no sense, ApiError when the API
  // would refuse it.
  [[nodiscard]] json::value run(const json::object& mutation);
  // Rows to start from: a mutation's "insert", or a dump with arrays by plural name. Records no
  // events.
  void load_seed(const json::object& seed);

 private:
  std::string insert(const ResourceKind& kind, json::object values, bool event);
  std::string set(const json::object& change);
  void create_random(Draw& draws, std::uint64_t seed, json::array& created);
  bool update_random(Draw& draws, std::string_view fields, json::object& out);
  bool delete_random(Draw& draws, json::array& deleted);
  [[nodiscard]] std::optional<RowNumber> random_customer(Draw& draws, bool untied);

  Store& store_;
  std::uint64_t next_index_ = 0;
};

}  // namespace chargebee_sandbox
