#include "pipeline/claims.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace sluice::host {
namespace {

TEST(ClaimsTest, TheOwnerDoesNotDependOnTheOrderOfArrival) {
  std::vector<Claim> claims{{1, "a", 5}, {1, "b", 9}, {1, "c", 9}, {1, "d", 1}};
  std::sort(claims.begin(), claims.end(),
            [](const Claim& x, const Claim& y) { return x.key < y.key; });
  do {
    EXPECT_EQ(owner_of(claims, DuplicatePolicy::Latest).key, "c");
    EXPECT_EQ(owner_of(claims, DuplicatePolicy::Error).key, "c");
    EXPECT_EQ(owner_of(claims, DuplicatePolicy::First).key, "d");
  } while (std::next_permutation(claims.begin(), claims.end(),
                                 [](const Claim& x, const Claim& y) { return x.key < y.key; }));
}

TEST(ClaimsTest, TheMessageNamesEveryClaimantAndTheOwnerFirst) {
  EXPECT_EQ(describe_claims("k@x.y", {{1, "a", 1}, {1, "b", 2}}, DuplicatePolicy::Error),
            "2 records claim k@x.y: b (which is written), a");
}

}  // namespace
}  // namespace sluice::host
