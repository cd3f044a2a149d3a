// What became of an import.
#pragma once

#include <map>
#include <set>
#include <sluice/sdk.hpp>
#include <string>

#include "job.hpp"
#include "list_changes.hpp"
#include "poll_pace.hpp"
#include "receipt.hpp"
#include "tags.hpp"
#include "write_options.hpp"

namespace activecampaign {

// Asks for one import and gives every one of its jobs an outcome: pending again, or decided.
// Rows that its answer neither names nor counts as created, all of them, count as imported only
// where the contact holds all that they say. The others, and those that the import left out, are
// written singly: that answer is their outcome.
class Settlement {
 public:
  Settlement(Client& client, OwnUnsubscriptions& own, const AccountModel& model, TagBook& tags,
             const WriteOptions& options, PollPace& pace)
      : client_{client}, own_{own}, model_{model}, tags_{tags}, options_{options}, pace_{pace} {}

  // Errors: throws what keeps the import from being asked or the account from being read.
  void settle(sluice::Context& context, const sluice::Receipt& receipt, const Jobs& jobs);

 private:
  void postpone(const sluice::Receipt& receipt, const Jobs& jobs,
                std::chrono::milliseconds at_least = {});
  void settle_finished(sluice::Context& context, const ImportReceipt& import,
                       const json::object& body, const Jobs& jobs);
  [[nodiscard]] Jobs accept_listed(sluice::Context& context, const ImportReceipt& import,
                                   const std::set<std::string>& success, const Jobs& jobs);
  [[nodiscard]] Jobs read_back(sluice::Context& context, const ImportReceipt& import,
                               const std::set<std::string>& success, const Jobs& jobs);
  [[nodiscard]] Jobs accept_named(sluice::Context& context, const std::set<std::string>& success,
                                  const Jobs& jobs);
  [[nodiscard]] Jobs accept_present(sluice::Context& context, const ImportReceipt& import,
                                    const Jobs& jobs);
  void write_again(sluice::Context& context, const Jobs& jobs);

  Client& client_;
  OwnUnsubscriptions& own_;
  const AccountModel& model_;
  TagBook& tags_;
  const WriteOptions& options_;
  PollPace& pace_;
  std::map<std::string, int> questions_;  // by receipt
};

// Makes sure of the jobs' tags; a job that needs one that cannot be had gets its outcome.
void require_tags(sluice::Context& context, TagBook& tags, const Jobs& jobs);

}  // namespace activecampaign
