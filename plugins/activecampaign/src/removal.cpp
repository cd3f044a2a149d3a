#include "removal.hpp"

#include <utility>

#include "find.hpp"

namespace activecampaign {

using sluice::Effect;
using sluice::Outcome;

namespace {

// By the current key first; an interrupted change of key may have left the previous one.
void find_by(sluice::Context& context, Client& client, const Jobs& jobs, bool by_previous_key) {
  Jobs wanted;
  std::vector<std::string> emails;
  for (auto* job : jobs) {
    if (!job->open() || !job->contact_id.empty()) continue;
    if (by_previous_key && !job->write->previous_key) continue;
    wanted.push_back(job);
    emails.push_back(by_previous_key ? *job->write->previous_key : job->write->key);
  }
  const auto found = find_contacts(context, client, emails);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (found[i].problem) {
      fail(*wanted[i], *found[i].problem, "looking the contact up");
    } else if (found[i].contact) {
      wanted[i]->contact_id = scalar(*found[i].contact, "id");
    }
  }
}

void delete_found(sluice::Context& context, Client& client, const Jobs& jobs) {
  std::vector<Task> tasks;
  for (auto* job : jobs) {
    if (!job->open() || job->write->action != kDeleteAction) continue;
    tasks.push_back({job, delete_request(path_to("contacts", job->contact_id), "/contacts/{id}")});
  }
  run_tasks(context, client, std::move(tasks), [](std::size_t, Job& job, const Answer& answer) {
    if (answer.ok() || answer.kind == Answer::Kind::Missing) {
      job.effect = Effect::Deleted;
    } else {
      fail(job, answer, "deleting the contact");
    }
  });
}

}  // namespace

std::vector<std::string> delete_actions() {
  return {std::string{kUnsubscribeAction}, std::string{kTagAction}, std::string{kDeleteAction}};
}

void remove_contacts(sluice::Context& context, Client& client, OwnUnsubscriptions& own,
                     const TagBook& tags, const Jobs& jobs) {
  find_by(context, client, jobs, false);
  find_by(context, client, jobs, true);
  for (auto* job : jobs) {
    if (!job->open()) continue;
    job->effect = Effect::Updated;
    if (job->contact_id.empty()) job->outcome = Outcome::ok(Effect::Unchanged);
  }
  read_memberships(context, client, own, jobs);
  change_lists(context, client, own, jobs, Resubscribe::Never);
  change_tags(context, client, jobs, tags);
  delete_found(context, client, jobs);
  for (auto* job : jobs) finish(*job);
}

}  // namespace activecampaign
