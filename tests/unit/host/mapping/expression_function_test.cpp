// Sluice's own functions; jq's are held against the jq program.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapping/expression.hpp"

namespace sluice::host {
namespace {

using ::testing::HasSubstr;

// What `expression` makes of a JSON value; the message when it fails.
std::string made_of(const std::string& value, const std::string& expression) {
  try {
    return to_json(Expression::parse({expression, {}}).evaluate(parse_json(value)));
  } catch (const EvaluationError& error) {
    return std::string{"error: "} + error.what();
  }
}

TEST(ExpressionFunctions, NullStaysNull) {
  for (const char* function :
       {"date(\"UTC\")", "datetime(\"UTC\")", "date(\"UTC\"; \"%Y\")", "money(\"USD\")",
        "money(.none)", "lookup({}; 1)", "trim", "upper", "lower", "title_case", "boolean",
        "yes_no(1; 2)", "number_format(2)", "hash", "normalize_email"}) {
    EXPECT_EQ(made_of("null", function), "null") << function;
  }
  EXPECT_EQ(made_of("null", "is_email"), "false");
}

TEST(ExpressionFunctions, MoneyIsExact) {
  EXPECT_EQ(made_of("1999", "money(\"USD\")"), "19.99");
  EXPECT_EQ(made_of("1900", "money(\"eur\")"), "19");
  EXPECT_EQ(made_of("5", "money(\"USD\")"), "0.05");
  EXPECT_EQ(made_of("-1", "money(\"USD\")"), "-0.01");
  EXPECT_EQ(made_of("0", "money(\"USD\")"), "0");
  EXPECT_EQ(made_of("1999", "money(\"JPY\")"), "1999");
  EXPECT_EQ(made_of("1999", "money(\"KRW\")"), "1999");
  EXPECT_EQ(made_of("1999", "money(\"KWD\"; 3)"), "1.999");
  EXPECT_EQ(made_of("999999999999999", "money(\"USD\")"), "9999999999999.99");
  EXPECT_EQ(made_of("900719925474099200", "money(\"USD\")"), "9007199254740992");
  EXPECT_THAT(made_of("9007199254740993", "money(\"USD\")"), HasSubstr("too many digits"));
  EXPECT_EQ(made_of("1999.0", "money(\"USD\")"), "19.99");
  EXPECT_THAT(made_of("19.5", "money(\"USD\")"), HasSubstr("whole minor units"));
  EXPECT_THAT(made_of("\"1999\"", "money(\"USD\")"), HasSubstr("whole minor units"));
  EXPECT_THAT(made_of("{\"n\":1}", ".n | money(.currency)"), HasSubstr("three letters"));
}

TEST(ExpressionFunctions, EveryCentBelowTenThousandPrintsAsWritten) {
  const auto money = Expression::parse({"money(\"USD\")", {}});
  for (int cents = 0; cents < 1'000'000; cents += 7) {
    std::string expected = std::to_string(cents / 100);
    if (cents % 100 != 0) {
      expected += cents % 100 < 10 ? ".0" : ".";
      expected += std::to_string(cents % 100);
      if (expected.back() == '0') expected.pop_back();
    }
    ASSERT_EQ(to_json(money.evaluate(json::value(cents))), expected);
  }
}

TEST(ExpressionFunctions, LookupFindsTextsNumbersAndBooleans) {
  const std::string table = "lookup({\"a\": 1, \"7\": 2, \"true\": 3}; \"none\")";
  EXPECT_EQ(made_of("\"a\"", table), "1");
  EXPECT_EQ(made_of("7", table), "2");
  EXPECT_EQ(made_of("true", table), "3");
  EXPECT_EQ(made_of("\"b\"", table), "\"none\"");
  EXPECT_EQ(made_of("\"b\"", "lookup({\"a\": 1})"), "null");
  EXPECT_THAT(made_of("[]", table), HasSubstr("cannot be looked up"));
}

TEST(ExpressionFunctions, KnowsAddresses) {
  for (const char* good :
       {"a@b.co", "ada.lovelace+x@mail.example.com", "o'neil@example.ie", "użytkownik@przykład.pl",
        "x@xn--80ak6aa92e.xn--p1ai", "A_B-c@d-e.museum", "user@example.рф"}) {
    EXPECT_EQ(made_of(to_json(json::value(good)), "is_email"), "true") << good;
  }
  for (const char* bad :
       {"",           "a",        "a@",       "@b.co",        "a@b",      "a@b.c",     "a b@c.de",
        "a@b .co",    "a@@b.co",  "a@b@c.de", "a@.co",        "a@b..co",  "a@b.c1",    "a@b.12",
        "\"a\"@b.co", "a,b@c.de", "a;b@c.de", "a:b@c.de",     "<a@b.co>", "a(x)@b.co", "a[1]@b.co",
        "a\\@b.co",   " a@b.co",  "a@b.co\n", "a\u00a0@b.co", "a@b.co.",  "a@b.c_"}) {
    EXPECT_EQ(made_of(to_json(json::value(bad)), "is_email"), "false") << bad;
  }
  EXPECT_EQ(made_of("5", "is_email"), "false");
}

TEST(ExpressionFunctions, ChangesLetterCase) {
  EXPECT_EQ(made_of("\"zoë ÅNGSTRÖM\"", "upper"), "\"ZOË ÅNGSTRÖM\"");
  EXPECT_EQ(made_of("\"ΑΘΉΝΑ МОСКВА\"", "lower"), "\"αθήνα москва\"");
  EXPECT_EQ(made_of("\"éCOLE\"", "title_case"), "\"École\"");
  EXPECT_EQ(made_of("\"ANNE-MARIE o'neil\"", "title_case"), "\"Anne-Marie O'Neil\"");
  EXPECT_EQ(made_of("\"i don't know\"", "title_case"), "\"I Don't Know\"");
  EXPECT_EQ(made_of("\"l’oréal\"", "title_case"), "\"L’Oréal\"");
  EXPECT_THAT(made_of("5", "upper"), HasSubstr("upper takes a string"));
}

TEST(ExpressionFunctions, Trims) {
  EXPECT_EQ(made_of("\" \\t\\n a b \\u00a0\\u3000\\ufeff\"", "trim"), "\"a b\"");
  EXPECT_EQ(made_of("\"   \"", "trim"), "\"\"");
  EXPECT_EQ(made_of("\"é\"", "trim"), "\"é\"");
  EXPECT_EQ(made_of("\" Ada@Example.COM \"", "normalize_email"), "\"ada@example.com\"");
}

TEST(ExpressionFunctions, ReadsTruth) {
  for (const char* yes : {"true", "\"True\"", "\"yes\"", "\"ON\"", "1", "\"1\""}) {
    EXPECT_EQ(made_of(yes, "boolean"), "true") << yes;
    EXPECT_EQ(made_of(yes, "yes_no(\"Ja\"; \"Nein\")"), "\"Ja\"") << yes;
  }
  for (const char* no : {"false", "\"False\"", "\"no\"", "\"off\"", "0"}) {
    EXPECT_EQ(made_of(no, "boolean"), "false") << no;
    EXPECT_EQ(made_of(no, "yes_no(\"Ja\"; \"Nein\")"), "\"Nein\"") << no;
  }
  for (const char* neither : {"\"\"", "\"maybe\"", "2", "[]", "{}"}) {
    EXPECT_THAT(made_of(neither, "boolean"), HasSubstr("neither true nor false")) << neither;
  }
}

TEST(ExpressionFunctions, FormatsNumbers) {
  EXPECT_EQ(made_of("1234.5", "number_format(2)"), "\"1234.50\"");
  EXPECT_EQ(made_of("2.675", "number_format(2)"), "\"2.68\"");
  EXPECT_EQ(made_of("-2.675", "number_format(2)"), "\"-2.68\"");
  EXPECT_EQ(made_of("0.5", "number_format(0)"), "\"1\"");
  EXPECT_EQ(made_of("99.995", "number_format(2)"), "\"100.00\"");
  EXPECT_EQ(made_of("-0.001", "number_format(2)"), "\"0.00\"");
  EXPECT_EQ(made_of("1e-9", "number_format(2)"), "\"0.00\"");
  EXPECT_EQ(made_of("9007199254740993", "number_format(1)"), "\"9007199254740993.0\"");
  EXPECT_THAT(made_of("\"5\"", "number_format(2)"), HasSubstr("takes a number"));
}

TEST(ExpressionFunctions, HashesValues) {
  EXPECT_EQ(made_of("\"ada\"", "hash | length"), "32");
  EXPECT_EQ(made_of("[\"ada\", \"ada\"]", ".[0] == .[1] and (.[0] | hash) == (.[1] | hash)"),
            "true");
  EXPECT_EQ(made_of("{\"a\":1,\"b\":2}", "hash"), made_of("{\"b\":2,\"a\":1}", "hash"));
  EXPECT_NE(made_of("1", "hash"), made_of("2", "hash"));
}

TEST(ExpressionFunctions, DefaultReplacesNullOnly) {
  EXPECT_EQ(made_of("null", "default(5)"), "5");
  EXPECT_EQ(made_of("false", "default(5)"), "false");
  EXPECT_EQ(made_of("\"\"", "default(5)"), "\"\"");
  EXPECT_EQ(made_of("{\"b\":2}", ".a | default(.b)"), "2");
}

}  // namespace
}  // namespace sluice::host
