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

TEST_F(ErrorLogTest, PagesHoldEachErrorOnceSyncBySync) {
  const auto other = state_.sync("a sync that comes second", "rows").id;
  for (const char* key : {"e", "b", "d", "a", "c"}) errors_.report(sync_, error(key), 1);
  for (const char* key : {"b", "a"}) errors_.report(other, error(key), 1);
  errors_.resolve(sync_, "d", 2);
  std::vector<std::string> seen;
  ErrorPlace after;
  for (;;) {
    const auto page = errors_.page(ErrorState::Open, {}, after, 2);
    if (page.empty()) break;
    EXPECT_LE(page.size(), 2U);
    for (const auto& row : page) seen.push_back(row.sync + "/" + row.key);
    after = {page.back().sync, page.back().key};
  }
  EXPECT_EQ(seen,
            (std::vector<std::string>{"people/a", "people/b", "people/c", "people/e",
                                      "a sync that comes second/a", "a sync that comes second/b"}));
}

TEST_F(ErrorLogTest, APageGoesOnBehindAnErrorThatIsSettledMeanwhile) {
  for (const char* key : {"a", "b", "c"}) errors_.report(sync_, error(key), 1);
  const auto first = errors_.page(ErrorState::Open, {}, {}, 2);
  ASSERT_EQ(first.size(), 2U);
  errors_.resolve(sync_, "b", 2);
  errors_.report(sync_, error("aa"), 3);
  const auto second = errors_.page(ErrorState::Open, {}, {first[1].sync, first[1].key}, 2);
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(second[0].key, "c");
}

TEST_F(ErrorLogTest, PagesTellWhoIgnoredAnErrorAndWhy) {
  errors_.report(sync_, error("a"), 1);
  errors_.report(sync_, error("b"), 1);
  errors_.ignore(select({"b"}), {"ann", "known", 7});
  const auto page = errors_.page(ErrorState::Ignored, {}, {}, 10);
  ASSERT_EQ(page.size(), 1U);
  EXPECT_EQ(page[0].key, "b");
  EXPECT_EQ(page[0].decided_by, "ann");
  EXPECT_EQ(page[0].decided_why, "known");
  EXPECT_EQ(page[0].decided_at, 7);
}

TEST_F(ErrorLogTest, SearchLooksIntoKeyFieldAndMessageInAnyCase) {
  auto by_field = error("k2");
  by_field.field = "Phone number";
  auto by_message = error("k3");
  by_message.message = "the value \"PHONE\" is 100% wrong_";
  errors_.report(sync_, error("iPhone-1"), 1);
  errors_.report(sync_, by_field, 1);
  errors_.report(sync_, by_message, 1);
  errors_.report(sync_, error("k4"), 1);
  const auto found = [this](const std::string& text) {
    ErrorSelection which;
    which.text = text;
    std::vector<std::string> keys;
    for (const auto& row : errors_.page(ErrorState::Open, which, {}, 10)) keys.push_back(row.key);
    EXPECT_EQ(errors_.count(ErrorState::Open, which), static_cast<std::int64_t>(keys.size()));
    std::int64_t grouped = 0;
    for (const auto& group : errors_.groups(ErrorState::Open, which)) grouped += group.count;
    EXPECT_EQ(grouped, static_cast<std::int64_t>(keys.size()));
    return keys;
  };
  EXPECT_EQ(found("pHoNe"), (std::vector<std::string>{"iPhone-1", "k2", "k3"}));
  EXPECT_EQ(found("0% WRONG_"), (std::vector<std::string>{"k3"}));
  EXPECT_EQ(found("%"), (std::vector<std::string>{"k3"})) << "a text, no pattern";
  EXPECT_TRUE(found("k_").empty()) << "a text, no pattern";
  EXPECT_TRUE(found("' OR 1=1 --").empty());
}

TEST_F(ErrorLogTest, AMessageIsMeantAsAWhole) {
  auto longer = error("b");
  longer.message = "no e-mail address";
  errors_.report(sync_, error("a"), 1);
  errors_.report(sync_, longer, 1);
  ErrorSelection which;
  which.message = "no e-mail";
  EXPECT_EQ(errors_.count(ErrorState::Open, which), 1);
  EXPECT_EQ(errors_.page(ErrorState::Open, which, {}, 10).at(0).key, "a");
  EXPECT_EQ(errors_.ignore(which, {}), 1);
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
