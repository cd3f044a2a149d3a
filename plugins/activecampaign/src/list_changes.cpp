#include "list_changes.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "texts.hpp"

namespace activecampaign {

namespace {

// The vendor's mark of a subscription made through the API.
constexpr int kSourceApi = 4;

struct Change {
  Job* job = nullptr;
  std::string list;
  std::string_view status;
};

std::optional<std::string> status_in(const Memberships& memberships, const std::string& list) {
  const auto found = memberships.find(list);
  if (found == memberships.end()) return std::nullopt;
  return found->second;
}

bool concerns_lists(const Job& job) {
  return !job.contact.subscribe.empty() || !job.contact.unsubscribe.empty() ||
         !job.consent.opted_out.empty() || !job.consent.withdrawn.empty() || job.repeats_an_import;
}

// An import leaves out whom it may not subscribe, without saying why. Only where an unsubscription
// explains it are the other lists joined.
bool is_explained_by_lists(const Job& job) {
  return std::any_of(job.contact.subscribe.begin(), job.contact.subscribe.end(),
                     [&](const auto& list) {
                       return is_own_decision(job.consent, list, status_in(*job.memberships, list));
                     });
}

bool joins(const Job& job, const std::string& list, Resubscribe policy) {
  const auto status = status_in(*job.memberships, list);
  if (job.repeats_an_import && !is_explained_by_lists(job)) return false;
  return may_subscribe(policy, job.consent, list, status);
}

std::vector<Change> changes_of(Job& job, Resubscribe policy) {
  std::vector<Change> changes;
  for (const auto& list : job.contact.subscribe) {
    if (joins(job, list, policy)) changes.push_back({&job, list, kActive});
  }
  for (const auto& list : job.contact.unsubscribe) {
    if (status_in(*job.memberships, list) == kActive) {
      changes.push_back({&job, list, kUnsubscribed});
    }
  }
  return changes;
}

sluice::HttpRequest request_of(const Change& change) {
  json::object membership{{"list", id_value(change.list)},
                          {"contact", id_value(change.job->contact_id)},
                          {"status", id_value(std::string{change.status})},
                          {"sourceid", kSourceApi}};
  return write_request("POST", "/contactLists", "/contactLists",
                       {{"contactList", std::move(membership)}}, true);
}

void take(OwnUnsubscriptions& own, const Change& change, const Answer& answer) {
  auto& job = *change.job;
  if (answer.ok()) {
    (*job.memberships)[change.list] = change.status;
    if (change.status == kUnsubscribed) {
      job.newly_withdrawn.push_back(change.list);
    } else {
      own.forget(job.contact_id, change.list);
    }
    return;
  }
  if (answer.kind != Answer::Kind::Passing) own.forget(job.contact_id, change.list);
  const bool removal = job.write->op == sluice::Write::Op::Delete;
  fail(job, answer,
       std::string{removal ? "" : "contact written, but "} +
           (change.status == kActive ? "joining" : "leaving") + " list " + change.list + " failed");
}

}  // namespace

std::vector<std::string> OwnUnsubscriptions::of(const Job& job) const {
  std::vector<std::string> lists;
  for (const auto& [list, status] : *job.memberships) {
    if (status == kUnsubscribed && sent_.contains({job.contact_id, list})) lists.push_back(list);
  }
  return lists;
}

Memberships memberships_of(const json::array& rows, std::string_view contact_id) {
  Memberships memberships;
  for (const auto& row : rows) {
    const auto& membership = as_object(row);
    if (!contact_id.empty() && scalar(membership, "contact") != contact_id) continue;
    memberships[scalar(membership, "list")] = scalar(membership, "status");
  }
  return memberships;
}

namespace {

// What the memberships, just read, say of the person under either key.
void learn(Job& job, OwnUnsubscriptions& own) {
  for (const auto& [list, status] : *job.memberships) {
    if (status == kActive) own.forget(job.contact_id, list);
  }
  const auto ours = own.of(job);
  for (const auto& list : ours) {
    if (!job.consent.person_left(list)) insert(job.consent.withdrawn, scope_of(list));
  }
  if (!job.write->previous_key) return;
  job.previous_opted_out = consent_under_old_key(*job.write, *job.memberships, ours).opted_out;
}

}  // namespace

void read_memberships(sluice::Context& context, Client& client, OwnUnsubscriptions& own,
                      const Jobs& jobs) {
  std::vector<Task> tasks;
  for (auto* job : jobs) {
    if (!job->open()) continue;
    tasks.push_back({job, get_request(path_to("contacts", job->contact_id) + "/contactLists",
                                      "/contacts/{id}/contactLists")});
  }
  run_tasks(context, client, std::move(tasks), [&](std::size_t, Job& job, const Answer& answer) {
    if (answer.ok() && has_array(answer.body, "contactLists")) {
      job.memberships = memberships_of(items(answer.body, "contactLists"));
      learn(job, own);
      return;
    }
    Answer problem = answer;
    // A contact that has just been written is gone again, or the answer is not what it should be.
    problem.kind = Answer::Kind::Passing;
    fail(job, problem, "reading the contact's lists");
  });
}

void change_lists(sluice::Context& context, Client& client, OwnUnsubscriptions& own,
                  const Jobs& jobs, Resubscribe policy) {
  Jobs to_read;
  for (auto* job : jobs) {
    if (!job->open() || !concerns_lists(*job) || job->memberships) continue;
    if (job->existed) {
      to_read.push_back(job);
    } else {
      job->memberships.emplace();
      learn(*job, own);
    }
  }
  read_memberships(context, client, own, to_read);
  std::vector<Change> changes;
  std::vector<Task> tasks;
  for (auto* job : jobs) {
    if (!job->open() || !job->memberships) continue;
    for (auto& change : changes_of(*job, policy)) {
      if (change.status == kUnsubscribed) own.sent(job->contact_id, change.list);
      tasks.push_back({job, request_of(change)});
      changes.push_back(std::move(change));
    }
  }
  run_tasks(context, client, std::move(tasks),
            [&](std::size_t i, Job&, const Answer& answer) { take(own, changes[i], answer); });
}

void leave_lists_of_new_key(sluice::Context& context, Client& client, OwnUnsubscriptions& own,
                            const Jobs& jobs) {
  read_memberships(context, client, own, jobs);
  std::vector<Change> changes;
  std::vector<Task> tasks;
  for (auto* job : jobs) {
    if (!job->open()) continue;
    for (const auto& [list, status] : *job->memberships) {
      if (status != kActive || !contains(job->write->opted_out, scope_of(list))) continue;
      own.sent(job->contact_id, list);
      changes.push_back({job, list, kUnsubscribed});
      tasks.push_back({job, request_of(changes.back())});
    }
  }
  run_tasks(context, client, std::move(tasks), [&](std::size_t i, Job& job, const Answer& answer) {
    if (answer.ok()) {
      // The person's own decision, not one of Sluice's.
      (*job.memberships)[changes[i].list] = kUnsubscribed;
    } else {
      fail(job, answer, "leaving list " + changes[i].list + ", which the new e-mail has left,");
    }
  });
}

}  // namespace activecampaign
