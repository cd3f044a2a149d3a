#include "single_path.hpp"

#include "upsert.hpp"

namespace activecampaign {

void write_singly(sluice::Context& context, Client& client, OwnUnsubscriptions& own,
                  const TagBook& tags, const WriteOptions& options, const Jobs& jobs) {
  Upsert{client, own, options}.run(context, jobs);
  change_lists(context, client, own, jobs, options.resubscribe);
  change_tags(context, client, jobs, tags);
  for (auto* job : jobs) finish(*job);
}

}  // namespace activecampaign
