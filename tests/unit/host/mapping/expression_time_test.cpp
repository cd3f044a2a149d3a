#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapping/expression.hpp"
#include "mapping/expression/time.hpp"

namespace sluice::host {
namespace {

using ::testing::HasSubstr;

std::string made_of(const std::string& value, const std::string& expression) {
  try {
    return to_json(Expression::parse({expression, {}}).evaluate(parse_json(value)));
  } catch (const EvaluationError& error) {
    return std::string{"error: "} + error.what();
  }
}

TEST(ExpressionTime, TellsTheDayInTheZone) {
  EXPECT_EQ(made_of("0", "date(\"UTC\")"), "\"1970-01-01\"");
  EXPECT_EQ(made_of("-1", "date(\"UTC\")"), "\"1969-12-31\"");
  EXPECT_EQ(made_of("951782400", "date(\"UTC\")"), "\"2000-02-29\"");
  EXPECT_EQ(made_of("1714604400", "date(\"UTC\")"), "\"2024-05-01\"");
  EXPECT_EQ(made_of("1714604400", "date(\"Europe/Berlin\")"), "\"2024-05-02\"");
  EXPECT_EQ(made_of("1714604400", "date(\"America/New_York\")"), "\"2024-05-01\"");
  EXPECT_EQ(made_of("1714604400.9", "date(\"UTC\")"), "\"2024-05-01\"");
}

TEST(ExpressionTime, KnowsSummerTime) {
  EXPECT_EQ(made_of("1711846799", "datetime(\"Europe/Berlin\")"), "\"2024-03-31T01:59:59+01:00\"");
  EXPECT_EQ(made_of("1711846800", "datetime(\"Europe/Berlin\")"), "\"2024-03-31T03:00:00+02:00\"");
  EXPECT_EQ(made_of("1729990800", "datetime(\"Europe/Berlin\")"), "\"2024-10-27T02:00:00+01:00\"");
  EXPECT_EQ(made_of("0", "datetime(\"America/St_Johns\")"), "\"1969-12-31T20:30:00-03:30\"");
  EXPECT_EQ(made_of("0", "datetime(\"UTC\")"), "\"1970-01-01T00:00:00+00:00\"");
}

TEST(ExpressionTime, TakesFormats) {
  EXPECT_EQ(made_of("1714564800", "date(\"UTC\"; \"%d.%m.%Y\")"), "\"01.05.2024\"");
  EXPECT_EQ(made_of("1714564800", "datetime(\"Europe/Berlin\"; \"%H:%M %z\")"), "\"14:00 +0200\"");
  EXPECT_EQ(made_of("1714564800", "date(\"UTC\"; \"%A\")"), "\"Wednesday\"");
}

TEST(ExpressionTime, TakesIsoTexts) {
  EXPECT_EQ(made_of("\"2024-05-01T23:30:00Z\"", "date(\"Europe/Berlin\")"), "\"2024-05-02\"");
  EXPECT_EQ(made_of("\"2024-05-01T14:00:00+02:00\"", "datetime(\"UTC\")"),
            "\"2024-05-01T12:00:00+00:00\"");
  EXPECT_EQ(made_of("\"2024-05-01\"", "date(\"Pacific/Auckland\")"), "\"2024-05-01\"");
  EXPECT_EQ(made_of("\"2024-05-01\"", "date(\"America/New_York\")"), "\"2024-05-01\"");
  EXPECT_THAT(made_of("\"2024-05-01T14:00:00\"", "date(\"UTC\")"), HasSubstr("with offset"));
  EXPECT_THAT(made_of("\"yesterday\"", "date(\"UTC\")"), HasSubstr("neither epoch seconds nor"));
  EXPECT_THAT(made_of("true", "date(\"UTC\")"), HasSubstr("neither epoch seconds nor"));
}

TEST(ExpressionTime, RefusesMillisecondsTakenForSeconds) {
  EXPECT_THAT(made_of("1714564800000", "date(\"UTC\")"), HasSubstr("epoch seconds are expected"));
  EXPECT_THAT(made_of("1e300", "date(\"UTC\")"), HasSubstr("error"));
}

TEST(ExpressionTime, FindsTheZoneInTheRecord) {
  EXPECT_EQ(made_of(R"({"at":1714604400,"tz":"Europe/Berlin"})", ".at | date(.tz)"),
            "\"2024-05-02\"");
  EXPECT_THAT(made_of(R"({"at":0,"tz":"Mars"})", ".at | date(.tz)"),
              HasSubstr("no time zone \"Mars\""));
  EXPECT_THAT(made_of(R"({"at":0})", ".at | date(.tz)"), HasSubstr("a time zone is a string"));
}

TEST(ExpressionTime, ReadsIsoTimesStrictly) {
  for (const char* good :
       {"2024-02-29", "2024-05-01T00:00", "2024-05-01T00:00:00Z", "2024-05-01 10:11:12.345+0530",
        "2024-05-01T10:11:12-08", "2024-05-01T10:11:12.1Z"}) {
    EXPECT_TRUE(expr::read_iso_time(good)) << good;
  }
  for (const char* bad :
       {"", "2024", "2024-5-1", "2023-02-29", "2024-13-01", "2024-00-10", "2024-01-32",
        "01.05.2024", "2024-05-01T", "2024-05-01T25:00", "2024-05-01T10:60", "2024-05-01T10:11:12.",
        "2024-05-01Z", "2024-05-01T10:11:12+", "2024-05-01T10:11:12Z ", "2024-05-01x",
        "20240501"}) {
    EXPECT_FALSE(expr::read_iso_time(bad)) << bad;
  }
  EXPECT_EQ(expr::read_iso_time("1970-01-01T01:00:00+01:00")->seconds, 0);
}

}  // namespace
}  // namespace sluice::host
