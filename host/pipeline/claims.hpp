// Who owns a destination key that several records claim. Pure: the same whatever the order of
// arrival.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "integration/integration.hpp"
#include "mapping/mapping.hpp"
#include "state/ledger.hpp"

namespace sluice::host {

// The claim that owns the key: under `first` the lowest recency, otherwise the highest; ties by
// key. `claims` must not be empty.
[[nodiscard]] const Claim& owner_of(const std::vector<Claim>& claims, DuplicatePolicy policy);

// "3 records claim a@b.co: c7 (which is written), c2, c5": for the errors of those that are not
// written.
[[nodiscard]] std::string describe_claims(std::string_view target, std::vector<Claim> claims,
                                          DuplicatePolicy policy);
// The same as the error of a record that is not written.
[[nodiscard]] Rejection duplicate_of(const std::string& target, const std::vector<Claim>& claims,
                                     const WriteConfig& write);

}  // namespace sluice::host
