#include "state/decision.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "state_fixture.hpp"

namespace sluice::host {
namespace {

class DecisionTest : public StateFixture {
 protected:
  static constexpr const char* kName = "an integration";

  DecisionTest() {
    RecordError error;
    error.key = "a";
    error.stage = "check";
    error.code = "no_email";
    state_.errors().report(sync_, error, 1);
    state_.commit();
  }
  static Decision decision(Decision::Action action) {
    Decision out;
    out.action = action;
    out.why = "because";
    return out;
  }
  Handed hand_in_soon(Decision::Action action) {
    return hand_in(directory_.path(), kName, decision(action), std::chrono::milliseconds{1});
  }
  std::int64_t sync_ = state_.sync("people", "rows").id;
};

TEST_F(DecisionTest, ReachesTheProcessThatHoldsTheStateAtItsNextCommit) {
  const Handed handed = hand_in_soon(Decision::Action::Ignore);
  EXPECT_FALSE(handed.done);
  EXPECT_NE(handed.holder.find("(test, since"), std::string::npos) << handed.holder;
  EXPECT_EQ(state_.errors().count(ErrorState::Open), 1);
  state_.commit();
  const auto error = *state_.errors().find(sync_, "a");
  EXPECT_EQ(error.state, ErrorState::Ignored);
  EXPECT_EQ(error.decided_why, "because");
  EXPECT_EQ(error.decided_by, os_user());
  const auto entry = state_.audit_log().last(10);
  ASSERT_EQ(entry.size(), 1U);
  EXPECT_EQ(entry[0].action, "ignore");
  EXPECT_EQ(entry[0].affected, 1);
  EXPECT_EQ(entry[0].who, os_user());
}

TEST_F(DecisionTest, HoldsFromTheNextOpeningOnWhenNobodyTookItBefore) {
  const std::string other = "other";
  { const State made = State::open(directory_.path(), other, "test"); }
  Decision pause = decision(Decision::Action::Pause);
  pause.id = "1";
  pause.at = 5;
  Inbox{directory_.path() / other}.put(pause);
  State state = State::open(directory_.path(), other, "full");
  EXPECT_EQ(state.lifecycle(), Lifecycle::Paused);
  EXPECT_EQ(state.reached(), Lifecycle::New);
  EXPECT_FALSE(Inbox{directory_.path() / other}.has("1"));
}

TEST_F(DecisionTest, WhatOthersDoIsPutDownOnly) {
  const std::string other = "other";
  const Inbox inbox{directory_.path() / other};
  for (const auto action :
       {Decision::Action::Create, Decision::Action::Start, Decision::Action::Stop})
    inbox.put(Inbox::made(decision(action)));
  take_waiting(directory_.path(), other);
  EXPECT_TRUE(inbox.waiting().empty());
  auto state = State::open_read_only(directory_.path(), other);
  ASSERT_TRUE(state);
  EXPECT_EQ(state->lifecycle(), Lifecycle::New);
  const auto entries = state->audit_log().last(10);
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_EQ(entries[0].action, "stop");
  EXPECT_EQ(entries[1].action, "start");
  EXPECT_EQ(entries[2].action, "create");
  EXPECT_EQ(entries[0].detail, "because");
  EXPECT_EQ(entries[0].who, os_user());
}

TEST_F(DecisionTest, WaitsForWhoeverHoldsTheState) {
  const Inbox inbox{state_.directory()};
  inbox.put(Inbox::made(decision(Decision::Action::Start)));
  take_waiting(directory_.path(), kName);
  EXPECT_EQ(inbox.waiting().size(), 1U);
  state_.commit();
  EXPECT_TRUE(inbox.waiting().empty());
}

TEST_F(DecisionTest, IsCarriedOutOnceThoughItIsFoundTwice) {
  Decision retry = decision(Decision::Action::Retry);
  retry.id = "7";
  const Inbox inbox{state_.directory()};
  inbox.put(retry);
  state_.commit();
  inbox.put(retry);  // as after a kill between the commit and the removal of the file
  state_.commit();
  EXPECT_EQ(state_.audit_log().last(10).size(), 1U);
}

TEST_F(DecisionTest, PauseTellsTheRunAndResumeGoesBack) {
  int told = 0;
  state_.on_pause([&told] { ++told; });
  state_.set_lifecycle(Lifecycle::Active);
  hand_in_soon(Decision::Action::Pause);
  state_.commit();
  EXPECT_EQ(told, 1);
  EXPECT_EQ(state_.lifecycle(), Lifecycle::Paused);
  hand_in_soon(Decision::Action::Resume);
  state_.commit();
  EXPECT_EQ(told, 1);
  EXPECT_EQ(state_.lifecycle(), Lifecycle::Active);
}

TEST_F(DecisionTest, ARunThatEndsWhilePausedKeepsWhatItReached) {
  state_.set_paused(true);
  state_.set_reached(Lifecycle::Sampled);
  EXPECT_EQ(state_.lifecycle(), Lifecycle::Paused);
  state_.set_paused(false);
  EXPECT_EQ(state_.lifecycle(), Lifecycle::Sampled);
}

TEST_F(DecisionTest, WhatCannotBeReadIsPutAside) {
  std::filesystem::create_directories(state_.directory() / "inbox");
  std::ofstream{state_.directory() / "inbox" / "x.json"} << "{";
  state_.commit();
  EXPECT_TRUE(std::filesystem::exists(state_.directory() / "inbox" / "x.json.unreadable"));
  EXPECT_TRUE(Inbox{state_.directory()}.waiting().empty());
}

TEST(OsUser, IsThePersonBehindSudoToo) {
  const char* found = std::getenv("SUDO_USER");
  const std::string before = found != nullptr ? found : "";
  ::unsetenv("SUDO_USER");
  const std::string user = os_user();
  ::setenv("SUDO_USER", user.c_str(), 1);
  EXPECT_EQ(os_user(), user);
  ::setenv("SUDO_USER", "ann", 1);
  EXPECT_EQ(os_user(), "ann as " + user);
  ::setenv("SLUICE_ACTOR", "token", 1);
  EXPECT_EQ(os_user(), "token");
  ::unsetenv("SLUICE_ACTOR");
  before.empty() ? ::unsetenv("SUDO_USER") : ::setenv("SUDO_USER", before.c_str(), 1);
}

}  // namespace
}  // namespace sluice::host
