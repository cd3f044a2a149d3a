#include "integration/scalar.hpp"

#include <gtest/gtest.h>

namespace sluice::host {
namespace {

using namespace std::chrono_literals;

TEST(Scalar, HasTheTypesOfYaml12) {
  const std::vector<std::pair<std::string, json::value>> cases = {
      {"", nullptr},      {"~", nullptr},
      {"null", nullptr},  {"true", true},
      {"False", false},   {"no", "no"},
      {"yes", "yes"},     {"off", "off"},
      {"017", 17},        {"0o17", 15},
      {"0x1F", 31},       {"-5", -5},
      {"+5", 5},          {"1.50", 1.5},
      {".5", 0.5},        {"1.", 1.0},
      {"1e3", 1000.0},    {"12:30", "12:30"},
      {"1_000", "1_000"}, {"2024-01-01", "2024-01-01"},
      {"0x", "0x"},       {"0o8", "0o8"},
      {"1e", "1e"},       {".", "."},
      {"-", "-"},         {"+49 151", "+49 151"},
      {"nan", "nan"},     {"18446744073709551615", 18446744073709551615ULL},
  };
  for (const auto& [text, expected] : cases) {
    const auto value = core_value(text);
    ASSERT_TRUE(value) << text;
    EXPECT_EQ(*value, expected) << text << " became " << to_json(*value);
    EXPECT_EQ(value->kind() == json::kind::double_, expected.kind() == json::kind::double_) << text;
  }
}

TEST(Scalar, RefusesNumbersThatJsonCannotKeep) {
  for (const auto* text : {".inf", "-.Inf", ".nan", "18446744073709551616", "-9223372036854775809",
                           "1e999", "0xFFFFFFFFFFFFFFFFF"}) {
    EXPECT_FALSE(core_value(text)) << text;
  }
}

TEST(Scalar, ReadsDurations) {
  EXPECT_EQ(parse_duration("90s"), 90s);
  EXPECT_EQ(parse_duration("15m"), 15min);
  EXPECT_EQ(parse_duration("6h"), 6h);
  EXPECT_EQ(parse_duration("1d"), 24h);
  for (const auto* text :
       {"", "s", "0s", "6", "6 h", "-6h", "1.5h", "6hours", "367d", "99999999999d"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

TEST(Scalar, ReadsSizes) {
  EXPECT_EQ(parse_size("1MiB"), 1U << 20);
  EXPECT_EQ(parse_size("4GiB"), std::uint64_t{4} << 30);
  EXPECT_EQ(parse_size("1024TiB"), std::uint64_t{1} << 50);
  for (const auto* text : {"", "MiB", "0MiB", "4", "4 GiB", "4GB", "-1GiB", "1.5GiB", "1025TiB"}) {
    EXPECT_FALSE(parse_size(text)) << text;
  }
}

TEST(Scalar, ReadsRates) {
  EXPECT_EQ(parse_rate("120/min")->requests, 120U);
  EXPECT_EQ(parse_rate("120/min")->window, 1min);
  EXPECT_EQ(parse_rate("5/s")->window, 1s);
  EXPECT_EQ(parse_rate("1000/h")->window, 1h);
  for (const auto* text : {"", "120", "/min", "0/s", "5/d", "5 / s", "-5/s", "1.5/s"}) {
    EXPECT_FALSE(parse_rate(text)) << text;
  }
}

TEST(Scalar, ReadsDeleteLimits) {
  EXPECT_EQ(parse_delete_limit("50")->count, 50U);
  EXPECT_FALSE(parse_delete_limit("50")->percent);
  EXPECT_EQ(parse_delete_limit("2%")->percent, 2.0);
  EXPECT_EQ(parse_delete_limit("0.5%")->percent, 0.5);
  EXPECT_EQ(parse_delete_limit("0")->count, 0U);
  for (const auto* text : {"", "%", "-1", "101%", "-1%", "2 %", "1.5", "many"}) {
    EXPECT_FALSE(parse_delete_limit(text)) << text;
  }
}

TEST(Scalar, KnowsCronTimezonesAndNames) {
  EXPECT_TRUE(is_cron("0 */6 * * MON-FRI"));
  EXPECT_FALSE(is_cron("0 */6 * *"));
  EXPECT_FALSE(is_cron("0 */6 * * * *"));
  EXPECT_FALSE(is_cron("@daily"));
  EXPECT_TRUE(is_timezone("Europe/Berlin"));
  EXPECT_FALSE(is_timezone("Europe/Berlinn"));
  EXPECT_TRUE(is_name("a-1_b.c"));
  EXPECT_FALSE(is_name("../a"));
  EXPECT_FALSE(is_name(".a"));
  EXPECT_FALSE(is_name("a b"));
  EXPECT_FALSE(is_name(std::string(101, 'a')));
}

}  // namespace
}  // namespace sluice::host
