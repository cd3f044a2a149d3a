#include "state/error_log.hpp"

#include <gtest/gtest.h>

#include "state/state.hpp"
#include "state_fixture.hpp"

namespace sluice::host {
namespace {

constexpr std::int64_t kHour = 3'600'000;

class ErrorLogTest : public StateFixture {
 protected:
  static RecordError error(const std::string& key, const std::string& value = "v") {
    RecordError out;
    out.key = key;
    out.stage = "check";
    out.code = "no_email";
    out.message = "no e-mail";
    out.value_hash = value;
    return out;
  }
  std::int64_t sync_ = state_.sync("people", "rows").id;
  ErrorLog& errors_ = state_.errors();
};

TEST_F(ErrorLogTest, IsNewOnlyOnce) {
  EXPECT_TRUE(errors_.report(sync_, error("a"), 1));
  EXPECT_FALSE(errors_.report(sync_, error("a"), 2));
  EXPECT_EQ(errors_.find(sync_, "a")->attempts, 2);
  EXPECT_EQ(errors_.find(sync_, "a")->first_seen, 1);
}

TEST_F(ErrorLogTest, IgnoredStaysIgnoredUntilTheValueChanges) {
  errors_.report(sync_, error("a"), 1);
  EXPECT_EQ(errors_.ignore("", ""), 1);
  EXPECT_FALSE(errors_.report(sync_, error("a"), 2));
  EXPECT_EQ(errors_.find(sync_, "a")->state, ErrorState::Ignored);
  EXPECT_TRUE(errors_.report(sync_, error("a", "other"), 3));
  EXPECT_EQ(errors_.find(sync_, "a")->state, ErrorState::Open);
}

TEST_F(ErrorLogTest, ResolvedErrorOpensAnew) {
  errors_.report(sync_, error("a"), 1);
  EXPECT_TRUE(errors_.resolve(sync_, "a", 2));
  EXPECT_FALSE(errors_.resolve(sync_, "a", 3));
  EXPECT_EQ(errors_.count(ErrorState::Open), 0);
  EXPECT_TRUE(errors_.report(sync_, error("a"), 4));
  EXPECT_EQ(errors_.find(sync_, "a")->first_seen, 4);
}

TEST_F(ErrorLogTest, RetriesAtOnceAndThenEverMoreRarely) {
  errors_.report(sync_, error("a"), 0);
  EXPECT_EQ(errors_.due(sync_, 0, "", 10).size(), 1U);
  errors_.report(sync_, error("a"), 0);
  EXPECT_TRUE(errors_.due(sync_, kHour - 1, "", 10).empty());
  EXPECT_EQ(errors_.due(sync_, kHour, "", 10).size(), 1U);
  for (int i = 0; i < 20; ++i) errors_.report(sync_, error("a"), 0);
  EXPECT_EQ(errors_.due(sync_, 24 * kHour, "", 10).size(), 1U);
}

TEST_F(ErrorLogTest, GroupsByCause) {
  for (const char* key : {"a", "b", "c"}) errors_.report(sync_, error(key), 1);
  auto other = error("d");
  other.code = "other";
  errors_.report(sync_, other, 1);
  const auto groups = errors_.groups(ErrorState::Open);
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups[0].count, 3);
  EXPECT_EQ(groups[0].example_key, "a");
}

}  // namespace
}  // namespace sluice::host
