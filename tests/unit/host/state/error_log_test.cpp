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
  static ErrorSelection select(std::vector<std::string> keys, const std::string& stage = {},
                               const std::string& field = {}) {
    ErrorSelection which;
    which.keys = std::move(keys);
    which.stage = stage;
    which.field = field;
    return which;
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
  EXPECT_EQ(errors_.ignore({}, {"ann", "known", 7}), 1);
  EXPECT_FALSE(errors_.report(sync_, error("a"), 2));
  EXPECT_EQ(errors_.find(sync_, "a")->state, ErrorState::Ignored);
  EXPECT_EQ(errors_.find(sync_, "a")->decided_by, "ann");
  EXPECT_EQ(errors_.find(sync_, "a")->decided_why, "known");
  EXPECT_EQ(errors_.find(sync_, "a")->decided_at, 7);
  EXPECT_TRUE(errors_.report(sync_, error("a", "other"), 3));
  EXPECT_EQ(errors_.find(sync_, "a")->state, ErrorState::Open);
  EXPECT_EQ(errors_.find(sync_, "a")->decided_by, "");
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

TEST_F(ErrorLogTest, RetriesWhatWasNotedWhileTheClockWasWrong) {
  const std::int64_t ahead = 40 * 24 * kHour;
  for (int i = 0; i < 3; ++i) errors_.report(sync_, error("a"), ahead);
  EXPECT_EQ(errors_.due(sync_, 0, "", 10).size(), 1U);
}

TEST_F(ErrorLogTest, GroupsByCauseWithExamples) {
  for (const char* key : {"d", "c", "b", "a"}) errors_.report(sync_, error(key), 1);
  auto other = error("e");
  other.code = "other";
  errors_.report(sync_, other, 1);
  const auto groups = errors_.groups(ErrorState::Open);
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups[0].count, 4);
  EXPECT_EQ(groups[0].examples, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(errors_.groups(ErrorState::Open, select({"e", "f"})).size(), 1U);
}

TEST_F(ErrorLogTest, ASelectionMeansWhatFitsAllItsParts) {
  for (const char* key : {"a", "b", "1"}) errors_.report(sync_, error(key), 1);
  auto other = error("o");
  other.stage = "mapping";
  other.field = "phone";
  errors_.report(sync_, other, 1);
  EXPECT_EQ(errors_.ignore(select({"a"}, "mapping"), {}), 0);
  ErrorSelection elsewhere;
  elsewhere.sync = "another";
  EXPECT_EQ(errors_.ignore(elsewhere, {}), 0);
  EXPECT_EQ(errors_.ignore(select({"a", "1"}), {}), 2);
  EXPECT_EQ(errors_.ignore(select({}, "", "phone"), {}), 1);
  EXPECT_EQ(errors_.count(ErrorState::Open), 1);
  EXPECT_EQ(errors_.retry(select({"a"})), 1);
  EXPECT_EQ(errors_.retry({}), 4);
}

TEST_F(ErrorLogTest, ForgetsOnlyWhatWasResolvedLongAgo) {
  for (const char* key : {"a", "b", "c"}) errors_.report(sync_, error(key), 1);
  errors_.resolve(sync_, "a", 10);
  errors_.resolve(sync_, "b", 20);
  EXPECT_EQ(errors_.drop_resolved(20), 1);
  EXPECT_FALSE(errors_.find(sync_, "a"));
  EXPECT_TRUE(errors_.find(sync_, "b"));
  EXPECT_TRUE(errors_.find(sync_, "c"));
}

TEST_F(ErrorLogTest, KnowsWhetherAnyErrorKeepsAWriteBack) {
  EXPECT_FALSE(errors_.any_withholds());
  errors_.report(sync_, error("a"), 1);
  EXPECT_FALSE(errors_.any_withholds());
  errors_.ignore({}, {});
  EXPECT_TRUE(errors_.any_withholds());
  errors_.resolve(sync_, "a", 2);
  RecordError refused = error("b");
  refused.stage = "constraint";
  errors_.report(sync_, refused, 3);
  EXPECT_TRUE(errors_.any_withholds());
}

}  // namespace
}  // namespace sluice::host
