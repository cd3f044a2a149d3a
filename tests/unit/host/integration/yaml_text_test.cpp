#include "integration/yaml_text.hpp"

#include "integration/reader.hpp"
#include "lint_fixture.hpp"

namespace sluice::host {
namespace {

json::object object_of(std::string_view text) {
  return parse_json(text).as_object();
}

// What a file with this text says.
json::value read_back(const std::string& text) {
  Findings findings{"x.yaml"};
  const auto document = parse_yaml(text, findings);
  EXPECT_THAT(texts(findings.sorted()), ::testing::IsEmpty()) << text;
  if (!document) return nullptr;
  const LoadOptions options;
  const Substitution substitution{options, "."};
  return Reader{document->source(), substitution, findings}.value(document->root());
}

TEST(YamlText, IsWhatAPersonWouldWrite) {
  const auto text = yaml_text(object_of(R"x({
      "integration": "acme",
      "source": {"connector": "crm", "site": "acme", "key": "${file:secrets/acme.source.key}",
                 "paths": ["a b", "c"], "port": 80, "fast": true},
      "schedule": {"every": "6h"},
      "syncs": {"people": {
        "read": {"stream": "records"},
        "check": [{"that": ".email | is_email", "say": "no e-mail: none"}],
        "fields": {"email": ".email", "Full name": "[.first, .last] | join(\" \")",
                   "MRR": {"value": ".mrr", "type": "number"}}}}})x"));
  EXPECT_EQ(text, R"x(integration: acme
source:
  connector: crm
  site: acme
  key: ${file:secrets/acme.source.key}
  paths:
    - a b
    - c
  port: 80
  fast: true
schedule:
  every: 6h
syncs:
  people:
    read:
      stream: records
    check:
      - {that: ".email | is_email", say: "no e-mail: none"}
    fields:
      email: .email
      Full name: "[.first, .last] | join(\" \")"
      MRR: {value: .mrr, type: number}
)x");
}

TEST(YamlText, ReadsBackAsWhatItWasMadeOf) {
  json::array texts;
  for (const char* text : {"",
                           " ",
                           "a ",
                           " a",
                           "a: b",
                           "a:",
                           "a #b",
                           "#a",
                           "- a",
                           "-",
                           "?",
                           ": ",
                           "true",
                           "null",
                           "~",
                           "017",
                           "0x1F",
                           "1e5",
                           ".5",
                           ".inf",
                           "no",
                           "12:30",
                           "{a}",
                           "[a",
                           "a]",
                           "&a",
                           "*a",
                           "!a",
                           "|",
                           ">",
                           "%a",
                           "@a",
                           "`a",
                           "'a'",
                           "\"a\"",
                           "a\nb",
                           "a\r\nb",
                           "\ta",
                           "a\tb",
                           "a\\b",
                           "a,b",
                           "a, b}",
                           "<<",
                           "---",
                           "...",
                           "$a",
                           "\x7F",
                           "\xC2\x85",
                           "\xE2\x80\xA8",
                           "\xEF\xBB\xBF",
                           "שלום",
                           "👩‍👩‍👧",
                           "\xC2\xA0",
                           "a\x01z",
                           "18446744073709551616",
                           "1_000",
                           "+1",
                           "-1",
                           "a'b",
                           "..",
                           "/a",
                           "(a",
                           "a:b",
                           "a#b",
                           "https://x/y?z=1&w=%20"}) {
    texts.emplace_back(text);
  }
  json::object names;
  for (const auto& text : texts) {
    // A merge key, in quotes, too.
    if (!text.get_string().empty() && text.get_string() != "<<") names[text.get_string()] = text;
  }
  const json::object values = object_of(
      R"({"n": null, "i": -3, "u": 18446744073709551615, "d": 1.5, "t": true, "a": [], "o": {},
          "deep": {"a": {"b": {"c": {"d": {"e": ["x", {"f": [1, [2, ": "]]}]}}}}}})");
  const json::object document{
      {"block", {{"texts", names}}},
      {"flow", {{"a", {{"b", {{"c", {{"texts", names}}}}}}}}},
      {"items", texts},
      {"values", values},
      {"all", json::array{json::value(values), json::value(names), json::value(texts)}}};
  EXPECT_EQ(to_json(read_back(yaml_text(document))), to_json(json::value(document)))
      << yaml_text(document);
}

}  // namespace
}  // namespace sluice::host
