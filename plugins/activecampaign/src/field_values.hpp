// The stored values of contacts' custom fields.
#pragma once

#include <map>
#include <sluice/sdk.hpp>
#include <string>
#include <vector>

#include "job.hpp"

namespace activecampaign {

struct StoredValue {
  std::string id;  // of the value itself
  std::string text;
};
using StoredValues = std::map<std::string, StoredValue>;  // by field id

[[nodiscard]] StoredValues stored_values(const json::array& rows);

// The values of every job's contact_id, at the job's index. A job whose values cannot be read is
// failed.
[[nodiscard]] std::vector<StoredValues> read_field_values(sluice::Context& context, Client& client,
                                                          const Jobs& jobs);

}  // namespace activecampaign
