#include "mapping/conversion.hpp"

#include "mapping_fixture.hpp"

namespace sluice::host {
namespace {

using ::testing::HasSubstr;

// The converted value, or the problem's code.
std::string converted(FieldType type, const std::string& value,
                      std::vector<std::string> options = {}) {
  Target target;
  target.name = "F";
  target.type = type;
  target.options = std::move(options);
  json::value out;
  const auto problem = convert(parse_json(value), target, out);
  if (problem) {
    EXPECT_THAT(problem->message, HasSubstr("\"F\""));
  }
  return problem ? problem->code : to_json(out);
}

TEST(Conversion, Texts) {
  EXPECT_EQ(converted(FieldType::Text, "\"0049\""), "\"0049\"");
  EXPECT_EQ(converted(FieldType::Text, "12345678901234567"), "\"12345678901234567\"");
  EXPECT_EQ(converted(FieldType::Text, "19.99"), "\"19.99\"");
  EXPECT_EQ(converted(FieldType::Text, "true"), "\"true\"");
  EXPECT_EQ(converted(FieldType::Textarea, "\"a\\nb\""), "\"a\\nb\"");
  EXPECT_EQ(converted(FieldType::Text, "[1]"), "wrong_type");
  EXPECT_EQ(converted(FieldType::Text, "{}"), "wrong_type");
  EXPECT_EQ(converted(FieldType::Text, "null"), "null");
}

TEST(Conversion, Numbers) {
  EXPECT_EQ(converted(FieldType::Number, "12.5"), "12.5");
  EXPECT_EQ(converted(FieldType::Number, "\"12.50\""), "12.5");
  EXPECT_EQ(converted(FieldType::Number, "\" 7 \""), "7");
  EXPECT_EQ(converted(FieldType::Number, "\"9007199254740993\""), "9007199254740993");
  for (const char* bad :
       {"\"\"", "\"12,5\"", "\"twelve\"", "\"12 EUR\"", "true", "[]", "\"99999999999999999999\""}) {
    EXPECT_EQ(converted(FieldType::Number, bad), "wrong_type") << bad;
  }
}

TEST(Conversion, Dates) {
  EXPECT_EQ(converted(FieldType::Date, "\"2024-02-29\""), "\"2024-02-29\"");
  for (const char* bad :
       {"\"2023-02-29\"", "\"2024-02-29T10:00:00Z\"", "\"29.02.2024\"", "1709164800", "\"\""}) {
    EXPECT_EQ(converted(FieldType::Date, bad), "wrong_type") << bad;
  }
  EXPECT_EQ(converted(FieldType::Datetime, "\"2024-02-29T10:00:00+01:00\""),
            "\"2024-02-29T10:00:00+01:00\"");
  for (const char* bad : {"\"2024-02-29\"", "\"2024-02-29T10:00:00\"", "1709164800"}) {
    EXPECT_EQ(converted(FieldType::Datetime, bad), "wrong_type") << bad;
  }
}

TEST(Conversion, BooleansAndOptions) {
  EXPECT_EQ(converted(FieldType::Boolean, "\"False\""), "false");
  EXPECT_EQ(converted(FieldType::Boolean, "true"), "true");
  EXPECT_EQ(converted(FieldType::Boolean, "1"), "wrong_type");
  EXPECT_EQ(converted(FieldType::Option, "\"a\"", {"a", "b"}), "\"a\"");
  EXPECT_EQ(converted(FieldType::Option, "\"A\"", {"a", "b"}), "unknown_option");
  EXPECT_EQ(converted(FieldType::Option, "7", {"7"}), "\"7\"");
  EXPECT_EQ(converted(FieldType::Options, "[\"b\",\"a\"]", {"a", "b"}), "[\"b\",\"a\"]");
  EXPECT_EQ(converted(FieldType::Options, "\"a\"", {"a", "b"}), "[\"a\"]");
  EXPECT_EQ(converted(FieldType::Options, "[\"c\"]", {"a", "b"}), "unknown_option");
  EXPECT_EQ(converted(FieldType::Options, "[[1]]"), "wrong_type");
}

TEST(Conversion, Lengths) {
  Target target;
  target.name = "F";
  target.type = FieldType::Text;
  target.max_length = 3;
  json::value out;
  EXPECT_FALSE(convert(json::value("äöü"), target, out));
  const auto problem = convert(json::value("abcd"), target, out);
  ASSERT_TRUE(problem);
  EXPECT_EQ(problem->stage, "constraint");
  EXPECT_EQ(problem->code, "too_long");
}

TEST(Conversion, WithoutATypeValuesStayAsTheyAre) {
  Target target;
  target.name = "F";
  json::value out;
  for (const char* kept : {"1.5", "\"x\"", "true", "[\"a\",1]", "null"}) {
    EXPECT_FALSE(convert(parse_json(kept), target, out));
    EXPECT_EQ(to_json(out), kept);
  }
  EXPECT_TRUE(convert(parse_json("{}"), target, out));
  EXPECT_TRUE(convert(parse_json("[[1]]"), target, out));
}

}  // namespace
}  // namespace sluice::host
