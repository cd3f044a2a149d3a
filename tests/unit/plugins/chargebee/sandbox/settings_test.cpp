#include "settings.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "sluice/error.hpp"

namespace chargebee_sandbox {
namespace {

Settings parse(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "sluice-sandbox-chargebee");
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  Settings settings;
  EXPECT_EQ(parse_command_line(static_cast<int>(pointers.size()), pointers.data(), settings),
            CommandLine::Run);
  return settings;
}

TEST(ChargebeeSettings, HaveDefaults) {
  const Settings settings = parse({});
  EXPECT_EQ(settings.customers, 1000U);
  EXPECT_EQ(settings.api_key, "sandbox-key");
  EXPECT_EQ(settings.rate_limit, 0);
  EXPECT_FALSE(settings.keyset_offsets);
}

TEST(ChargebeeSettings, ReadEveryKind) {
  const Settings settings =
      parse({"--customers", "7", "--seed=3", "--rate-limit", "150/min", "--offset-mode", "keyset",
             "--catalog", "1", "--visibility-lag", "1.5", "--retry-after", "off", "--default-order",
             "desc", "--gifters", "0.5"});
  EXPECT_EQ(settings.customers, 7U);
  EXPECT_EQ(settings.seed, 3U);
  EXPECT_EQ(settings.rate_limit, 150);
  EXPECT_TRUE(settings.keyset_offsets);
  EXPECT_EQ(settings.catalog, 1);
  EXPECT_EQ(settings.visibility_lag_ms, 1500);
  EXPECT_FALSE(settings.retry_after);
  EXPECT_TRUE(settings.newest_first);
  EXPECT_EQ(settings.gifters, 0.5);
}

TEST(ChargebeeSettings, StartEmptyWithASeedFile) {
  EXPECT_EQ(parse({"--seed-file", "x.json"}).customers, 0U);
  EXPECT_EQ(parse({"--seed-file", "x.json", "--customers", "5"}).customers, 5U);
}

TEST(ChargebeeSettings, RefuseWhatMakesNoSense) {
  EXPECT_ANY_THROW(parse({"--customer", "5"}));
  EXPECT_ANY_THROW(parse({"--offset-mode", "random"}));
  EXPECT_ANY_THROW(parse({"--catalog", "3"}));
  EXPECT_ANY_THROW(parse({"--time-scale", "0"}));
  EXPECT_ANY_THROW(parse({"extra"}));
  for (const char* rate : {"150", "0/min", "x/min", "150/h", "-1/min", ""}) {
    EXPECT_THROW(static_cast<void>(parse_rate(rate)), sluice::Error) << rate;
  }
}

}  // namespace
}  // namespace chargebee_sandbox
