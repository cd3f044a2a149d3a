// Did the values arrive? The vendor ignores unknown fields in silence, and does not document how
// every kind of value is cleared.
#pragma once

#include <sluice/sdk.hpp>
#include <vector>

#include "job.hpp"

namespace activecampaign {

// Collects what the answers of a batch leave open, and settles it.
class ValueProof {
 public:
  // Compares the answer to a write with what the job sent.
  void note(Job& job, const json::object& answer);
  // The contact was written, but there is no answer to compare with.
  void note_unanswered(Job& job);
  // Clears what was not cleared, reads what was not echoed; fails the jobs whose values the account
  // does not take.
  void settle(sluice::Context& context, Client& client);

 private:
  struct Doubt {
    Job* job = nullptr;
    std::vector<const CustomValue*> unproven;
    json::object uncleared;  // built-in fields that still have a value
  };

  void clear_by_null(sluice::Context& context, Client& client);
  void read_unproven(sluice::Context& context, Client& client);

  std::vector<Doubt> doubts_;
};

}  // namespace activecampaign
