// The plain streams: one list of Chargebee's each, its objects unjoined.
#pragma once

#include <memory>
#include <optional>
#include <sluice/source.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "api.hpp"
#include "cursor.hpp"
#include "run_cache.hpp"

namespace chargebee {

struct StreamInfo {
  const char* name;
  ListQuery list;
  const char* changed_by =
      "updated_at";  // incremental: the time filter; empty: the list has none and is read whole
  const char* latest_by = "";          // sorts newest first; empty: cannot
  bool keeps_all = true;               // what a full walk does not show does not exist
  std::optional<Catalogue> only = {};  // offered by this product catalogue only
};

[[nodiscard]] const std::vector<StreamInfo>& plain_streams();
// Errors: throws Error{NotFound} naming the streams that exist.
[[nodiscard]] const StreamInfo& plain_stream(std::string_view name);

// The record of one object. Subscriptions get "plan_code" and "plan_name".
[[nodiscard]] sluice::Record plain_record(sluice::Context& context, const StreamInfo& stream,
                                          json::object object, Plans* plans);

[[nodiscard]] std::unique_ptr<sluice::Reader> open_plain(Api& api, const StreamInfo& stream,
                                                         const sluice::ReadRequest& request,
                                                         std::int64_t lag);

[[nodiscard]] sluice::RecordBatch look_up_plain(sluice::Context& context, Api& api, RunCache& cache,
                                                const StreamInfo& stream,
                                                const std::vector<std::string>& keys);

}  // namespace chargebee
