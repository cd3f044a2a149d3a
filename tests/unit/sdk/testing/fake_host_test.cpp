#include "sluice/testing/fake_host.hpp"

#include <gtest/gtest.h>

#include "errors.hpp"

namespace sluice::testing {
namespace {

using namespace std::chrono_literals;

TEST(FakeHost, GivesRoomInASlidingWindow) {
  FakeHost host;
  const RateClass rate{"acme", "general", 2, 1000ms};
  EXPECT_EQ(host.acquire(rate, 2), 0ms);
  EXPECT_EQ(host.acquire(rate, 1), 1000ms);
  host.advance(400ms);
  EXPECT_EQ(host.acquire(rate, 1), 600ms);
  EXPECT_EQ(host.acquire(rate, 1), 1600ms);
  EXPECT_EQ(host.acquire({"other", "general", 2, 1000ms}, 1), 0ms);
  EXPECT_EQ(host.acquire({"acme", "free", 0, 1000ms}, 100), 0ms);
}

TEST(FakeHost, PausesAClassOnBackOff) {
  FakeHost host;
  const RateClass rate{"acme", "general", 5, 1000ms};
  host.back_off(rate, 30s);
  EXPECT_EQ(host.acquire(rate, 1), 30s);
}

TEST(FakeHost, SleepsWithoutTime) {
  FakeHost host;
  auto context = host.context();
  const auto before = context.now();
  context.sleep_for(24h);
  EXPECT_EQ(context.now() - before, 24h);
  EXPECT_EQ(host.slept(), 24h);
  host.stop();
  expect_error(Code::Cancelled, "stop", [&] { context.sleep_for(1ms); });
}

TEST(FakeHost, RemembersLinesAndCounters) {
  FakeHost host;
  auto context = host.context();
  context.warn("careful now");
  context.host().count("calls", 2);
  context.host().count("calls", 3);
  EXPECT_TRUE(host.logged("careful"));
  EXPECT_FALSE(host.logged("reckless"));
  EXPECT_EQ(host.counter("calls"), 5);
  EXPECT_EQ(host.counter("other"), 0);
}

}  // namespace
}  // namespace sluice::testing
