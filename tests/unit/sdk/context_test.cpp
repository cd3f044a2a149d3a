#include "sluice/context.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "errors.hpp"

namespace sluice {
namespace {

using namespace std::chrono_literals;

// Real time, unlike the testing kit's host.
class QuietHost : public HostServices {
 public:
  void log(LogLevel, std::string_view) override {}
  std::chrono::milliseconds acquire(const RateClass&, std::uint32_t) override { return 0ms; }
  void back_off(const RateClass&, std::chrono::milliseconds) override {}
  void count(std::string_view, std::int64_t) override {}
};

TEST(Context, SleepEndsAtOnceWhenTheHostAsksToStop) {
  QuietHost host;
  std::stop_source stop;
  Context context{host, stop.get_token()};
  const std::jthread stopper{[&] { stop.request_stop(); }};
  testing::expect_error(Code::Cancelled, "stop", [&] { context.sleep_for(1h); });
}

TEST(Context, SleepIsRefusedAfterTheStop) {
  QuietHost host;
  std::stop_source stop;
  stop.request_stop();
  Context context{host, stop.get_token()};
  testing::expect_error(Code::Cancelled, "stop", [&] { context.sleep_for(0ms); });
  EXPECT_THROW(context.throw_if_stopped(), Error);
}

TEST(Context, SleepsForTheTimeGiven) {
  QuietHost host;
  Context context{host, std::stop_token{}};
  const auto start = std::chrono::steady_clock::now();
  context.sleep_for(5ms);
  EXPECT_GE(std::chrono::steady_clock::now() - start, 5ms);
}

}  // namespace
}  // namespace sluice
