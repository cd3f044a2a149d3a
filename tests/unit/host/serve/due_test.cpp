#include "serve/due.hpp"

#include <gtest/gtest.h>

namespace sluice::host::serve {
namespace {

constexpr std::int64_t kHour = 3'600'000;
constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kMidnight = 1'700'006'400'000;  // 2023-11-15T00:00:00Z

Schedule every(std::chrono::seconds period) {
  Schedule schedule;
  schedule.every = period;
  return schedule;
}

Schedule cron(std::string fields) {
  Schedule schedule;
  schedule.cron = std::move(fields);
  return schedule;
}

TEST(Due, CountsFromTheLastStart) {
  EXPECT_EQ(due_at(every(std::chrono::hours{6}), {kMidnight, kMidnight, 0, 0}, kMidnight + kHour),
            kMidnight + 6 * kHour);
}

TEST(Due, IsInThePastWhenRunsWereMissed) {
  const auto due = due_at(every(std::chrono::hours{6}), {kMidnight, kMidnight + 50 * kHour, 0, 0},
                          kMidnight + 50 * kHour);
  ASSERT_TRUE(due);
  EXPECT_LE(*due, kMidnight + 50 * kHour);
}

TEST(Due, MissedMomentsOfCronComeToOneRun) {
  const RunPast past{kMidnight + kMinute, kMidnight + 30 * kHour, 0, 0};
  EXPECT_EQ(due_at(cron("0 6 * * *"), past, kMidnight + 30 * kHour + kMinute),
            kMidnight + 6 * kHour);
  const RunPast caught_up{kMidnight + 30 * kHour + kMinute, kMidnight + 30 * kHour, 0, 0};
  EXPECT_EQ(due_at(cron("0 6 * * *"), caught_up, kMidnight + 31 * kHour), kMidnight + 54 * kHour);
}

TEST(Due, CronWithoutAnyRunStartsAtItsNextMoment) {
  EXPECT_EQ(
      due_at(cron("0 6 * * *"), {std::nullopt, kMidnight + 7 * kHour, 0, 0}, kMidnight + 8 * kHour),
      kMidnight + 30 * kHour);
}

TEST(Due, NothingUnderManual) {
  EXPECT_EQ(due_at({}, {kMidnight, kMidnight, 3, kMidnight}, kMidnight + kHour), std::nullopt);
}

TEST(Due, FailuresAreTriedAgainEarlierButLessAndLess) {
  const auto schedule = every(std::chrono::hours{6});
  const std::int64_t end = kMidnight + kMinute;
  const auto after = [&](int failures) {
    return *due_at(schedule, {kMidnight, kMidnight, failures, end}, end) - end;
  };
  EXPECT_EQ(after(1), 5 * kMinute);
  EXPECT_EQ(after(2), 10 * kMinute);
  EXPECT_EQ(after(4), 40 * kMinute);
  EXPECT_EQ(after(5), kHour);
  EXPECT_EQ(after(500), kHour);
  EXPECT_EQ(*due_at(every(std::chrono::minutes{2}), {kMidnight, kMidnight, 1, end}, end),
            kMidnight + 2 * kMinute);
}

TEST(Jitter, IsBoundedAndTheSameEachTime) {
  const std::chrono::milliseconds most{60'000};
  bool differs = false;
  for (int i = 0; i < 100; ++i) {
    const std::string name = "integration-" + std::to_string(i);
    const auto jitter = jitter_of(name, kMidnight, most);
    EXPECT_GE(jitter.count(), 0);
    EXPECT_LE(jitter, most);
    EXPECT_EQ(jitter, jitter_of(name, kMidnight, most));
    differs = differs || jitter != jitter_of("integration-0", kMidnight, most);
  }
  EXPECT_TRUE(differs);
  EXPECT_EQ(jitter_of("any", kMidnight, {}).count(), 0);
}

}  // namespace
}  // namespace sluice::host::serve
