// What becomes of text that comes from a connector.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connector/abi_call.hpp"
#include "connector/worker_messages.hpp"
#include "connector/worker_output.hpp"
#include "plugins.hpp"

namespace sluice::host {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

TEST(AbiFailure, KeepsCodeWaitAndWords) {
  AbiFailure failure;
  failure.out()->message = {"slow\ndown", 9, nullptr, nullptr};
  failure.out()->retry_after_ms = 1500;
  const auto error = error_of([&] { failure.check(SLUICE_RATE_LIMITED, "x", "read"); });
  EXPECT_EQ(error.code(), Code::RateLimited);
  EXPECT_EQ(error.retry_after_ms(), 1500);
  EXPECT_STREQ(error.what(), "slow down");
}

TEST(AbiFailure, SaysWhoFailedWhenTheConnectorSaysNothing) {
  const AbiFailure failure;
  const auto error = error_of([&] { failure.check(SLUICE_AUTH, "x", "check"); });
  EXPECT_EQ(error.code(), Code::Auth);
  EXPECT_STREQ(error.what(), "connector 'x' failed in check and does not say why");
}

TEST(LineSplitter, JoinsPiecesAndCutsLongLines) {
  LineSplitter lines;
  EXPECT_THAT(lines.feed("one\ntw"), ElementsAre("one"));
  EXPECT_THAT(lines.feed("o\n\nthr"), ElementsAre("two", ""));
  EXPECT_EQ(lines.take_rest(), "thr");
  for (int i = 0; i < 10; ++i) EXPECT_THAT(lines.feed(std::string(1000, 'x')), IsEmpty());
  EXPECT_THAT(lines.feed("\nnext\n"),
              ElementsAre(std::string(LineSplitter::kMaxLine, 'x'), "next"));
}

TEST(LineThrottle, LetsThroughABurstAndThenARate) {
  LineThrottle throttle{10, 3};
  auto now = LineThrottle::Clock::time_point{} + 1h;
  const auto admitted = [&](int lines) {
    int count = 0;
    for (int i = 0; i < lines; ++i) count += throttle.admit(now) ? 1 : 0;
    return count;
  };
  EXPECT_EQ(admitted(10), 3);
  EXPECT_EQ(throttle.take_refused(), 7U);
  EXPECT_EQ(throttle.take_refused(), 0U);
  now += 200ms;
  EXPECT_EQ(admitted(10), 2);
  now += 1h;
  EXPECT_EQ(admitted(10), 3);
}

TEST(WorkerMessages, ComeBackAsTheyWereSent) {
  const RateClass rate{"acme \"x\"", "bulk", 100, 60'000ms};
  const auto back = decode_rate(encode_rate(rate));
  EXPECT_EQ(back.account, rate.account);
  EXPECT_EQ(back.name, rate.name);
  EXPECT_EQ(back.requests, rate.requests);
  EXPECT_EQ(back.window, rate.window);
  const auto& plugin = test_catalog().find("good");
  const auto same = decode_plugin(encode_plugin(plugin));
  EXPECT_EQ(same.path, plugin.path);
  EXPECT_EQ(same.id, plugin.id);
  EXPECT_EQ(same.capabilities, plugin.capabilities);
}

TEST(WorkerMessages, RefuseWhatIsNotTheirs) {
  for (const char* text : {"", "[]", "{}", R"({"account":1})",
                           R"({"account":"a","name":"b","requests":-1,"window_ms":1})"}) {
    EXPECT_EQ(error_of([&] { (void)decode_rate(text); }).code(), Code::Internal) << text;
  }
}

}  // namespace
}  // namespace sluice::host
