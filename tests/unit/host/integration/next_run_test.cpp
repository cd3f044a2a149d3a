#include "integration/next_run.hpp"

#include <date/date.h>
#include <gtest/gtest.h>

#include <sstream>

namespace sluice::host {
namespace {

std::int64_t at(const std::string& text) {
  std::istringstream in{text};
  date::sys_time<std::chrono::milliseconds> moment;
  in >> date::parse("%F %T", moment);
  EXPECT_FALSE(in.fail()) << text;
  return moment.time_since_epoch().count();
}

std::string next(const std::string& cron, const std::string& now, const std::string& zone = "UTC") {
  Schedule schedule;
  schedule.cron = cron;
  schedule.timezone = zone;
  const auto found = next_run(schedule, std::nullopt, at(now));
  if (!found) return "never";
  return date::format("%F %H:%M",
                      date::sys_time<std::chrono::milliseconds>{std::chrono::milliseconds{*found}});
}

TEST(NextRunTest, AnIntervalCountsFromTheLastStart) {
  Schedule schedule;
  schedule.every = std::chrono::hours{6};
  EXPECT_EQ(next_run(schedule, 1000, 5000), 1000 + 6 * 3'600'000);
  EXPECT_EQ(next_run(schedule, std::nullopt, 5000), 5000);
}

TEST(NextRunTest, ManualHasNone) {
  EXPECT_FALSE(next_run(Schedule{}, 1000, 5000));
}

TEST(NextRunTest, FieldsOfCron) {
  EXPECT_EQ(next("0 */6 * * *", "2026-01-01 05:59:59"), "2026-01-01 06:00");
  EXPECT_EQ(next("0 */6 * * *", "2026-01-01 06:00:00"), "2026-01-01 12:00");
  EXPECT_EQ(next("15,45 9-10 * * *", "2026-01-01 10:50:00"), "2026-01-02 09:15");
  EXPECT_EQ(next("0 0 * feb mon", "2026-01-01 00:00:00"), "2026-02-02 00:00");
  EXPECT_EQ(next("0 0 * * 7", "2026-01-01 00:00:00"), "2026-01-04 00:00");
  EXPECT_EQ(next("0 0 29 2 *", "2026-01-01 00:00:00"), "2028-02-29 00:00");
  EXPECT_EQ(next("10/20 0 1 1 *", "2026-01-01 00:10:00"), "2026-01-01 00:30");
}

TEST(NextRunTest, EitherOfTheTwoDayFieldsWhenBothAreSet) {
  EXPECT_EQ(next("0 0 13 * fri", "2026-01-01 00:00:00"), "2026-01-02 00:00");
  EXPECT_EQ(next("0 0 13 * fri", "2026-01-09 00:00:00"), "2026-01-13 00:00");
}

TEST(NextRunTest, ChangesOfTheClock) {
  EXPECT_EQ(next("30 2 * * *", "2026-03-28 12:00:00", "Europe/Berlin"), "2026-03-29 01:00");
  EXPECT_EQ(next("30 2 * * *", "2026-10-24 12:00:00", "Europe/Berlin"), "2026-10-25 00:30");
  EXPECT_EQ(next("30 2 * * *", "2026-10-25 00:30:00", "Europe/Berlin"), "2026-10-26 01:30");
}

TEST(NextRunTest, WhatNoMomentFitsIsNever) {
  EXPECT_EQ(next("0 0 30 2 *", "2026-01-01 00:00:00"), "never");
  EXPECT_EQ(next("99 0 * * *", "2026-01-01 00:00:00"), "never");
}

}  // namespace
}  // namespace sluice::host
