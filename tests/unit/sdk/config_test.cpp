#include <gtest/gtest.h>

#include "errors.hpp"
#include "sluice/spec.hpp"

namespace sluice {
namespace {

using testing::expect_error;

Config config(std::string_view text) {
  return Config{parse_json(text).as_object()};
}

TEST(Config, ReadsEveryType) {
  const auto options =
      config(R"({"s":"x","i":7,"d":2.5,"whole":3.0,"b":true,"list":["a","b"],"none":null})");
  EXPECT_EQ(options.text("s"), "x");
  EXPECT_EQ(options.integer("i"), 7);
  EXPECT_EQ(options.integer("whole"), 3);
  EXPECT_EQ(options.number("d", 0), 2.5);
  EXPECT_EQ(options.number("i", 0), 7.0);
  EXPECT_TRUE(options.flag("b", false));
  EXPECT_EQ(options.texts("list"), (std::vector<std::string>{"a", "b"}));
}

TEST(Config, TakesNullAndAbsentForNotGiven) {
  const auto options = config(R"({"none":null})");
  EXPECT_FALSE(options.has("none"));
  EXPECT_EQ(options.text("none", "f"), "f");
  EXPECT_EQ(options.integer("absent", 4), 4);
  EXPECT_TRUE(options.texts("absent").empty());
  expect_error(Code::Config, "'none' is missing", [&] { static_cast<void>(options.text("none")); });
}

TEST(Config, NamesTheOptionAndTheTypeButNeverTheValue) {
  const auto options = config(R"({"key":{"hidden":"s3cret"},"list":["a",1],"big":1.5})");
  const auto error = testing::error_of([&] { static_cast<void>(options.secret("key")); });
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code(), Code::Config);
  EXPECT_STREQ(error->what(), "option 'key' must be text, but it is a mapping");
  expect_error(Code::Config, "'list' must be a list of texts, but it is a number",
               [&] { static_cast<void>(options.texts("list")); });
  expect_error(Code::Config, "'big' must be a whole number",
               [&] { static_cast<void>(options.integer("big")); });
}

TEST(Config, RefusesIntegersThatDoNotFit) {
  const auto options = config(R"({"big":18446744073709551615})");
  expect_error(Code::Config, "whole number", [&] { static_cast<void>(options.integer("big")); });
}

}  // namespace
}  // namespace sluice
