#include "single_path.hpp"

#include "list_changes.hpp"
#include "upsert.hpp"

namespace activecampaign {

void write_singly(sluice::Context& context, Client& client, const TagBook& tags,
                  const WriteOptions& options, const Jobs& jobs) {
  Upsert{client, options}.run(context, jobs);
  change_lists(context, client, jobs, options.resubscribe);
  change_tags(context, client, jobs, tags);
  for (auto* job : jobs) finish(*job);
}

}  // namespace activecampaign
