#include "values.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace activecampaign {
namespace {

CustomField field(const char* vendor_type) {
  CustomField field;
  field.vendor_type = vendor_type;
  field.type = field_type_of(vendor_type);
  field.options = {{"gold", "Gold tier"}, {"silver", "Silver tier"}, {"Yes", "Yes"}, {"No", "No"}};
  return field;
}

std::string written(const char* type, const char* value) {
  const auto result = format_value(field(type), sluice::parse_json(value));
  EXPECT_EQ(result.problem, "") << value;
  return result.text;
}

std::string problem(const char* type, const char* value) {
  return format_value(field(type), sluice::parse_json(value)).problem;
}

TEST(Values, NumbersAreDecimalsWithoutExponent) {
  EXPECT_EQ(written("number", "1234"), "1234");
  EXPECT_EQ(written("number", "12.5"), "12.5");
  EXPECT_EQ(written("number", "1e3"), "1000");
  EXPECT_EQ(written("number", "1.5e-9"), "0.0000000015");
  EXPECT_EQ(written("number", "18446744073709551615"), "18446744073709551615");
  EXPECT_EQ(written("number", R"("12.50")"), "12.50");
  EXPECT_EQ(written("number", R"("1e3")"), "1000");
  EXPECT_EQ(written("number", "true"), "1");
  EXPECT_NE(problem("number", R"("1,234")"), "");
  EXPECT_NE(problem("number", R"("nan")"), "");
  EXPECT_NE(problem("number", R"("12 pcs")"), "");
  EXPECT_NE(problem("number", "[1]"), "");
}

TEST(Values, DatesAreCalendarDates) {
  EXPECT_EQ(written("date", R"("2024-02-29")"), "2024-02-29");
  EXPECT_EQ(written("date", R"("2024-05-31T13:05:00Z")"), "2024-05-31");
  EXPECT_NE(problem("date", R"("2023-02-29")"), "");
  EXPECT_NE(problem("date", R"("31.05.2024")"), "");
  EXPECT_NE(problem("date", "1717160700"), "");
  EXPECT_NE(problem("date", R"("2024-05-311")"), "");
}

TEST(Values, InstantsCarryAnOffset) {
  EXPECT_EQ(written("datetime", R"("2024-05-31T13:05:00Z")"), "2024-05-31T13:05:00+00:00");
  EXPECT_EQ(written("datetime", R"("2024-05-31 13:05:00-06:00")"), "2024-05-31T13:05:00-06:00");
  EXPECT_NE(problem("datetime", R"("2024-05-31T13:05:00")"), "");
  EXPECT_NE(problem("datetime", R"("2024-05-31")"), "");
}

TEST(Values, OptionsAreMatchedByValueThenLabel) {
  EXPECT_EQ(written("dropdown", R"("gold")"), "gold");
  EXPECT_EQ(written("radio", R"("Silver tier")"), "silver");
  EXPECT_EQ(written("dropdown", R"("GOLD")"), "gold");
  EXPECT_EQ(written("dropdown", "true"), "Yes");
  EXPECT_EQ(written("dropdown", "false"), "No");
  EXPECT_THAT(problem("dropdown", R"("bronze")"), testing::HasSubstr("\"gold\", \"silver\""));
}

TEST(Values, SeveralOptionsStandBetweenPipes) {
  EXPECT_EQ(written("checkbox", R"(["gold","Silver tier"])"), "||gold||silver||");
  EXPECT_EQ(written("listbox", R"("gold")"), "||gold||");
  EXPECT_EQ(written("multiselect", R"("||gold||silver||")"), "||gold||silver||");
  EXPECT_EQ(written("checkbox", "[]"), "");
  EXPECT_NE(problem("checkbox", R"(["gold","bronze"])"), "");
  CustomField open = field("checkbox");
  open.options.clear();
  EXPECT_NE(format_value(open, sluice::parse_json(R"(["a||b"])")).problem, "");
}

TEST(Values, TextsKeepTheirTextAndRefuseStructures) {
  EXPECT_EQ(written("text", R"("0049 30 123")"), "0049 30 123");
  EXPECT_EQ(written("textarea", R"("a\nb")"), "a\nb");
  EXPECT_EQ(written("hidden", "12.50"), "12.5");
  EXPECT_EQ(written("text", "true"), "true");
  EXPECT_NE(problem("text", R"({"a":1})"), "");
  EXPECT_NE(problem("text", "[1]"), "");
}

TEST(Values, StoredTextsComeBackTyped) {
  EXPECT_EQ(parse_value(field("number"), "12.50"), json::value(12.5));
  EXPECT_EQ(parse_value(field("number"), "7"), json::value(7));
  EXPECT_EQ(parse_value(field("checkbox"), "||gold||silver||"),
            sluice::parse_json(R"(["gold","silver"])"));
  EXPECT_EQ(parse_value(field("datetime"), "2024-05-31T14:05:00-05:00"),
            json::value("2024-05-31T19:05:00Z"));
  EXPECT_EQ(parse_value(field("date"), "0000-00-00"), json::value(nullptr));
  EXPECT_EQ(parse_value(field("text"), ""), json::value(nullptr));
  EXPECT_EQ(parse_value(field("number"), "n/a"), json::value("n/a"));
}

TEST(Values, EqualInstantsInDifferentZonesAreTheSame) {
  EXPECT_TRUE(
      same_value(field("datetime"), "2024-05-31T13:05:00-06:00", "2024-05-31T14:05:00-05:00"));
  EXPECT_FALSE(
      same_value(field("datetime"), "2024-05-31T13:05:00-06:00", "2024-05-31T13:05:00-05:00"));
  EXPECT_TRUE(same_value(field("checkbox"), "||a||b||", "||b||a||"));
  EXPECT_TRUE(same_value(field("number"), "12.50", "12.5"));
  EXPECT_FALSE(same_value(field("text"), "a", "A"));
}

}  // namespace
}  // namespace activecampaign
