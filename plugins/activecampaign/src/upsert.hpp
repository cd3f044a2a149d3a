// The single path's first half: the contact itself, by contact/sync, POST or PUT contacts.
#pragma once

#include <sluice/sdk.hpp>
#include <string>
#include <vector>

#include "job.hpp"
#include "list_changes.hpp"
#include "value_proof.hpp"
#include "write_options.hpp"

namespace activecampaign {

// Afterwards every open job has its contact_id, and the contact's fields are as written.
class Upsert {
 public:
  Upsert(Client& client, OwnUnsubscriptions& own, const WriteOptions& options)
      : client_{client}, own_{own}, options_{options} {}
  void run(sluice::Context& context, const Jobs& jobs);

 private:
  // What one job needs between the phases.
  struct Progress {
    Job* job = nullptr;
    std::string target;     // id of the contact to change by PUT
    json::object existing;  // its row, when it was looked up
    bool exists = false;
    bool taken = false;  // the new key belongs to another contact
    bool fate_unknown = false;
  };

  void find_targets(sluice::Context& context);
  void find(sluice::Context& context, const std::vector<Progress*>& wanted, bool by_previous_key);
  void refuse_missing();
  void drop_filled_fields(sluice::Context& context);
  void leave_lists(sluice::Context& context);
  void write(sluice::Context& context);
  [[nodiscard]] sluice::HttpRequest request_of(const Progress& progress) const;
  void take(Progress& progress, const Answer& answer);
  void take_refusal(Progress& progress, const Answer& answer);
  void accept(Progress& progress, const Answer& answer);
  void settle_taken_keys(sluice::Context& context);
  void settle_unknown_creations(sluice::Context& context);
  void sync_again(sluice::Context& context, const std::vector<Progress*>& wanted);

  Client& client_;
  OwnUnsubscriptions& own_;
  const WriteOptions& options_;
  std::vector<Progress> rows_;
  ValueProof proof_;
};

}  // namespace activecampaign
