#include "single_path.hpp"

#include "upsert.hpp"

namespace activecampaign {

namespace {

// Is it another contact than the one to which the members were added: made again after somebody had
// deleted it, or one that had the new key already?
bool is_another(const Job& job) {
  return !job.existed || !job.rekeyed || job.write->remote_id != job.contact_id;
}

void adapt_members(Job& job) {
  if (!is_another(job)) return;
  job.contact.add_kept();
  if (job.rekeyed) return;
  // What the rules withdraw was added to the contact that is left.
  job.contact.unsubscribe.clear();
  job.contact.remove_tags.clear();
  for (const auto& tag : job.consent.marks()) job.contact.withdraw_tag(tag);
}

}  // namespace

void write_singly(sluice::Context& context, Client& client, OwnUnsubscriptions& own,
                  const TagBook& tags, const WriteOptions& options, const Jobs& jobs) {
  Upsert{client, own, options}.run(context, jobs);
  for (auto* job : jobs) {
    if (job->open()) adapt_members(*job);
  }
  change_lists(context, client, own, jobs, options.resubscribe);
  change_tags(context, client, jobs, tags);
  for (auto* job : jobs) finish(*job);
}

}  // namespace activecampaign
