#include "state/rate_budget.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <random>

#include "state/state_error.hpp"
#include "state_fixture.hpp"

namespace sluice::host {
namespace {

using std::chrono::milliseconds;

class RateBudgetTest : public ::testing::Test {
 protected:
  TemporaryDirectory directory_;
  std::int64_t now_ = 1'000'000;
  RateBudget budget_{directory_.path(), [this] { return now_; }};
};

// Most requests that any window of `window` ms holds.
std::size_t fullest(const std::vector<std::int64_t>& moments, std::int64_t window) {
  std::size_t most = 0;
  for (const auto start : moments) {
    const auto in = std::count_if(moments.begin(), moments.end(), [&](std::int64_t at) {
      return at >= start && at < start + window;
    });
    most = std::max(most, static_cast<std::size_t>(in));
  }
  return most;
}

TEST_F(RateBudgetTest, FillsTheLimitAndNeverBreaksItInAnyWindow) {
  const RateClass rate{"acme", "general", 5, milliseconds{1000}};
  std::vector<std::int64_t> moments;
  std::mt19937 random{7};
  while (moments.size() < 500) {
    const auto wait = budget_.acquire(rate, 1);
    moments.push_back(now_ + wait.count());
    now_ += static_cast<std::int64_t>(random() % 300);
  }
  EXPECT_EQ(fullest(moments, 1000), 5U);
}

TEST_F(RateBudgetTest, UsesNearlyAllOfTheLimitUnderLoad) {
  const RateClass rate{"acme", "general", 150, milliseconds{60'000}};
  std::int64_t last = 0;
  for (int i = 0; i < 1500; ++i) last = now_ + budget_.acquire(rate, 1).count();
  const double minutes = static_cast<double>(last - now_) / 60'000;
  EXPECT_GT(1350 / minutes, 150 * 0.99);  // the first 150 go at once
}

TEST_F(RateBudgetTest, UsesNearlyAllOfAShortWindowUnderLoad) {
  const RateClass rate{"acme", "general", 5, milliseconds{1000}};
  std::int64_t last = 0;
  for (int i = 0; i < 5000; ++i) last = now_ + budget_.acquire(rate, 1).count();
  EXPECT_GT(4995 / (static_cast<double>(last - now_) / 1000), 5 * 0.98);
}

// How far a reservation is from the one that is a window earlier, when all of the limit is wanted.
class RateMarginTest : public RateBudgetTest {
 protected:
  std::int64_t margin(int windows = 1) {
    std::vector<std::int64_t> moments;
    for (int i = 0; i < 5 * windows + 1; ++i) {
      now_ += budget_.acquire(rate_, 1).count();
      moments.push_back(now_);
    }
    return moments.back() - moments[moments.size() - 6] - 1000;
  }

  const RateClass rate_{"acme", "general", 5, milliseconds{1000}};
};

TEST_F(RateMarginTest, GrowsAfterAnAnswerThatTheLimitIsBroken) {
  EXPECT_EQ(margin(), 15);
  budget_.back_off(rate_, milliseconds{100});
  EXPECT_EQ(margin(2), 30);
  budget_.back_off(rate_, milliseconds{100});
  EXPECT_EQ(margin(2), 60);
}

TEST_F(RateMarginTest, GrowsOnceForRequestsThatWereRefusedTogether) {
  for (int i = 0; i < 5; ++i) budget_.back_off(rate_, milliseconds{100});
  EXPECT_EQ(margin(2), 30);
}

TEST_F(RateMarginTest, GrowsToATenthOfTheWindowAndNoFurther) {
  for (int i = 0; i < 20; ++i) {
    budget_.back_off(rate_, milliseconds{100});
    now_ += 5000;
  }
  EXPECT_EQ(margin(2), 100);
}

TEST_F(RateMarginTest, ShrinksInCalmAgain) {
  budget_.back_off(rate_, milliseconds{100});
  EXPECT_EQ(margin(100), 30);
  EXPECT_LT(margin(300), 30);
  EXPECT_EQ(margin(2000), 15);
}

TEST_F(RateMarginTest, IsSharedByProcesses) {
  RateBudget other{directory_.path(), [this] { return now_; }};
  other.back_off(rate_, milliseconds{100});
  EXPECT_EQ(margin(2), 30);
}

// The moment of the lesson may lie in the future of a clock that has been set back.
TEST_F(RateMarginTest, LearnsAlthoughTheClockWasSetBack) {
  budget_.back_off(rate_, milliseconds{100});
  now_ -= 100'000'000;
  budget_.back_off(rate_, milliseconds{100});
  now_ += 100'000'000 + 1000;
  EXPECT_EQ(margin(2), 60);
}

TEST_F(RateBudgetTest, TwoProcessesShareOneBudget) {
  RateBudget other{directory_.path(), [this] { return now_; }};
  const RateClass rate{"acme", "general", 2, milliseconds{1000}};
  EXPECT_EQ(budget_.acquire(rate, 1).count(), 0);
  EXPECT_EQ(other.acquire(rate, 1).count(), 0);
  EXPECT_GE(budget_.acquire(rate, 1).count(), 1000);
  EXPECT_GE(other.acquire(rate, 1).count(), 1000);
}

TEST_F(RateBudgetTest, EverybodyPausesAfterABackOff) {
  RateBudget other{directory_.path(), [this] { return now_; }};
  const RateClass rate{"acme", "general", 100, milliseconds{1000}};
  budget_.back_off(rate, milliseconds{30'000});
  EXPECT_EQ(other.acquire(rate, 1).count(), 30'000);
}

TEST_F(RateBudgetTest, AccountsAndClassesAreSeparate) {
  const RateClass general{"acme", "general", 1, milliseconds{1000}};
  EXPECT_EQ(budget_.acquire(general, 1).count(), 0);
  EXPECT_EQ(budget_.acquire({"acme", "bulk", 1, milliseconds{1000}}, 1).count(), 0);
  EXPECT_EQ(budget_.acquire({"../other", "general", 1, milliseconds{1000}}, 1).count(), 0);
  EXPECT_GT(budget_.acquire(general, 1).count(), 0);
}

TEST_F(RateBudgetTest, ForgetsMomentsFromAClockThatWasSetBack) {
  const RateClass rate{"acme", "general", 1, milliseconds{1000}};
  now_ += 1'000'000'000;
  EXPECT_EQ(budget_.acquire(rate, 1).count(), 0);
  now_ -= 1'000'000'000;
  EXPECT_EQ(budget_.acquire(rate, 1).count(), 0);
}

TEST_F(RateBudgetTest, AFileThatIsNoBudgetIsBegunAnew) {
  const RateClass rate{"acme", "general", 1, milliseconds{1000}};
  const auto file = directory_.path() / "acme.general.rate";
  for (const std::size_t size : {0U, 7U, 160'048U, 500'000U}) {
    std::ofstream{file, std::ios::binary | std::ios::trunc} << std::string(size, '\x7f');
    RateBudget budget{directory_.path(), [this] { return now_; }};
    EXPECT_EQ(budget.acquire(rate, 1).count(), 0) << size;
    RateBudget other{directory_.path(), [this] { return now_; }};
    EXPECT_GT(other.acquire(rate, 1).count(), 0) << size;
  }
}

// A mapped file would end the process with SIGBUS here.
TEST_F(RateBudgetTest, AFullDiskIsTold) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{1000, 1000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    int code = 1;
    try {
      (void)budget_.acquire({"acme", "general", 1, milliseconds{1000}}, 1);
    } catch (const StateError& error) {
      if (error.kind() == StateError::Kind::Full) code = 42;
    }
    ::_exit(code);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 42);
}

TEST_F(RateBudgetTest, UnlimitedNeedsNoFile) {
  EXPECT_EQ(budget_.acquire({"acme", "general", 0, milliseconds{1000}}, 5).count(), 0);
  EXPECT_TRUE(std::filesystem::is_empty(directory_.path()));
}

}  // namespace
}  // namespace sluice::host
