// The asynchronous importer: batches wait, are claimed, become active and end, all by the account's
// clock.
//
// A row never re-subscribes: one that asks to subscribe a person to a list that the person left is
// skipped as a whole and its address named in `failure`, as are rows with an excluded or bounced
// address and those beyond the contact limit. Nothing happens in the background: `advance` applies
// what is due.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "account/account.hpp"

namespace activecampaign_sandbox {

struct BulkRow {
  ContactChange change;  // `email` is set; a blank is kept or cleared as the switches say
  std::vector<std::string> tags;
  std::vector<Id> subscribe;
  std::vector<Id> unsubscribe;
  std::string company;
  bool automations = true;
};

enum class BatchState : std::uint8_t { Waiting, Claimed, Active, Completed, Failed, Interrupted };
[[nodiscard]] std::string_view to_string(BatchState state);

// What the control endpoint arranges for batches.
struct BulkPlan {
  bool stick_waiting = false;        // while set, no batch leaves `waiting`
  std::size_t fail_next = 0;         // so many batches end as `failed`, nothing applied
  std::size_t interrupt_next = 0;    // so many batches end as `interrupted`, the first half applied
  std::size_t omit_rows = 0;         // so many rows at the end of each batch are named nowhere…
  std::size_t omit_batches = 0;      // …in so many batches…
  bool omitted_are_applied = false;  // …and applied or not
};

struct Batch {
  std::string id;
  std::int64_t submitted_ms = 0;
  std::size_t size = 0;
  BatchState state = BatchState::Waiting;
  std::vector<BulkRow> rows;  // until they are applied
  std::vector<Id> created;
  std::vector<Id> updated;
  std::vector<std::string> failure;
};

class BulkImporter {
 public:
  // Returns the batch's id. `rows` are valid rows, excluded addresses included.
  std::string submit(Account& account, std::vector<BulkRow> rows);
  // Moves every batch to the state that it has at the account's present moment.
  void advance(Account& account);
  [[nodiscard]] const Batch* find(std::string_view id) const;
  [[nodiscard]] const std::deque<Batch>& batches() const { return batches_; }

  BulkPlan plan;

 private:
  void finish(Account& account, Batch& batch);

  std::deque<Batch> batches_;
  std::map<std::string, std::size_t, std::less<>> by_id_;
  std::int64_t last_finish_ms_ = 0;
  std::size_t first_open_ = 0;  // all batches before it have ended
};

}  // namespace activecampaign_sandbox
