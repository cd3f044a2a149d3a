#include "pipeline/claims.hpp"

#include <algorithm>
#include <tuple>

namespace sluice::host {
namespace {

bool ranks_before(const Claim& a, const Claim& b, DuplicatePolicy policy) {
  const auto rank = [](const Claim& claim) {
    return std::tie(claim.recency, claim.key, claim.sync);
  };
  return policy == DuplicatePolicy::First ? rank(a) < rank(b) : rank(b) < rank(a);
}

}  // namespace

const Claim& owner_of(const std::vector<Claim>& claims, DuplicatePolicy policy) {
  return *std::min_element(claims.begin(), claims.end(), [policy](const Claim& a, const Claim& b) {
    return ranks_before(a, b, policy);
  });
}

std::string describe_claims(std::string_view target, std::vector<Claim> claims,
                            DuplicatePolicy policy) {
  constexpr std::size_t kNamed = 20;
  std::sort(claims.begin(), claims.end(),
            [policy](const Claim& a, const Claim& b) { return ranks_before(a, b, policy); });
  std::string out = std::to_string(claims.size()) + " records claim " + std::string{target} + ": ";
  for (std::size_t i = 0; i < claims.size() && i < kNamed; ++i) {
    if (i != 0) out += ", ";
    out += claims[i].key;
    if (i == 0) out += " (which is written)";
  }
  if (claims.size() > kNamed) out += ", …";
  return out;
}

Rejection duplicate_of(const std::string& target, const std::vector<Claim>& claims,
                       const WriteConfig& write) {
  return {"duplicate", "duplicate_key", write.match,
          describe_claims(target, claims, write.on_duplicate), target};
}

}  // namespace sluice::host
