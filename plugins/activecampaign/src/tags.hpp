// Tags: their ids by name, created when missing; adding them to contacts and removing them.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <sluice/sdk.hpp>
#include <string>
#include <vector>

#include "account_model.hpp"
#include "job.hpp"

namespace activecampaign {

// Makes sure that tags exist before rows need them. Threads: [exclusive].
class TagBook {
 public:
  TagBook(Client& client, AccountModel& model, bool creates)
      : client_{client}, model_{model}, creates_{creates} {}

  // Reads the account's tags if that has not been done, and creates those of `names` that are
  // missing. A tag that cannot be had is remembered for `problem`.
  void require(sluice::Context& context, const std::set<std::string>& names);
  // Why a row that needs this tag cannot be written; nothing when it can.
  [[nodiscard]] std::optional<sluice::Outcome> problem(const std::string& name) const;
  [[nodiscard]] const Tag* find(const std::string& name) const { return model_.find_tag(name); }
  // For reading: the account's tags, read once.
  void load(sluice::Context& context);

 private:
  void create(sluice::Context& context, const std::string& name);

  Client& client_;
  AccountModel& model_;
  bool creates_;
  std::map<std::string, sluice::Outcome> problems_;  // by folded name
};

// Adds and removes the tags of the open jobs' contacts.
void change_tags(sluice::Context& context, Client& client, const Jobs& jobs, const TagBook& tags);

}  // namespace activecampaign
