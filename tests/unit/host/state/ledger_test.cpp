#include "state/ledger.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

#include "state_fixture.hpp"

namespace sluice::host {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class LedgerTest : public StateFixture {
 protected:
  SyncRow sync_ = state_.sync("people", "rows");
  Ledger& ledger_ = state_.ledger();

  void put(const std::string& key, const std::string& target,
           RecordState state = RecordState::Candidate) {
    ledger_.put_record(sync_.id, sync_.object, {key, target, 1, 1, 1, state});
  }
};

TEST_F(LedgerTest, OnlyCandidatesClaimAKey) {
  put("a", "k");
  put("b", "k", RecordState::Filtered);
  put("c", "k", RecordState::Gone);
  ASSERT_EQ(ledger_.claims(sync_.object, "k").size(), 1U);
  EXPECT_THAT(ledger_.contested(sync_.object, "", 10), IsEmpty());
  put("b", "k");
  EXPECT_THAT(ledger_.contested(sync_.object, "", 10), ElementsAre("k"));
}

TEST_F(LedgerTest, APendingWriteKeepsWhatWasDeliveredAndADeliveredOneItsRemoteId) {
  const auto found = [this] { return ledger_.find_target(sync_.object, "k").value(); };
  ledger_.put_pending(sync_.object, {"k", sync_.id, "a", std::nullopt, "", "", "pending"});
  EXPECT_EQ(found().owner, "a");
  EXPECT_EQ(found().pending_hash, "pending");
  EXPECT_TRUE(found().hash.empty());
  ledger_.put_delivered(sync_.object, {"k", sync_.id, "a", "7", "document", "hash", "", 5});
  ledger_.put_pending(sync_.object, {"k", sync_.id, "b", std::nullopt, "", "", "next"});
  EXPECT_EQ(found().owner, "b");
  EXPECT_EQ(found().remote_id, "7");
  EXPECT_EQ(found().document, "document");
  EXPECT_EQ(found().hash, "hash");
  EXPECT_EQ(found().delivered_at, 5);
  EXPECT_EQ(found().pending_hash, "next");
  ledger_.put_delivered(sync_.object, {"k", sync_.id, "b", std::nullopt, "newer", "next", "", 6});
  EXPECT_EQ(found().remote_id, "7");
  EXPECT_EQ(found().document, "newer");
  EXPECT_TRUE(found().pending_hash.empty());
  ledger_.put_delivered(sync_.object, {"k", sync_.id, "b", "8", "", "next", "", 6});
  EXPECT_EQ(found().remote_id, "8");
  ledger_.put_target(sync_.object, {"k", sync_.id, "b", std::nullopt, "", "", "", 0});
  EXPECT_FALSE(found().remote_id);
}

TEST_F(LedgerTest, UnseenAreThoseOfEarlierWalksThatAreNotGone) {
  put("a", "k1");
  put("b", "k2");
  put("c", "k3", RecordState::Gone);
  ledger_.mark_seen(sync_.id, "a", 2);
  EXPECT_THAT(ledger_.unseen(sync_.id, 2, "", 10), ElementsAre("b"));
  EXPECT_THAT(ledger_.unseen(sync_.id, 2, "b", 10), IsEmpty());
}

TEST_F(LedgerTest, ForgetsOneSyncAndLeavesPeoplesDecisions) {
  const SyncRow other = state_.sync("others", "rows");
  put("a", "k1");
  ledger_.put_target(sync_.object, {"k1", sync_.id, "a", std::nullopt, "", "hash", ""});
  ledger_.put_intent(sync_.id, {"a", std::nullopt, "k1"});
  ledger_.put_orphan(sync_.id, {"k2", "a", OrphanReason::Moved});
  ledger_.put_target(sync_.object, {"k3", other.id, "b", std::nullopt, "", "hash", ""});
  ledger_.put_standing(sync_.object, "k1", std::vector<std::string>{"list:1"}, std::nullopt);
  ledger_.forget(sync_.id);
  EXPECT_FALSE(ledger_.find_record(sync_.id, "a"));
  EXPECT_FALSE(ledger_.find_target(sync_.object, "k1"));
  EXPECT_TRUE(ledger_.find_target(sync_.object, "k3"));
  EXPECT_THAT(ledger_.intents(sync_.id), IsEmpty());
  EXPECT_THAT(ledger_.orphans(sync_.id), IsEmpty());
  EXPECT_THAT(ledger_.standing(sync_.object, "k1").opted_out, ElementsAre("list:1"));
}

TEST_F(LedgerTest, StandingNeverStoresTheKeyItself) {
  ledger_.put_standing(sync_.object, "person@example.com", std::vector<std::string>{"list:1"},
                       std::nullopt);
  EXPECT_THAT(ledger_.standing(sync_.object, "person@example.com").opted_out,
              ElementsAre("list:1"));
  EXPECT_THAT(ledger_.standing(sync_.object, "other@example.com").opted_out, IsEmpty());
  state_.commit();
  for (const auto& entry : std::filesystem::directory_iterator{state_.directory()}) {
    std::ifstream file{entry.path(), std::ios::binary};
    const std::string bytes{std::istreambuf_iterator<char>{file}, {}};
    EXPECT_EQ(bytes.find("person@example.com"), std::string::npos) << entry.path();
  }
}

TEST_F(LedgerTest, StandingIsReplacedPartByPart) {
  ledger_.put_standing(sync_.object, "k", std::vector<std::string>{"a"},
                       std::vector<std::string>{"b"});
  ledger_.put_standing(sync_.object, "k", std::nullopt, std::vector<std::string>{});
  EXPECT_THAT(ledger_.standing(sync_.object, "k").opted_out, ElementsAre("a"));
  EXPECT_THAT(ledger_.standing(sync_.object, "k").withdrawn, IsEmpty());
}

TEST_F(LedgerTest, WhatRemainsUnderAKeyIsNoDecision) {
  ledger_.put_standing(sync_.object, "k", std::vector<std::string>{"a"}, std::nullopt);
  const SetMembers members{{"groups", {"x"}}, {"tags", {"a", "b"}}};
  ledger_.put_remaining(sync_.object, "k", members);
  EXPECT_EQ(ledger_.remaining(sync_.object, "k"), members);
  EXPECT_THAT(ledger_.remaining(sync_.object, "other"), IsEmpty());
  EXPECT_THAT(ledger_.standing(sync_.object, "k").opted_out, ElementsAre("a"));
  EXPECT_THAT(ledger_.standing(sync_.object, "k").withdrawn, IsEmpty());
  ledger_.put_standing(sync_.object, "k", std::vector<std::string>{}, std::vector<std::string>{});
  EXPECT_EQ(ledger_.remaining(sync_.object, "k"), members);
  ledger_.put_remaining(sync_.object, "k", {});
  EXPECT_THAT(ledger_.remaining(sync_.object, "k"), IsEmpty());
}

}  // namespace
}  // namespace sluice::host
