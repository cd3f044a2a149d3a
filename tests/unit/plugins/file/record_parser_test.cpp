#include "record_parser.hpp"

#include <gtest/gtest.h>

#include <sluice/error.hpp>

namespace file_connector {
namespace {

namespace json = sluice::json;

TEST(Sortable, ReadsNumbersAndTimes) {
  EXPECT_EQ(sortable(17), 17);
  EXPECT_EQ(sortable("17"), 17);
  EXPECT_EQ(sortable("-5"), -5);
  EXPECT_EQ(sortable("1970-01-02"), 86'400'000);
  EXPECT_EQ(sortable("1970-01-01T00:00:01Z"), 1000);
  EXPECT_EQ(sortable("1970-01-01T00:00:01.250Z"), 1250);
  EXPECT_EQ(sortable("1970-01-01T01:00:01+01:00"), 1000);
  EXPECT_EQ(sortable("1970-01-01T00:00:01"), 1000);
  EXPECT_EQ(sortable("1970-01-01 00:00:01"), 1000);
}

TEST(Sortable, RefusesEverythingElse) {
  for (const json::value& value :
       {json::value{"soon"}, json::value{""}, json::value{1.5}, json::value{true},
        json::value{nullptr}, json::value{"2024-13-01"}, json::value{"12 apples"},
        json::value{UINT64_MAX}}) {
    EXPECT_FALSE(sortable(value).has_value()) << sluice::to_json(value);
  }
}

TEST(KeyText, IsATextOrAWholeNumber) {
  EXPECT_EQ(key_text("a"), "a");
  EXPECT_EQ(key_text(UINT64_MAX), "18446744073709551615");
  EXPECT_FALSE(key_text("").has_value());
  EXPECT_FALSE(key_text(1.5).has_value());
  EXPECT_FALSE(key_text(nullptr).has_value());
}

TEST(RecordParser, RefusesRecordsThatAreTooDeepForTheHost) {
  const Options options{sluice::Config{{{"path", "x"}}}};
  RecordParser parser{options};
  const auto nested = [](std::size_t levels) {
    return R"({"id":"a","x":)" + std::string(levels, '[') + std::string(levels, ']') + "}";
  };
  EXPECT_EQ(parser.parse(nested(sluice::kMaxJsonDepth - 2)).key, "a");
  EXPECT_THROW(static_cast<void>(parser.parse(nested(sluice::kMaxJsonDepth - 1))), sluice::Error);
  EXPECT_THROW(static_cast<void>(parser.parse(nested(100'000))), sluice::Error);
}

TEST(Lines, AreTrimmedOfForeignMarks) {
  EXPECT_EQ(trimmed("\xef\xbb\xbf{}\r"), "{}");
  EXPECT_TRUE(is_blank(" \t\r"));
  EXPECT_TRUE(is_blank("\xef\xbb\xbf"));
  EXPECT_FALSE(is_blank("x"));
}

}  // namespace
}  // namespace file_connector
