#include "prepare.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vendor.hpp"

namespace activecampaign {
namespace {

using sluice::FieldType;
using sluice::PreparedField;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Status = PreparedField::Status;
using testing::Vendor;

constexpr auto kScore = R"({"field":{"id":"9","title":"Score","type":"number"}})";
constexpr auto kFieldsWithScore =
    R"({"fields":[{"id":"9","title":"Score","type":"number","perstag":"SCORE"}],"fieldRels":[]})";

std::vector<PreparedField> prepare(Vendor& vendor, std::vector<sluice::WantedField> fields,
                                   bool dry_run = false, const std::string& options = "{}") {
  auto context = vendor.context();
  sluice::PrepareRequest request;
  request.object = "contacts";
  request.fields = std::move(fields);
  request.options = sluice::Config{testing::object(options)};
  request.dry_run = dry_run;
  KnownAccount known;
  return prepare_fields(context, vendor.client(), known, request);
}

TEST(Prepare, FindsFieldsByTitleOrTagInAnyCase) {
  Vendor vendor;
  const auto result = prepare(vendor, {{"plan", FieldType::Text},
                                       {"SIGNED_UP", FieldType::Datetime},
                                       {"%SEATS%", FieldType::Number},
                                       {"firstName", FieldType::Text},
                                       {"tags", FieldType::Text}});
  for (const auto& field : result) EXPECT_EQ(field.status, Status::Exists) << field.name;
  EXPECT_THAT(vendor.writes(), IsEmpty());
}

TEST(Prepare, CreatesAFieldAndMakesItVisible) {
  Vendor vendor;
  vendor.on("POST /fields", 201, kScore);
  vendor.on("POST /fieldRels", 201, R"({"fieldRel":{"id":"1"}})");
  const auto result = prepare(vendor, {{"Score", FieldType::Number}});
  EXPECT_EQ(result.front().status, Status::Created);
  const auto body = vendor.asked("POST /fields").front().body;
  EXPECT_EQ(body.at("field").at("title"), "Score");
  EXPECT_EQ(body.at("field").at("type"), "number");
  EXPECT_EQ(vendor.asked("POST /fieldRels").front().body,
            sluice::parse_json(R"({"fieldRel":{"field":9,"relid":0}})"));
}

TEST(Prepare, ADryRunWritesNothing) {
  Vendor vendor;
  const auto result =
      prepare(vendor, {{"Score", FieldType::Number}, {"Pick", FieldType::Option}}, true);
  EXPECT_EQ(result[0].status, Status::Missing);
  EXPECT_EQ(result[1].status, Status::Impossible);
  EXPECT_THAT(vendor.writes(), IsEmpty());
}

TEST(Prepare, ReadsTheAccountAgainOnlyWhenItHasChangedIt) {
  Vendor vendor;
  vendor.on("POST /fields", 201, kScore);
  vendor.on("POST /fieldRels", 201, "{}");
  auto context = vendor.context();
  KnownAccount known;
  sluice::PrepareRequest request;
  request.object = "contacts";
  request.fields = {{"Plan", FieldType::Text}};
  (void)prepare_fields(context, vendor.client(), known, request);
  (void)prepare_fields(context, vendor.client(), known, request);
  (void)known.whole(context, vendor.client());
  EXPECT_EQ(vendor.count("GET /fields"), 1U);
  EXPECT_EQ(vendor.count("GET /lists"), 1U);
  request.fields = {{"Score", FieldType::Number}};
  (void)prepare_fields(context, vendor.client(), known, request);
  vendor.on("GET /fields", 200, kFieldsWithScore);
  EXPECT_EQ(known.whole(context, vendor.client()).find_fields("Score").size(), 1U);
  EXPECT_EQ(vendor.count("GET /fields"), 2U);
}

TEST(Prepare, UsesTheFieldThatSomebodyElseCreated) {
  Vendor vendor;
  vendor.on("POST /fields", 422, R"({"errors":[{"title":"There is already a field with this title",
      "detail":"","code":"duplicate"}]})");
  vendor.next("GET /fields", 200, R"({"fields":[]})");
  vendor.on("GET /fields", 200, kFieldsWithScore);
  vendor.on("POST /fieldRels", 201, "{}");
  const auto result = prepare(vendor, {{"Score", FieldType::Number}});
  EXPECT_EQ(result.front().status, Status::Exists);
}

TEST(Prepare, LooksBeforeItCreatesAgain) {
  Vendor vendor;
  vendor.on("POST /fields", 502, "{}");
  vendor.next("GET /fields", 200, R"({"fields":[],"fieldRels":[]})");
  vendor.on("GET /fields", 200, kFieldsWithScore);
  vendor.on("POST /fieldRels", 201, "{}");
  const auto result = prepare(vendor, {{"Score", FieldType::Number}});
  EXPECT_EQ(result.front().status, Status::Created);
  EXPECT_THAT(vendor.writes(), ElementsAre("POST /fields", "POST /fieldRels"));
}

constexpr auto kNoFields = R"({"fields":[],"fieldRels":[]})";

TEST(Prepare, GoesOnAfterARefusalThatPasses) {
  Vendor vendor;
  vendor.on("GET /fields", 200, kNoFields);
  for (int i = 0; i < 3; ++i) vendor.next("POST /fields", 403, "");
  vendor.on("POST /fields", 201, kScore);
  vendor.on("POST /fieldRels", 201, "{}");
  const auto result = prepare(vendor, {{"Score", FieldType::Number}});
  EXPECT_EQ(result.front().status, Status::Created);
  EXPECT_EQ(vendor.count("POST /fields"), 4U);
}

TEST(Prepare, FindsTheFieldWhoseAnswerWasAPage) {
  Vendor vendor;
  vendor.on("POST /fields", 200, "<html>login</html>");
  vendor.next("GET /fields", 200, kNoFields);
  vendor.on("GET /fields", 200, kFieldsWithScore);
  vendor.on("POST /fieldRels", 201, "{}");
  const auto result = prepare(vendor, {{"Score", FieldType::Number}});
  EXPECT_EQ(result.front().status, Status::Created);
  EXPECT_EQ(vendor.count("POST /fields"), 1U);
}

TEST(Prepare, FindsTheFieldThatAnAnswerDoesNotName) {
  Vendor vendor;
  vendor.on("POST /fields", 201, "{}");
  vendor.next("GET /fields", 200, kNoFields);
  vendor.on("GET /fields", 200, kFieldsWithScore);
  vendor.on("POST /fieldRels", 201, "{}");
  const auto result = prepare(vendor, {{"Score", FieldType::Number}});
  EXPECT_EQ(result.front().status, Status::Created);
  EXPECT_THAT(vendor.writes(), ElementsAre("POST /fields", "POST /fieldRels"));
}

TEST(Prepare, ARefusalThatStaysEndsTheRunRatherThanTheField) {
  Vendor vendor;
  vendor.on("GET /fields", 200, kNoFields);
  vendor.on("POST /fields", 403, "");
  try {
    (void)prepare(vendor, {{"Score", FieldType::Number}});
    ADD_FAILURE() << "no error";
  } catch (const sluice::Error& error) {
    EXPECT_EQ(error.code(), sluice::Code::Auth);
    EXPECT_THAT(error.what(), HasSubstr("creating the field \"Score\""));
  }
}

TEST(Prepare, FinishesAFieldThatWasLeftInvisible) {
  Vendor vendor;
  vendor.on("GET /fields", 200, kFieldsWithScore);
  vendor.on("POST /fieldRels", 201, "{}");
  const auto result = prepare(vendor, {{"Score", FieldType::Number}});
  EXPECT_EQ(result.front().status, Status::Exists);
  EXPECT_THAT(vendor.writes(), ElementsAre("POST /fieldRels"));
}

TEST(Prepare, ShowsAFieldOnTheListThatIsWritten) {
  Vendor vendor;
  vendor.on("GET /fields", 200, R"({"fields":[{"id":"9","title":"Score","type":"number"}],
      "fieldRels":[{"id":"1","field":"9","relid":"2"}]})");
  vendor.on("POST /fieldRels", 201, "{}");
  (void)prepare(vendor, {{"Score", FieldType::Number}}, false, R"({"list":"News"})");
  EXPECT_THAT(vendor.writes(), IsEmpty());
  (void)prepare(vendor, {{"Score", FieldType::Number}}, false, R"({"list":"Customers"})");
  EXPECT_EQ(vendor.asked("POST /fieldRels").front().body.at("fieldRel").at("relid"), 1);
}

TEST(Prepare, SaysWhyAFieldIsImpossible) {
  Vendor vendor;
  vendor.on("POST /fields", 403, R"({"message":"Forbidden"})");
  const auto result = prepare(vendor, {{"Score", FieldType::Number}});
  EXPECT_EQ(result.front().status, Status::Impossible);
  EXPECT_THAT(result.front().message, HasSubstr("permission"));
}

TEST(Prepare, RefusesAnUnknownList) {
  Vendor vendor;
  EXPECT_THROW((void)prepare(vendor, {}, true, R"({"list":"Nobody"})"), sluice::Error);
}

}  // namespace
}  // namespace activecampaign
