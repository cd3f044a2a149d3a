#include "serve/scheduler.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace sluice::host::serve {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr std::int64_t kStart = 1'700'006'400'000;
constexpr std::int64_t kHour = 3'600'000;

Member member(const std::string& name, std::chrono::seconds every = std::chrono::hours{6}) {
  Member out;
  out.name = name;
  out.file = name + ".yaml";
  out.schedule.every = every;
  return out;
}

class SchedulerTest : public testing::Test {
 protected:
  Scheduler make(std::size_t parallel) {
    return Scheduler{{parallel, std::chrono::milliseconds{0}},
                     {[this](const std::string& name) {
                        if (broken_.count(name) != 0) throw std::runtime_error{"damaged"};
                        return facts_[name];
                      },
                      [this](const Launch& launch) {
                        launched_.push_back(launch.integration + " " + launch.stage);
                      }}};
  }
  void active(const std::string& name, std::optional<std::int64_t> last_start) {
    facts_[name] = {Lifecycle::Active, last_start};
  }
  std::vector<std::string> launched() { return std::exchange(launched_, {}); }

  std::map<std::string, Facts> facts_;
  std::map<std::string, bool> broken_;
  std::vector<std::string> launched_;
};

TEST_F(SchedulerTest, StartsWhatIsDueAndNothingElse) {
  Scheduler scheduler = make(4);
  active("late", kStart - 7 * kHour);
  active("early", kStart - kHour);
  facts_["paused"] = {Lifecycle::Paused, kStart - 9 * kHour};
  facts_["unfinished"] = {Lifecycle::Sampled, kStart - 9 * kHour};
  scheduler.update({member("late"), member("early"), member("paused"), member("unfinished")},
                   kStart);
  scheduler.tick(kStart);
  EXPECT_THAT(launched(), ElementsAre("late incremental"));
  EXPECT_EQ(scheduler.view("early").due, kStart + 5 * kHour);
  EXPECT_EQ(scheduler.view("paused").due, std::nullopt);
}

TEST_F(SchedulerTest, NoIntegrationRunsTwiceAtOnce) {
  Scheduler scheduler = make(4);
  active("a", kStart - 7 * kHour);
  scheduler.update({member("a")}, kStart);
  scheduler.tick(kStart);
  EXPECT_THAT(launched(), ElementsAre("a incremental"));
  for (int hour = 1; hour < 30; ++hour) scheduler.tick(kStart + hour * kHour);
  EXPECT_THAT(launched(), IsEmpty());
  EXPECT_EQ(scheduler.request({"a", {}, "full", {}, "me"}, kStart), Scheduler::Answer::Busy);
  active("a", kStart);
  scheduler.ended("a", 0, kStart + 30 * kHour);
  scheduler.tick(kStart + 30 * kHour);
  EXPECT_THAT(launched(), ElementsAre("a incremental"));
}

TEST_F(SchedulerTest, AtMostSoManyAtOnceAndTheLongestWaitingFirst) {
  Scheduler scheduler = make(2);
  std::vector<Member> members;
  for (const char* name : {"a", "b", "c", "d"}) members.push_back(member(name));
  active("a", kStart - 7 * kHour);
  active("b", kStart - 10 * kHour);
  active("c", kStart - 8 * kHour);
  active("d", kStart - 9 * kHour);
  scheduler.update(members, kStart - 20 * kHour);
  scheduler.tick(kStart);
  EXPECT_THAT(launched(), ElementsAre("b incremental", "d incremental"));
  EXPECT_TRUE(scheduler.view("c").queued);
  active("b", kStart);
  scheduler.ended("b", 0, kStart + 1);
  scheduler.tick(kStart + 1);
  EXPECT_THAT(launched(), ElementsAre("c incremental"));
}

TEST_F(SchedulerTest, APersonsRequestComesBeforeTheSchedule) {
  Scheduler scheduler = make(1);
  for (const char* name : {"a", "b", "c"}) active(name, kStart - 7 * kHour);
  scheduler.update({member("a"), member("b"), member("c")}, kStart);
  scheduler.tick(kStart);
  EXPECT_THAT(launched(), ElementsAre("a incremental"));
  EXPECT_EQ(scheduler.request({"c", {}, "full", {}, "me"}, kStart), Scheduler::Answer::Queued);
  EXPECT_EQ(scheduler.request({"c", {}, "full", {}, "me"}, kStart), Scheduler::Answer::Busy);
  EXPECT_EQ(scheduler.request({"x", {}, "full", {}, "me"}, kStart), Scheduler::Answer::Unknown);
  active("a", kStart);
  scheduler.ended("a", 0, kStart);
  scheduler.tick(kStart);
  EXPECT_THAT(launched(), ElementsAre("c full"));
}

TEST_F(SchedulerTest, ABrokenFileOrStateStopsNoOther) {
  Scheduler scheduler = make(4);
  Member bad = member("bad");
  bad.broken = true;
  active("bad", kStart - 9 * kHour);
  active("good", kStart - 9 * kHour);
  broken_["damaged"] = true;
  scheduler.update({bad, member("damaged"), member("good")}, kStart);
  scheduler.tick(kStart);
  EXPECT_THAT(launched(), ElementsAre("good incremental"));
  EXPECT_EQ(scheduler.view("damaged").problem, "damaged");
}

TEST_F(SchedulerTest, FollowsTheDirectory) {
  Scheduler scheduler = make(1);
  active("a", kStart - 7 * kHour);
  active("b", kStart - 7 * kHour);
  scheduler.update({member("a"), member("b")}, kStart);
  scheduler.tick(kStart);
  EXPECT_THAT(launched(), ElementsAre("a incremental"));
  // Both files go: one is running, one waits.
  scheduler.update({}, kStart);
  EXPECT_EQ(scheduler.queued(), 0U);
  EXPECT_TRUE(scheduler.view("a").running);
  scheduler.ended("a", 0, kStart);
  scheduler.tick(kStart);
  EXPECT_THAT(launched(), IsEmpty());
  EXPECT_EQ(scheduler.running(), 0U);
  // One comes back with another schedule.
  active("a", kStart);
  scheduler.update({member("a", std::chrono::minutes{10})}, kStart);
  scheduler.tick(kStart);
  EXPECT_EQ(scheduler.view("a").due, kStart + 600'000);
}

TEST_F(SchedulerTest, ARunThatCannotStartIsNotTriedAtOnceAgain) {
  Scheduler scheduler = make(1);
  active("a", kStart - 7 * kHour);
  scheduler.update({member("a")}, kStart);
  scheduler.tick(kStart);
  scheduler.ended("a", 3, kStart + 1'000);
  scheduler.tick(kStart + 1'000);
  EXPECT_THAT(launched(), ElementsAre("a incremental"));
  EXPECT_EQ(scheduler.view("a").due, kStart + 1'000 + 300'000);
  scheduler.tick(kStart + 1'000 + 300'000);
  EXPECT_THAT(launched(), ElementsAre("a incremental"));
}

TEST_F(SchedulerTest, WhoIsBusyElsewhereWaitsAMinute) {
  Scheduler scheduler = make(1);
  active("a", kStart - 7 * kHour);
  scheduler.update({member("a")}, kStart);
  scheduler.tick(kStart);
  scheduler.ended("a", 6, kStart + 10);
  scheduler.tick(kStart + 10);
  EXPECT_THAT(launched(), ElementsAre("a incremental"));
  active("a", kStart - kHour);
  scheduler.tick(kStart + 60'010);
  EXPECT_EQ(scheduler.view("a").due, kStart + 5 * kHour);
}

TEST_F(SchedulerTest, ARefusalWaitsForTheScheduleOrAnotherFile) {
  Scheduler scheduler = make(1);
  active("a", kStart - 7 * kHour);
  scheduler.update({member("a")}, kStart);
  scheduler.tick(kStart);
  scheduler.ended("a", 5, kStart + 1'000);
  scheduler.tick(kStart + 1'000);
  EXPECT_EQ(scheduler.view("a").due, kStart + 6 * kHour);
  Member changed = member("a");
  changed.revision = 7;
  scheduler.update({changed}, kStart + 2'000);
  launched();
  scheduler.tick(kStart + 2'000);
  EXPECT_THAT(launched(), ElementsAre("a incremental"));
}

TEST_F(SchedulerTest, AnInterruptedRunGoesOnSoon) {
  Scheduler scheduler = make(1);
  active("a", kStart - 7 * kHour);
  scheduler.update({member("a")}, kStart);
  scheduler.tick(kStart);
  scheduler.ended("a", 4, kStart + 1'000);
  scheduler.tick(kStart + 1'000);
  EXPECT_EQ(scheduler.view("a").due, kStart + 61'000);
}

TEST_F(SchedulerTest, EventsAreTakenInBetweenWhileTheIntegrationIsActive) {
  Scheduler scheduler = make(4);
  active("a", kStart - kHour);
  facts_["new"] = {Lifecycle::Sampled, std::nullopt};
  scheduler.update({member("a"), member("new")}, kStart);
  scheduler.tick(kStart);
  scheduler.events("a", kStart);
  scheduler.events("new", kStart);
  EXPECT_EQ(scheduler.wake_at(kStart), kStart);
  scheduler.tick(kStart + 1);
  EXPECT_THAT(launched(), ElementsAre("a events"));
  EXPECT_EQ(scheduler.view("a").stage, "events");
  // What comes meanwhile waits for the end, and a moment longer.
  scheduler.events("a", kStart + 500);
  scheduler.ended("a", 0, kStart + 1'000);
  scheduler.tick(kStart + 1'001);
  EXPECT_THAT(launched(), IsEmpty());
  const auto next = scheduler.wake_at(kStart + 1'001);
  EXPECT_GT(next, kStart + 1'001);
  EXPECT_LE(next, kStart + 10'000);
  scheduler.tick(next);
  EXPECT_THAT(launched(), ElementsAre("a events"));
  scheduler.events("a", std::nullopt);
  scheduler.ended("a", 0, next + 1);
  scheduler.tick(next + kHour);
  EXPECT_THAT(launched(), IsEmpty());
  // Those of the other one were only kept until it became active.
  active("new", kStart);
  scheduler.look_again("new");
  scheduler.tick(next + kHour + 1);
  EXPECT_THAT(launched(), ElementsAre("new events"));
  // Nothing of this has changed when the schedule's runs are due.
  EXPECT_EQ(scheduler.view("a").due, kStart + 5 * kHour);
}

TEST_F(SchedulerTest, EventsThatCannotBeTakenAreTriedLessAndLessOften) {
  Scheduler scheduler = make(1);
  active("a", kStart);
  scheduler.update({member("a", std::chrono::hours{24 * 365})}, kStart);
  scheduler.events("a", kStart);
  std::int64_t now = kStart, waited = 0;
  for (int tries = 0; tries < 12; ++tries) {
    const std::int64_t before = now;
    while (launched_.empty()) {
      scheduler.tick(now);
      if (launched_.empty()) now = scheduler.wake_at(now);
      ASSERT_LE(now - before, kHour) << tries;
    }
    EXPECT_THAT(launched(), ElementsAre("a events"));
    EXPECT_GE(now - before, waited);
    waited = now - before;
    scheduler.ended("a", 3, now);
  }
  EXPECT_EQ(waited, kHour);
}

TEST_F(SchedulerTest, APersonsRunWaitsForTheEndOfOneForEvents) {
  Scheduler scheduler = make(2);
  active("a", kStart);
  active("b", kStart - 7 * kHour);
  scheduler.update({member("a"), member("b")}, kStart);
  scheduler.events("a", kStart);
  scheduler.tick(kStart);
  EXPECT_THAT(launched(), UnorderedElementsAre("b incremental", "a events"));
  EXPECT_EQ(scheduler.request({"a", {}, "full", {}, "ann"}, kStart), Scheduler::Answer::Queued);
  EXPECT_EQ(scheduler.request({"a", {}, "full", {}, "bob"}, kStart), Scheduler::Answer::Busy);
  scheduler.ended("b", 0, kStart + 1);
  scheduler.tick(kStart + 1);
  EXPECT_THAT(launched(), IsEmpty()) << "never two of one integration";
  scheduler.ended("a", 0, kStart + 2);
  scheduler.tick(kStart + 2);
  EXPECT_THAT(launched(), ElementsAre("a full"));
  EXPECT_EQ(scheduler.view("a").stage, "full");
  scheduler.ended("a", 3, kStart + kHour);
  scheduler.tick(kStart + kHour);
  EXPECT_THAT(launched(), ElementsAre("a events")) << "its failure says nothing of events";
}

TEST_F(SchedulerTest, AScheduledRunTakesTheEventsAsWell) {
  Scheduler scheduler = make(4);
  active("a", kStart - 7 * kHour);
  scheduler.update({member("a")}, kStart);
  scheduler.events("a", kStart - 8 * kHour);
  scheduler.tick(kStart);
  EXPECT_THAT(launched(), ElementsAre("a incremental"));
}

}  // namespace
}  // namespace sluice::host::serve
