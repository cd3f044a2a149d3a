#include "mapping/expression.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::host {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string result(const std::string& expression, const std::string& record = "{}") {
  return to_json(Expression::parse({expression, {}}).evaluate(parse_json(record)));
}

std::string failure(const std::string& expression, const std::string& record = "{}") {
  try {
    return "no failure: " + result(expression, record);
  } catch (const EvaluationError& error) {
    EXPECT_EQ(error.code(), Code::SchemaMismatch);
    return error.what();
  }
}

struct Refusal {
  std::string what;
  std::size_t offset = 0;
  Position at;
};

Refusal refusal(const ExpressionText& text) {
  try {
    static_cast<void>(Expression::parse(text));
  } catch (const ExpressionError& error) {
    EXPECT_EQ(error.code(), Code::Config);
    return {error.what(), error.offset(), error.position()};
  }
  return {"accepted", 0, {}};
}

Refusal refusal(const std::string& text) {
  return refusal(ExpressionText{text, {}});
}

TEST(Expression, KeepsAllDigitsOfIntegers) {
  EXPECT_EQ(result(".id", R"({"id":9007199254740993})"), "9007199254740993");
  EXPECT_EQ(result(".id + 1", R"({"id":9007199254740993})"), "9007199254740994");
  EXPECT_EQ(result(".id * 2", R"({"id":4611686018427387904})"), "9223372036854775808");
  EXPECT_EQ(result("18446744073709551615 - 1"), "18446744073709551614");
  EXPECT_EQ(result("\"12345678901234567\" | tonumber"), "12345678901234567");
  EXPECT_EQ(result("[9007199254740993, 9007199254740992] | max"), "9007199254740993");
  EXPECT_EQ(result("9007199254740993 == 9007199254740992"), "false");
  EXPECT_EQ(result("9007199254740994 / 2"), "4503599627370497");
  EXPECT_EQ(result("-9223372036854775807 - 1"), "-9223372036854775808");
  EXPECT_EQ(result("9007199254740993 | tostring"), "\"9007199254740993\"");
}

TEST(Expression, RefusesNumbersThatDoNotFit) {
  EXPECT_THAT(failure("18446744073709551615 + 1"), HasSubstr("64 bits"));
  EXPECT_THAT(failure("-9223372036854775807 - 2"), HasSubstr("64 bits"));
  EXPECT_THAT(failure("18446744073709551615 * 18446744073709551615"), HasSubstr("64 bits"));
  EXPECT_THAT(failure("1e300 * 1e300"), HasSubstr("range"));
  EXPECT_THAT(failure("\"99999999999999999999\" | tonumber"), HasSubstr("64 bits"));
  EXPECT_THAT(failure("-1 | sqrt"), HasSubstr("finite"));
  EXPECT_THAT(refusal("18446744073709551616").what, HasSubstr("64 bits"));
  EXPECT_THAT(refusal("1e999").what, HasSubstr("range"));
}

TEST(Expression, ComparesIntegersWithDecimalsExactly) {
  EXPECT_EQ(result("9007199254740993 > 9007199254740992.0"), "true");
  EXPECT_EQ(result("18446744073709551615 < 18446744073709551616.0"), "true");
  EXPECT_EQ(result("2 == 2.0"), "true");
}

TEST(Expression, SaysWhereTheTextIsWrong) {
  EXPECT_EQ(refusal(".a | datte(\"UTC\")").offset, 5U);
  EXPECT_EQ(refusal(".a +").offset, 4U);
  EXPECT_EQ(refusal(".a == 'x'").offset, 6U);
  EXPECT_EQ(refusal("\"a\\(.b | nope)\"").offset, 9U);
  EXPECT_THAT(refusal("\"open").what, HasSubstr("closing quote"));
  EXPECT_THAT(refusal("(.a").what, HasSubstr("`)` is missing"));
  EXPECT_THAT(refusal("").what, HasSubstr("value is missing"));
  EXPECT_THAT(refusal(".a = 1").what, HasSubstr("`==`"));
  EXPECT_THAT(refusal("reduce .[] as $x (0; 1)").what, HasSubstr("not part of Sluice's"));
  EXPECT_THAT(refusal("{a: 1 + 2}").what, HasSubstr("parentheses"));
  EXPECT_THAT(refusal("if .a then 1 end").what, HasSubstr("`else`"));
  EXPECT_THAT(refusal("1 < 2 < 3").what, HasSubstr("chained"));
  EXPECT_THAT(refusal("if true then 1 else 1 / 0 end").what, HasSubstr("division by zero"));
  EXPECT_THAT(refusal("{(null): 1}").what, HasSubstr("names of an object's members"));
  EXPECT_EQ(refusal("\"a\xFF\"").offset, 2U) << "not UTF-8";
  EXPECT_THAT(refusal("$x").what, HasSubstr("$x is not defined"));
}

TEST(Expression, SuggestsTheFunctionThatWasMeant) {
  EXPECT_THAT(refusal(".a | is_emial").what, HasSubstr("did you mean \"is_email\"?"));
  EXPECT_THAT(refusal(".a | monney(\"USD\")").what, HasSubstr("did you mean \"money\"?"));
  EXPECT_THAT(refusal(".a | date").what, HasSubstr("date takes 1 or 2 argument(s)"));
  EXPECT_THAT(refusal(".a | length(1)").what, HasSubstr("length takes no argument(s)"));
}

TEST(Expression, RefusesImpossibleArgumentsWhileParsing) {
  EXPECT_THAT(refusal(".a | date(\"Europe/Berln\")").what, HasSubstr("Europe/Berln"));
  EXPECT_THAT(refusal(".a | money(\"EURO\")").what, HasSubstr("three letters"));
  EXPECT_THAT(refusal(".a | lookup(1)").what, HasSubstr("table"));
  EXPECT_THAT(refusal(".a | test(\"(\")").what, HasSubstr("bad pattern"));
  EXPECT_THAT(refusal(".a | number_format(99)").what, HasSubstr("decimals"));
}

TEST(Expression, FindsThePlaceInTheFile) {
  ExpressionText block{".a\n| .b\n| datte(\"UTC\")", {10, 12}};
  block.jumps = {{3, {11, 12}}, {8, {12, 12}}};
  const auto at = refusal(block).at;
  EXPECT_EQ(at.line, 12);
  EXPECT_EQ(at.column, 14);
}

TEST(Expression, MissesWhatIsMissingAtTheEndOfTheLastLine) {
  ExpressionText block{".a\n| .b |\n", {10, 12}};
  block.jumps = {{3, {11, 12}}};
  const auto at = refusal(block).at;
  EXPECT_EQ(at.line, 11);
  EXPECT_EQ(at.column, 18);
}

TEST(Expression, NamesThePartThatFailed) {
  EXPECT_THAT(failure(".a | .b.c", R"({"a":{"b":5}})"), HasSubstr("in `.b.c`"));
  EXPECT_THAT(failure("1 + (.a - 1)"), HasSubstr("in `.a - 1`"));
  EXPECT_THAT(failure(".name | money(\"USD\")", R"({"name":"x"})"),
              HasSubstr("in `money(\"USD\")`"));
  EXPECT_THAT(failure("error(\"no plan\")"), HasSubstr("no plan"));
  EXPECT_THAT(failure(".l[]", R"({"l":[1,2]})"), HasSubstr("several values"));
}

TEST(Expression, ShortensLongValuesInMessages) {
  const std::string record = R"({"a":")" + std::string(500, 'x') + R"("})";
  EXPECT_LT(failure(".a + 1", record).size(), 160U);
}

TEST(Expression, StopsExpressionsThatRunAway) {
  EXPECT_THAT(failure("first(range(100000000) | select(. < 0))"),
              HasSubstr("more than 1000000 values"));
  EXPECT_THAT(failure("\"abcdefgh\" * 100000000"), HasSubstr("too long"));
  EXPECT_THAT(failure("([range(1000)] | map(\"x\" * 100000)) | length"), HasSubstr("MiB"));
  EXPECT_THAT(failure("first(range(100000000)? | select(. < 0))"), HasSubstr("values"))
      << "? does not hide it";
}

TEST(Expression, RefusesDeepNestingRatherThanOverflowing) {
  EXPECT_THAT(refusal(std::string(5000, '(') + "1" + std::string(5000, ')')).what,
              HasSubstr("deep"));
  EXPECT_THAT(refusal(std::string(5000, '[')).what, HasSubstr("deep"));
  EXPECT_THAT(refusal(std::string(5000, '-') + "1").what, HasSubstr("deep"));
  std::string sum = "1";
  std::string elifs = "if .a then 1";
  std::string strings = "1";
  for (int i = 0; i < 5000; ++i) {
    sum += "+1";
    elifs += " elif .a then 1";
    if (i < 100) strings = "\"\\(" + strings + ")\"";
  }
  EXPECT_THAT(refusal(sum).what, HasSubstr("deep"));
  EXPECT_THAT(refusal(elifs + " else 1 end").what, HasSubstr("deep"));
  EXPECT_THAT(refusal(strings).what, HasSubstr("deep"));
}

TEST(Expression, TakesLongListsAndTables) {
  std::string table = "{\"k0\":0";
  for (int i = 1; i < 3000; ++i) table += ",\"k" + std::to_string(i) + "\":" + std::to_string(i);
  EXPECT_EQ(result(".k | lookup(" + table + "})", R"({"k":"k2999"})"), "2999");
}

TEST(Expression, EvaluatesArgumentsOfItsOwnFunctionsAgainstTheRecord) {
  const std::string record = R"({"s":{"mrr":1999,"currency":"USD"},"tz":"UTC","at":0})";
  EXPECT_EQ(result(".s.mrr | money(.s.currency)", record), "19.99");
  EXPECT_EQ(result(".at | date(.tz)", record), "\"1970-01-01\"");
  EXPECT_EQ(result("[1999, 5] | map(money(.s.currency))", record), "[19.99,0.05]");
  EXPECT_EQ(result(".s | .currency as $c | .mrr | money($c)", record), "19.99");
  EXPECT_EQ(result("[.s] | map(has(\"mrr\"))", record), "[true]")
      << "jq's functions see their input";
}

TEST(Expression, JudgesTruthAsJqDoes) {
  const auto truth = [](const char* text) {
    return Expression::parse({text, {}}).is_true(parse_json(R"({"zero":0,"no":false})"));
  };
  EXPECT_TRUE(truth(".zero"));
  EXPECT_TRUE(truth("\"\""));
  EXPECT_FALSE(truth(".no"));
  EXPECT_FALSE(truth(".missing"));
  EXPECT_FALSE(truth("empty"));
}

std::vector<std::string> paths(const std::string& text) {
  std::vector<std::string> all;
  for (const auto& path : Expression::parse({text, {}}).paths()) {
    std::string joined;
    for (const auto& name : path) joined += "/" + name;
    all.push_back(joined);
  }
  return all;
}

TEST(Expression, TellsThePathsThatItReads) {
  EXPECT_THAT(paths(".a.b.c"), ElementsAre("/a/b/c"));
  EXPECT_THAT(paths(".a | .b | .c"), ElementsAre("/a/b/c"));
  EXPECT_THAT(paths(".a != null or .a.b == 1"), ElementsAre("/a/b"));
  EXPECT_THAT(paths(".a | money(.b.c)"), ElementsAre("/a", "/b/c"));
  EXPECT_THAT(paths(".l[] | select(.k) | .v"), ElementsAre("/l/[]/k", "/l/[]/v"));
  EXPECT_THAT(paths(".l | map(.v) | add"), ElementsAre("/l/[]/v"));
  EXPECT_THAT(paths(".l | max_by(.n).id"), ElementsAre("/l/[]/id", "/l/[]/n"));
  EXPECT_THAT(paths(".a as $x | .b | $x.c"), ElementsAre("/a/c", "/b"));
  EXPECT_THAT(paths("if .a then .b else .c end | .d"), ElementsAre("/a", "/b/d", "/c/d"));
  EXPECT_THAT(paths("\"\\(.a) \\(.b)\""), ElementsAre("/a", "/b"));
  EXPECT_THAT(paths(".[\"x y\"].z, {k: .w}"), ElementsAre("/w", "/x y/z"));
  EXPECT_THAT(paths("\"constant\""), IsEmpty());
  EXPECT_THAT(paths(".a[.k] | .b"), ElementsAre("/a", "/k")) << "a computed name is unknown";
}

TEST(Expression, NormalizesWhiteSpaceAndComments) {
  const auto same = normalized({" .a|date( \"UTC\" ) # day", {}});
  EXPECT_EQ(same, normalized({".a | date(\"UTC\")", {}}));
  EXPECT_NE(same, normalized({".a | date(\"U TC\")", {}}));
  EXPECT_NE(normalized({". a", {}}), normalized({".a", {}}));
}

TEST(Expression, BorrowsFromTheRecord) {
  const auto record = parse_json(R"({"a":{"b":"text"}})");
  EvaluationMemory memory;
  const auto& value = Expression::parse({".a | .b", {}}).borrow(record, memory);
  EXPECT_EQ(&value, &record.at("a").at("b"));
}

}  // namespace
}  // namespace sluice::host
