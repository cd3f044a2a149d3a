#include "mapping/mapping.hpp"

#include "integration/limits.hpp"
#include "mapping/limits.hpp"
#include "mapping_fixture.hpp"

namespace sluice::host {
namespace {

using Status = MapResult::Status;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(Mapping, KeepsTypesAndOrder) {
  const auto sync = sync_with({field("phone", ".phone"), field("zip", ".zip"), field("n", ".n"),
                               field("yes", ".yes"), field("big", ".big")});
  const auto result = map(
      sync,
      R"({"id":"a","phone":"+4989123","zip":"01234","n":12.5,"yes":true,"big":9007199254740993})");
  ASSERT_EQ(result.status, Status::Mapped);
  EXPECT_EQ(
      to_json(result.fields),
      R"({"key":"a","phone":"+4989123","zip":"01234","n":12.5,"yes":true,"big":9007199254740993})");
  EXPECT_EQ(result.key, "a");
}

TEST(Mapping, LeavesMissingValuesAloneUnlessToldToClear) {
  auto sync = sync_with({field("a", ".a"), field("b", ".b")});
  sync.fields[2].null = NullPolicy::Clear;
  EXPECT_EQ(to_json(map(sync, R"({"id":"x"})").fields), R"({"key":"x","b":null})");
  EXPECT_EQ(to_json(map(sync, R"({"id":"x","a":"","b":false})").fields),
            R"({"key":"x","a":"","b":false})");
}

TEST(Mapping, NamesFieldsThatAreOnlySetWhereEmpty) {
  auto sync = sync_with({field("nick", ".nick"), field("name", ".name")});
  sync.fields[1].overwrite = Overwrite::IfEmpty;
  EXPECT_THAT(map(sync, R"({"id":"x","nick":"a","name":"b"})").if_empty, ElementsAre("nick"));
  EXPECT_THAT(map(sync, R"({"id":"x","name":"b"})").if_empty, IsEmpty());
}

TEST(Mapping, FilterComesBeforeChecks) {
  auto sync = sync_with({});
  sync.filter = ExpressionText{".optin != false", {}};
  sync.checks.push_back({{".email | is_email", {}}, "no valid e-mail address"});
  EXPECT_EQ(map(sync, R"({"id":"a","optin":false})").status, Status::Filtered);
  const auto failed = map(sync, R"({"id":"a"})");
  EXPECT_EQ(failed.status, Status::Rejected);
  EXPECT_EQ(failed.rejection.stage, "check");
  EXPECT_EQ(failed.rejection.message, "no valid e-mail address");
  EXPECT_EQ(map(sync, R"({"id":"a","email":"a@b.co"})").status, Status::Mapped);
}

TEST(Mapping, ACheckThatFailsToRunIsAFailedCheck) {
  auto sync = sync_with({});
  sync.checks.push_back({{".zip | test(\"^[0-9]+$\")", {}}, "no postcode"});
  const auto result = map(sync, R"({"id":"a"})");
  EXPECT_EQ(result.status, Status::Rejected);
  EXPECT_EQ(result.rejection.stage, "check");
  EXPECT_THAT(result.rejection.message, HasSubstr("no postcode: null cannot be matched"));
}

TEST(Mapping, AnErrorChangesWithTheValuesThatItDependsOn) {
  auto sync = sync_with({});
  sync.checks.push_back({{".email | is_email", {}}, "bad"});
  const auto value = [&](const char* record) { return map(sync, record).rejection.value; };
  EXPECT_EQ(value(R"({"id":"a","email":"x","other":1})"),
            value(R"({"id":"a","email":"x","other":2})"));
  EXPECT_NE(value(R"({"id":"a","email":"x"})"), value(R"({"id":"a","email":"y"})"));
  EXPECT_NE(value(R"({"id":"a"})"), value(R"({"id":"a","email":"y"})"));
}

TEST(Mapping, NamesFieldAndCauseOfAFailedExpression) {
  const auto result =
      map(sync_with({field("MRR", ".mrr | money(\"USD\")")}), R"({"id":"a","mrr":"12"})");
  ASSERT_EQ(result.status, Status::Rejected);
  EXPECT_EQ(result.rejection.stage, "mapping");
  EXPECT_EQ(result.rejection.code, "expression_failed");
  EXPECT_EQ(result.rejection.field, "MRR");
  EXPECT_THAT(result.rejection.message, HasSubstr("\"MRR\""));
  EXPECT_THAT(result.rejection.message, HasSubstr("string (\"12\")"));
}

TEST(Mapping, AFilterOrRuleThatFailsRejectsTheRecord) {
  auto sync = sync_with({}, {rule(".n + 1 > 2", {{"tags", json::array{"x"}}})});
  EXPECT_EQ(map(sync, R"({"id":"a","n":"1"})").rejection.code, "rule_failed");
  sync.filter = ExpressionText{".n - 1 > 2", {}};
  EXPECT_EQ(map(sync, R"({"id":"a","n":"1"})").rejection.code, "filter_failed");
}

TEST(Mapping, MembersOfSetsAddUp) {
  const auto sync =
      sync_with({field("tags", ".labels")},
                {rule(".a", {{"tags", json::array{"one", "two"}}}),
                 rule(".b", {{"tags", json::array{"two", "three"}}, {"level", "high"}})});
  const auto both = map(sync, R"({"id":"k","labels":["zero","one",null,""],"a":true,"b":1})");
  EXPECT_THAT(both.sets, ElementsAre(Pair("tags", ElementsAre("one", "three", "two", "zero"))));
  EXPECT_EQ(to_json(both.fields), R"({"key":"k","level":"high"})");
  EXPECT_THAT(both.rules, ElementsAre(0U, 1U));
  const auto none = map(sync, R"({"id":"k"})");
  EXPECT_THAT(none.sets, IsEmpty());
  EXPECT_THAT(none.rules, IsEmpty());
}

TEST(Mapping, TheLastMatchingRuleWinsForPlainFields) {
  const auto sync = sync_with({field("level", ".level")},
                              {rule(".a", {{"level", "one"}}), rule(".b", {{"level", "two"}})});
  const auto level = [&](const char* record) {
    return to_json(map(sync, record).fields.at("level"));
  };
  EXPECT_EQ(level(R"({"id":"k","level":"zero"})"), "\"zero\"");
  EXPECT_EQ(level(R"({"id":"k","level":"zero","a":1})"), "\"one\"");
  EXPECT_EQ(level(R"({"id":"k","level":"zero","a":1,"b":1})"), "\"two\"");
}

TEST(Mapping, TheDestinationSaysWhichFieldsAreSets) {
  DestinationSchema schema;
  schema.fields = {destination_field("key", FieldType::Text),
                   destination_field("tags", FieldType::Text)};
  schema.fields[1].set = true;
  const auto sync = sync_with({}, {rule(".a", {{"tags", "single"}})});
  EXPECT_THAT(map(sync, R"({"id":"k","a":1})", schema).sets,
              ElementsAre(Pair("tags", ElementsAre("single"))));
}

TEST(Mapping, ARecordWithoutKeyIsAnError) {
  for (const char* record :
       {"{}", R"({"id":null})", R"({"id":""})", R"({"id":"  "})", R"({"id":[1]})"}) {
    const auto result = map(sync_with({}), record);
    EXPECT_EQ(result.status, Status::Rejected) << record;
    EXPECT_EQ(result.rejection.message, "no key") << record;
    EXPECT_EQ(result.rejection.code, "no_key");
  }
  EXPECT_EQ(map(sync_with({}), R"({"id":12})").key, "12");
}

TEST(Mapping, FoldsKeysAsTheDestinationComparesThem) {
  DestinationSchema schema;
  schema.fields = {destination_field("key", FieldType::Text)};
  const char* record = R"({"id":" Ada@Example.COM "})";
  EXPECT_EQ(map(sync_with({}), record, schema).key, " Ada@Example.COM ");
  schema.key_fold_lower = true;
  const auto folded = map(sync_with({}), record, schema);
  EXPECT_EQ(folded.key, "ada@example.com");
  EXPECT_EQ(to_json(folded.fields), R"({"key":" Ada@Example.COM "})");
}

TEST(Mapping, ChecksWhatTheDestinationRequires) {
  DestinationSchema schema;
  schema.fields = {destination_field("key", FieldType::Text),
                   destination_field("name", FieldType::Text)};
  schema.fields[1].required = true;
  const auto sync = sync_with({field("name", ".name")});
  EXPECT_EQ(map(sync, R"({"id":"k"})", schema).rejection.code, "required");
  EXPECT_EQ(map(sync, R"({"id":"k"})", schema).rejection.stage, "constraint");
  EXPECT_EQ(map(sync, R"({"id":"k","name":"a"})", schema).status, Status::Mapped);
  EXPECT_THROW(Mapping::compile(sync_with({}), schema), IntegrationError);
}

TEST(Mapping, ConstantsThatAFieldCannotTakeAreErrorsOfTheFile) {
  DestinationSchema schema;
  schema.fields = {destination_field("key", FieldType::Text),
                   destination_field("tier", FieldType::Option)};
  schema.fields[1].options = {"Gold", "Other"};
  for (const char* fine :
       {".tier", R"(.plan | lookup({"a": "Gold"}; "Other"))", R"(if .x then "Gold" else null end)",
        R"("Gold" | ascii_upcase)", R"(.tier // "Other")"}) {
    EXPECT_NO_THROW(Mapping::compile(sync_with({field("tier", fine)}), schema)) << fine;
  }
  for (const char* wrong :
       {R"("Tin")", R"(.plan | lookup({"a": "Tin"}; "Other"))", R"(.plan | lookup({}; "Tin"))",
        R"(if .x then "Gold" elif .y then "Tin" else null end)", R"(.tier // "Tin")",
        R"(.x | yes_no("Gold"; "Tin"))", R"(.tier | default("Tin"))"}) {
    try {
      Mapping::compile(sync_with({field("tier", wrong)}), schema);
      ADD_FAILURE() << wrong;
    } catch (const IntegrationError& error) {
      EXPECT_THAT(error.what(), ::testing::HasSubstr("Tin")) << wrong;
    }
  }
}

TEST(Mapping, ReportsEverythingThatCannotBeRightAtOnce) {
  auto sync = sync_with({field("a", ".a |"), field("b", "nope")}, {rule("(", {{"c", "d"}})});
  sync.fields[1].value.at = {7, 5};
  sync.fields[2].value.at = {3, 9};
  sync.fields[2].from_preset = true;
  sync.preset_file = "presets/p.yaml";
  sync.write.match = "kee";
  std::vector<Diagnostic> found;
  lint_mapping(sync, "x.yaml", found);
  std::vector<std::string> lines;
  for (const auto& diagnostic : found) lines.push_back(to_string(diagnostic));
  EXPECT_THAT(lines, ElementsAre(HasSubstr("x.yaml:7:9: error: the expression ends where a value"),
                                 HasSubstr("presets/p.yaml:3:9: error: unknown function \"nope\""),
                                 HasSubstr("the expression ends where a value"),
                                 HasSubstr("did you mean \"key\"")));
  EXPECT_THROW(Mapping::compile(sync), IntegrationError);
}

TEST(Mapping, RefusesRulesThatTheDestinationCannotTake) {
  DestinationSchema schema;
  schema.fields = {destination_field("key", FieldType::Text),
                   destination_field("level", FieldType::Option)};
  schema.fields[1].options = {"high", "low"};
  EXPECT_NO_THROW(Mapping::compile(sync_with({}, {rule(".a", {{"level", "low"}})}), schema));
  EXPECT_THROW(Mapping::compile(sync_with({}, {rule(".a", {{"level", "lwo"}})}), schema),
               IntegrationError);
  EXPECT_THROW(
      Mapping::compile(sync_with({}, {rule(".a", {{"level", json::array{"low"}}})}), schema),
      IntegrationError);
}

TEST(Mapping, RefusesATypeThatTheDestinationContradicts) {
  const auto compile = [](const char* declared, FieldType known) {
    DestinationSchema schema;
    schema.fields = {destination_field("key", FieldType::Text), destination_field("at", known)};
    static_cast<void>(Mapping::compile(sync_with({field("at", ".at", declared)}), schema));
  };
  EXPECT_THROW(compile("date", FieldType::Datetime), IntegrationError);
  EXPECT_THROW(compile("number", FieldType::Date), IntegrationError);
  EXPECT_NO_THROW(compile("date", FieldType::Date));
  EXPECT_NO_THROW(compile("date", FieldType::Text));
  EXPECT_NO_THROW(compile("text", FieldType::Number));
  EXPECT_NO_THROW(compile("", FieldType::Number));
}

TEST(Mapping, TellsWhatItReads) {
  auto sync = sync_with({field("a", ".x.y")}, {rule(".z", {{"t", "u"}})});
  sync.filter = ExpressionText{".f", {2, 3}};
  std::vector<std::string> read;
  for (const auto& path : Mapping::compile(sync).paths()) read.push_back(path.path.back());
  EXPECT_THAT(read, ElementsAre("f", "id", "y", "z"));
}

TEST(MappingTests, ShowWhatDiffers) {
  auto sync = sync_with({field("n", ".n")}, {rule(".a", {{"tags", json::array{"x", "y"}}})});
  sync.filter = ExpressionText{".out | not", {}};
  const auto add = [&](json::object given, json::object expect) -> MappingTest& {
    MappingTest test;
    test.given = std::move(given);
    test.expect = std::move(expect);
    sync.tests.push_back(std::move(test));
    return sync.tests.back();
  };
  add({{"id", "k"}, {"n", 1}, {"a", true}}, {{"n", 1.0}, {"tags", json::array{"y", "x"}}});
  add({{"id", "k"}}, {{"n", nullptr}, {"tags", json::array{}}});
  add({{"id", "k"}, {"n", 2}}, {{"n", 1}, {"tags", json::array{"x"}}});
  add({{"id", "k"}, {"out", true}}, {}).expect_filtered = true;
  add({{"id", "k"}}, {}).expect_filtered = true;
  add({}, {}).expect_error = "no key";
  add({{"id", "k"}}, {}).expect_error = "no key";
  add({}, {{"n", 1}});
  std::vector<std::string> diffs;
  for (const auto& result : run_mapping_tests(sync)) diffs.push_back(result.diff);
  EXPECT_THAT(
      diffs, ElementsAre("", "", "  n: expected 1, is 2\n  tags: expected [\"x\"], is absent\n", "",
                         HasSubstr("expected to be left out"), "",
                         HasSubstr("expected the error \"no key\""), HasSubstr("error: no key")));
}

TEST(Mapping, RefusesWhatCouldNotCrossToTheDestination) {
  const auto sync = sync_with({field("v", ".v")});
  const auto large = map(sync, R"({"id":"a","v":")" + std::string(kMaxDocumentBytes, 'x') + "\"}");
  EXPECT_EQ(large.rejection.code, "too_large");
  EXPECT_THAT(large.rejection.message, ::testing::HasSubstr("more than 16777216"));
}

TEST(Mapping, RefusesMoreFieldsThanASyncMayHave) {
  std::vector<FieldMapping> fields;
  for (std::size_t i = 0; i < kMaxFields; ++i)
    fields.push_back(field("f" + std::to_string(i), ".x"));
  try {
    static_cast<void>(Mapping::compile(sync_with(std::move(fields))));
    FAIL();
  } catch (const IntegrationError& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("maps 1001 fields, more than 1000"));
  }
}

}  // namespace
}  // namespace sluice::host
