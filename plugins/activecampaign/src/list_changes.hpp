// The single path's second half: memberships of lists.
#pragma once

#include <set>
#include <sluice/sdk.hpp>
#include <string>
#include <utility>

#include "job.hpp"

namespace activecampaign {

// Unsubscriptions that a writer has sent and has not told of: their answers were lost, or the write
// that they belong to is tried again. What they have done is Sluice's work, not the person's.
class OwnUnsubscriptions {
 public:
  void sent(const std::string& contact_id, const std::string& list) {
    sent_.emplace(contact_id, list);
  }
  // The contact was seen on the list, or what was done is known for good.
  void forget(const std::string& contact_id, const std::string& list) {
    sent_.erase({contact_id, list});
  }
  // Of the job's memberships, the lists that were left so.
  [[nodiscard]] std::vector<std::string> of(const Job& job) const;

 private:
  std::set<std::pair<std::string, std::string>> sent_;  // contact, list
};

// Fills `memberships` of every job by its contact_id, and `consent` with what Sluice is known to
// have done there; fails a job that cannot be read.
void read_memberships(sluice::Context& context, Client& client, OwnUnsubscriptions& own,
                      const Jobs& jobs);

[[nodiscard]] Memberships memberships_of(const json::array& rows, std::string_view contact_id = {});

// Joins and leaves the lists that the open jobs' contacts ask for, as far as consent allows.
// Contacts that existed are read first.
void change_lists(sluice::Context& context, Client& client, OwnUnsubscriptions& own,
                  const Jobs& jobs, Resubscribe policy);

// Before the jobs' contacts, by their contact_id, get another e-mail whose person has left lists:
// ends their memberships of these, so that no list is ever active at an address that has left it.
void leave_lists_of_new_key(sluice::Context& context, Client& client, OwnUnsubscriptions& own,
                            const Jobs& jobs);

}  // namespace activecampaign
