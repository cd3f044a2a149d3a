#include "pipeline/departures.hpp"

#include <gtest/gtest.h>

namespace sluice::host {
namespace {

TEST(DeletionLimitTest, TheCommandLineGoesBeforeTheFile) {
  RunOptions options;
  options.allow_deletes = 7;
  EXPECT_EQ(deletion_limit(options, {.count = 3, .percent = {}}, 1000), 7);
}

TEST(DeletionLimitTest, TheFileSaysACountOrAShare) {
  EXPECT_EQ(deletion_limit({}, {.count = 3, .percent = {}}, 1000), 3);
  EXPECT_EQ(deletion_limit({}, {.count = {}, .percent = 5}, 1000), 50);
}

TEST(DeletionLimitTest, OtherwiseItIsTheLargerOfTwentyAndTwoPercent) {
  EXPECT_EQ(deletion_limit({}, {}, 100), 20);
  EXPECT_EQ(deletion_limit({}, {}, 100'000), 2000);
}

}  // namespace
}  // namespace sluice::host
