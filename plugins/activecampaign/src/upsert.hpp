// The single path's first half: the contact itself, by contact/sync, POST or PUT contacts.
#pragma once

#include <map>
#include <set>
#include <sluice/sdk.hpp>
#include <string>
#include <vector>

#include "job.hpp"
#include "write_options.hpp"

namespace activecampaign {

// Afterwards every open job has its contact_id, and the contact's fields are as written.
class Upsert {
 public:
  Upsert(Client& client, const WriteOptions& options) : client_{client}, options_{options} {}
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
    std::vector<const CustomValue*> unproven;
    json::object uncleared;  // built-in fields to clear by null
  };

  void find_targets(sluice::Context& context);
  void find(sluice::Context& context, const std::vector<Progress*>& wanted, bool by_previous_key);
  void refuse_missing();
  void drop_filled_fields(sluice::Context& context);
  void write(sluice::Context& context);
  [[nodiscard]] sluice::HttpRequest request_of(const Progress& progress) const;
  void take(Progress& progress, const Answer& answer);
  void take_refusal(Progress& progress, const Answer& answer);
  void accept(Progress& progress, const Answer& answer);
  void check_echo(Progress& progress, const json::object& body);
  void settle_taken_keys(sluice::Context& context);
  void settle_unknown_creations(sluice::Context& context);
  void sync_again(sluice::Context& context, const std::vector<Progress*>& wanted);
  void clear_built_in_by_null(sluice::Context& context);
  void prove_values(sluice::Context& context);

  Client& client_;
  const WriteOptions& options_;
  std::vector<Progress> rows_;
};

}  // namespace activecampaign
