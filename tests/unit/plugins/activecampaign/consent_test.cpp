#include "consent.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace activecampaign {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const Consent kNothing;
const Consent kLeft{{"list:1"}, {}};
const Consent kWithdrawn{{}, {"list:1"}};

TEST(Consent, SomebodyUnknownToTheListMayJoin) {
  for (const auto policy : {Resubscribe::Never, Resubscribe::Own, Resubscribe::Always}) {
    EXPECT_TRUE(may_subscribe(policy, kNothing, "1", std::nullopt));
  }
}

TEST(Consent, AnUnsubscriptionThatIsNotOursNeedsAlways) {
  for (const auto& known : {kNothing, kLeft}) {
    EXPECT_FALSE(may_subscribe(Resubscribe::Never, known, "1", "2"));
    EXPECT_FALSE(may_subscribe(Resubscribe::Own, known, "1", "2"));
    EXPECT_TRUE(may_subscribe(Resubscribe::Always, known, "1", "2"));
  }
}

TEST(Consent, OurOwnUnsubscriptionIsUndoneUnlessNever) {
  EXPECT_FALSE(may_subscribe(Resubscribe::Never, kWithdrawn, "1", "2"));
  EXPECT_TRUE(may_subscribe(Resubscribe::Own, kWithdrawn, "1", "2"));
  EXPECT_FALSE(may_subscribe(Resubscribe::Own, kWithdrawn, "7", "2"));
}

TEST(Consent, APersonWhoLeftStaysAwayWhenTheContactIsNew) {
  EXPECT_FALSE(may_subscribe(Resubscribe::Own, kLeft, "1", std::nullopt));
  EXPECT_TRUE(may_subscribe(Resubscribe::Own, kLeft, "2", std::nullopt));
}

TEST(Consent, ThePersonsWordOutweighsOurs) {
  const Consent both{{"list:1"}, {"list:1"}};
  EXPECT_FALSE(may_subscribe(Resubscribe::Own, both, "1", "2"));
}

TEST(Consent, UnconfirmedAndBouncedAreLeftAloneByEveryPolicy) {
  for (const char* status : {"0", "3", "91"}) {
    EXPECT_FALSE(may_subscribe(Resubscribe::Always, kNothing, "1", status));
  }
}

TEST(Consent, MembersNeedNoSecondCall) {
  EXPECT_FALSE(may_subscribe(Resubscribe::Always, kNothing, "1", "1"));
}

TEST(Consent, ReportsWhatTheMembershipsSay) {
  const auto after =
      consent_after(kWithdrawn, {{"1", "2"}, {"2", "2"}, {"3", "1"}, {"4", "0"}}, {});
  EXPECT_THAT(after.opted_out, ElementsAre("list:2", "list:4"));
  EXPECT_THAT(after.withdrawn, ElementsAre("list:1"));
}

TEST(Consent, WhatWasKnownSurvivesWithoutAMembership) {
  const auto after = consent_after({{"list:1"}, {"list:2"}}, {}, {});
  EXPECT_THAT(after.opted_out, ElementsAre("list:1"));
  EXPECT_THAT(after.withdrawn, ElementsAre("list:2"));
}

TEST(Consent, WhoCameBackIsNoLongerOut) {
  const auto after = consent_after({{"list:1"}, {"list:2"}}, {{"1", "1"}, {"2", "1"}}, {});
  EXPECT_THAT(after.opted_out, IsEmpty());
  EXPECT_THAT(after.withdrawn, IsEmpty());
}

TEST(Consent, ANewWithdrawalIsOurs) {
  const auto after = consent_after(kLeft, {{"1", "2"}}, {"1"});
  EXPECT_THAT(after.opted_out, IsEmpty());
  EXPECT_THAT(after.withdrawn, ElementsAre("list:1"));
}

}  // namespace
}  // namespace activecampaign
