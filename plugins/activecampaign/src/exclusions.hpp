// The account's exclusion list: addresses that it takes nothing for.
#pragma once

#include <optional>
#include <sluice/sdk.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "client.hpp"

namespace activecampaign {

struct Exclusion {
  std::string phrase;  // folded
  std::string match;   // the vendor's word: "exact", "end", …
  std::string channel;
  std::vector<std::string> lists;  // ids, when the channel is "several"

  // Does it keep this address out of the account, or out of the list that contacts join?
  [[nodiscard]] bool concerns(std::string_view email,
                              const std::optional<std::string>& list_id) const;
  // For a person: "the account excludes addresses that end with \"@b.co\"".
  [[nodiscard]] std::string describe() const;
};

// Reads the list, page by page; nothing, with a warning, when the key's user may not read it.
// Errors: throws what keeps it from being read otherwise.
[[nodiscard]] std::vector<Exclusion> read_exclusions(sluice::Context& context, Client& client);

}  // namespace activecampaign
