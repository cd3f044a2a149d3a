#include "sluice/time.hpp"

#include <gtest/gtest.h>

#include "sluice/source.hpp"

namespace sluice {
namespace {

TEST(Time, ReadsDatesAndTimestamps) {
  EXPECT_EQ(milliseconds_of("1970-01-02"), 86'400'000);
  EXPECT_EQ(milliseconds_of("1969-12-31T23:59:59Z"), -1000);
  EXPECT_EQ(milliseconds_of("2024-05-01T10:00:00Z"), 1714557600000);
  EXPECT_EQ(milliseconds_of("2024-05-01T10:00:00"), 1714557600000);
  EXPECT_EQ(milliseconds_of("2024-05-01 10:00:00.25"), 1714557600250);
  EXPECT_EQ(milliseconds_of("2024-05-01T12:00:00.1234567+02:00"), 1714557600123);
  EXPECT_EQ(milliseconds_of("2024-05-01T08:30:00-0130"), 1714557600000);
  EXPECT_EQ(milliseconds_of("2024-05-01T12:00:00+02"), 1714557600000);
  EXPECT_EQ(milliseconds_of("2024-02-29"), 1709164800000);
}

TEST(Time, ReadsNothingElse) {
  for (const char* text :
       {"", "soon", "2024", "2024-13-01", "2024-02-30", "2023-02-29", "2024-05-01T",
        "2024-05-01T10", "2024-05-01T10:00", "2024-05-01T24:00:00", "2024-05-01T10:60:00",
        "2024-05-01T10:00:00.", "2024-05-01T10:00:00+", "2024-05-01T10:00:00Zulu", "-024-05-01",
        "24-05-01", "2024-05-01T10:00:00+25:00"}) {
    EXPECT_EQ(milliseconds_of(text), std::nullopt) << text;
  }
}

TEST(Time, IsAVersionOfRows) {
  const auto body = parse_json(R"({"list":[{"id":"a","at":"1970-01-01T00:00:01Z"}]})").as_object();
  EXPECT_NE(rows(body, "list", "id", "at").ndjson().find(R"("version":1000)"), std::string::npos);
}

}  // namespace
}  // namespace sluice
