#include "integration/yaml.hpp"

#include "lint_fixture.hpp"

namespace sluice::host {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> problems(std::string_view text) {
  Findings findings{"x.yaml"};
  static_cast<void>(parse_yaml(text, findings));
  return texts(findings.sorted());
}

YamlDocument parse(const std::string& text) {
  Findings findings{"x.yaml"};
  auto document = parse_yaml(text, findings);
  EXPECT_THAT(texts(findings.sorted()), IsEmpty());
  return std::move(document.value());
}

std::string at(Position position) {
  return std::to_string(position.line) + ":" + std::to_string(position.column);
}

// Where each character of `wanted` inside the expression `key: …` stands.
std::string place(const std::string& text, const std::string& wanted) {
  const auto document = parse(text);
  const auto* scalar = document.root().find("key")->value;
  const auto expression = expression_text(*scalar, document.source());
  const auto offset = expression.text.find(wanted);
  EXPECT_NE(offset, std::string::npos) << expression.text;
  return at(position_of(expression, offset));
}

TEST(Yaml, KeepsTheOrderOfKeysAndTheirPositions) {
  const auto document = parse("b: 1\na:\n  ü: {y: 2, null: 3}\n");
  ASSERT_EQ(document.root().entries.size(), 2U);
  EXPECT_EQ(document.root().entries[0].key, "b");
  const auto& inner = *document.root().entries[1].value->entries[0].value;
  EXPECT_EQ(at(inner.entries[0].key_at), "3:7");
  EXPECT_EQ(inner.entries[1].key, "null");
  EXPECT_EQ(at(inner.entries[1].key_at), "3:13");
  EXPECT_EQ(at(inner.entries[1].value->at), "3:19");
}

TEST(Yaml, TellsAnExplicitNullFromAnEmptyValue) {
  const auto document = parse("a: ~\nb:\nnull: null\n");
  EXPECT_EQ(document.root().entries[0].value->text, "~");
  EXPECT_EQ(document.root().entries[1].value->text, "");
  EXPECT_EQ(at(document.root().entries[1].value->at), "2:1");
  EXPECT_EQ(document.root().entries[2].key, "null");
  EXPECT_EQ(document.root().entries[2].value->text, "null");
}

TEST(Yaml, RefusesDuplicateKeysAtAnyDepth) {
  EXPECT_THAT(problems("a: 1\nb: {c: 1, \"c\": 2}\na: 2\n"),
              ElementsAre("x.yaml:2:11: error: duplicate key \"c\" (it already stands in line 2)",
                          "x.yaml:3:1: error: duplicate key \"a\" (it already stands in line 1)"));
}

TEST(Yaml, ExpandsAliases) {
  const auto document = parse("a: &x {k: v}\nb: *x\n");
  EXPECT_EQ(document.root().find("b")->value->find("k")->value->text, "v");
}

TEST(Yaml, BoundsWhatAliasesExpandTo) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string name = "a" + std::to_string(i);
    const std::string below = "*a" + std::to_string(i - 1);
    bomb += name + ": &" + name + " [" + below;
    for (int j = 0; j < 9; ++j) bomb += ", " + below;
    bomb += "]\n";
  }
  EXPECT_THAT(problems(bomb),
              ElementsAre("x.yaml:5:55: error: the file expands to more than 100000 "
                          "values (use fewer aliases)"));
}

TEST(Yaml, BoundsDepthThroughAliasesToo) {
  EXPECT_THAT(problems("a: " + std::string(60, '[') + std::string(60, ']')),
              ElementsAre("x.yaml:1:51: error: nested deeper than 48 levels"));
  const std::string deep = std::string(30, '[') + std::string(30, ']');
  EXPECT_THAT(problems("a: &a " + deep + "\nb: &b " + std::string(15, '[') + "*a" +
                       std::string(15, ']') + "\nc: [[[*b]]]\n"),
              ElementsAre("x.yaml:3:7: error: nested deeper than 48 levels"));
}

TEST(Yaml, SaysWhatIsWrongWithTheText) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "x.yaml: error: the file is empty"},
      {"# only a comment\n", "x.yaml: error: the file is empty"},
      {"a:\n\tb: 1\n", "x.yaml:2:1: error: a tab is used for indentation (indent with spaces)"},
      {"a:\n  b: 1\n\tc: 2\n",
       "x.yaml:3:1: error: a tab is used for indentation (indent with spaces)"},
      {"a: caf\xE9\n", "x.yaml:1:7: error: not valid UTF-8 (save the file as UTF-8)"},
      {"\xFF\xFE"
       "a",
       "x.yaml:1:1: error: the file is UTF-16 (save it as UTF-8)"},
      {"a: b\x01\n",
       "x.yaml:1:5: error: a control character (remove it, or write it as an escape in double "
       "quotes)"},
      {"a: 1\n---\nb: 2\n",
       "x.yaml:2:1: error: a second YAML document starts here (the file holds one; remove the "
       "---)"},
      {"a: b: c\n",
       "x.yaml:1:5: error: not valid YAML: illegal map value (check the indentation; a value that "
       "contains ': ' must stand in quotes)"},
      {"a: \"x\n", "x.yaml:1:4: error: a quote is not closed"},
      {"a: 'it''s\n", "x.yaml:1:4: error: a quote is not closed"},
      {"a: {b: 1\n",
       "x.yaml:2:1: error: not valid YAML: end of map flow not found (a { is not closed)"},
      {"a: 1\nbb\n",
       "x.yaml:2:1: error: a ':' is missing after \"bb\" (write key: value, and indent what "
       "belongs to the value above)"},
      {"a: @b\n",
       "x.yaml:1:4: error: not valid YAML: unknown token (a value that starts with this character "
       "must stand in quotes)"},
      {"a: *b\n",
       "x.yaml:1:4: error: not valid YAML: the referenced anchor is not defined (a value that "
       "starts with * must stand in quotes)"},
      {"a: &a [*a]\n", "x.yaml:1:8: error: an alias refers to what contains it"},
      {"? [a]\n: b\n",
       "x.yaml:1:3: error: a mapping or a sequence stands where a key is expected (close every { "
       "and [)"},
      {"<<: {a: 1}\n",
       "x.yaml:1:1: error: merge keys (<<) are not part of YAML 1.2 (write the keys out)"},
      {"a: !!int 5\n",
       "x.yaml:1:10: error: the YAML type \"tag:yaml.org,2002:int\" is not supported (remove it; "
       "quotes make a string)"},
      {"\"\": 1\n", "x.yaml:1:1: error: a key is empty"},
  };
  for (const auto& [text, message] : cases) {
    EXPECT_THAT(problems(text), ElementsAre(message)) << text;
  }
}

TEST(Yaml, TakesAByteOrderMarkAndWindowsLineBreaks) {
  const auto document = parse(
      "\xEF\xBB\xBF"
      "a: 1\r\nb: x\r\n");
  EXPECT_EQ(at(document.root().find("b")->key_at), "2:1");
  EXPECT_EQ(document.root().find("b")->value->text, "x");
}

TEST(Yaml, RefusesAFileThatIsTooLarge) {
  EXPECT_THAT(
      problems("a: " + std::string(kMaxYamlBytes, 'x')),
      ElementsAre(
          "x.yaml: error: the file is larger than 1 MiB (divide its syncs among several files)"));
}

TEST(Yaml, FindsTheCharactersOfAnExpressionInEveryStyle) {
  EXPECT_EQ(place("key: .a | bad\n", ".a"), "1:6");
  EXPECT_EQ(place("key: .a | bad\n", "bad"), "1:11");
  EXPECT_EQ(place("key: .ä | bad\n", "bad"), "1:11");
  EXPECT_EQ(place("key: '.a | bad'\n", "bad"), "1:12");
  EXPECT_EQ(place("key: '\"it''s\" | bad'\n", "bad"), "1:17");
  EXPECT_EQ(place("key: \"\\\"x\\\" | bad\"\n", "bad"), "1:15");
  EXPECT_EQ(place("key: \"\\u00e4\\t | bad\"\n", "bad"), "1:18");
  EXPECT_EQ(place("key: |\n  .a\n  | bad\n", ".a"), "2:3");
  EXPECT_EQ(place("key: |\n  .a\n  | bad\n", "bad"), "3:5");
  EXPECT_EQ(place("key: |\n  .a\n\n    | bad\n", "bad"), "4:7");
  EXPECT_EQ(place("key: >-\n  .a\n  | bad\n", "bad"), "3:5");
  EXPECT_EQ(place("key: >\n\n  .a\n\n  | bad\n", "bad"), "5:5");
  EXPECT_EQ(place("key:\n  .a\n    | bad\n", "bad"), "3:7");
  EXPECT_EQ(place("key: '.a\n\n    | bad'\n", "bad"), "3:7");
  EXPECT_EQ(place("key: \".a \\\n    | bad\"\n", "bad"), "2:7");
  EXPECT_EQ(place("key: &x .a | bad\n", "bad"), "1:14");
}

}  // namespace
}  // namespace sluice::host
