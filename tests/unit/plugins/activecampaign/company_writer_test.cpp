#include "company_writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vendor.hpp"

namespace activecampaign {
namespace {

using sluice::Effect;
using sluice::Outcome;
using sluice::Write;
using sluice::WriteMode;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Status = sluice::Outcome::Status;
using testing::row;
using testing::Vendor;

constexpr auto kAcme =
    R"({"accounts":[{"id":"3","name":"Acme Ltd"},{"id":"4","name":"ACME","accountUrl":"https://acme.example"}]})";

class Companies : public ::testing::Test {
 protected:
  Companies() {
    vendor_.on("POST /accounts", 201, R"({"account":{"id":"9"}})");
    vendor_.on("PUT /accounts/4", 200, R"({"account":{"id":"4"}})");
    vendor_.on("DELETE /accounts/4", 200, "{}");
    vendor_.on("GET /accounts", 200, kAcme);
  }
  Outcome write(const std::string& line, WriteMode mode = WriteMode::Upsert) {
    auto context = vendor_.context();
    sluice::WriteRequest request;
    request.object = kAccounts;
    request.match = "name";
    request.mode = mode;
    const std::vector<Write> batch{row(line)};
    return CompanyWriter{vendor_.client(), request}.write(context, batch).front();
  }
  [[nodiscard]] std::string sent(const std::string& route) const {
    return sluice::to_json(vendor_.asked(route).front().body);
  }

  Vendor vendor_;
};

TEST_F(Companies, ANewOneCostsOneCall) {
  const auto outcome =
      write(R"({"key":"zen","fields":{"name":"Zen","accountUrl":"https://z.example"}})");
  EXPECT_EQ(outcome.status, Status::Ok);
  EXPECT_EQ(outcome.effect, Effect::Created);
  EXPECT_EQ(outcome.remote_id, "9");
  EXPECT_EQ(vendor_.total(), 1U);
  EXPECT_EQ(sent("POST /accounts"),
            R"({"account":{"name":"Zen","accountUrl":"https://z.example"}})");
}

TEST_F(Companies, OneThatExistsIsFoundByItsWholeNameInAnyCase) {
  vendor_.on("POST /accounts", 422, R"({"errors":[{"title":"exists","code":"duplicate"}]})");
  const auto outcome = write(R"({"key":"acme","fields":{"name":"Acme"}})");
  EXPECT_EQ(outcome.status, Status::Ok);
  EXPECT_EQ(outcome.effect, Effect::Updated);
  EXPECT_EQ(outcome.remote_id, "4");
  EXPECT_THAT(vendor_.writes(), ElementsAre("POST /accounts", "PUT /accounts/4"));
}

TEST_F(Companies, ALostAnswerToACreationMakesNoSecondOne) {
  vendor_.on("POST /accounts", 502, "");
  EXPECT_EQ(write(R"({"key":"acme","fields":{"name":"ACME"}})").remote_id, "4");
  EXPECT_EQ(vendor_.count("POST /accounts"), 1U);
}

TEST_F(Companies, ARenamedOneKeepsItsAccount) {
  vendor_.next("GET /accounts", 200, R"({"accounts":[]})");  // nobody has the new name
  const auto outcome =
      write(R"({"key":"apex","previous_key":"acme","fields":{"name":"Apex"},"delivered":true})");
  EXPECT_EQ(outcome.remote_id, "4");
  EXPECT_TRUE(outcome.rekeyed);
  EXPECT_EQ(sent("PUT /accounts/4"), R"({"account":{"name":"Apex"}})");
}

TEST_F(Companies, AFilledFieldIsLeftAlone) {
  write(
      R"({"key":"acme","fields":{"name":"ACME","accountUrl":"https://b.example"},"if_empty":["accountUrl"]})");
  EXPECT_EQ(sent("PUT /accounts/4"), R"({"account":{"name":"ACME"}})");
}

TEST_F(Companies, ModesSayWhatTheyFind) {
  EXPECT_EQ(write(R"({"key":"acme","fields":{}})", WriteMode::Create).code, "exists");
  vendor_.on("GET /accounts", 200, R"({"accounts":[]})");
  EXPECT_EQ(write(R"({"key":"acme","fields":{}})", WriteMode::Update).code, "not_found");
  EXPECT_THAT(vendor_.writes(), IsEmpty());
}

TEST_F(Companies, ADeletedOneGoesAndStaysGone) {
  EXPECT_EQ(write(R"({"op":"delete","key":"acme","action":"delete"})").effect, Effect::Deleted);
  vendor_.on("GET /accounts", 200, R"({"accounts":[]})");
  EXPECT_EQ(write(R"({"op":"delete","key":"acme","action":"delete"})").status, Status::Ok);
  EXPECT_EQ(vendor_.count("DELETE /accounts/4"), 1U);
}

TEST_F(Companies, OtherFieldsAreRefusedByName) {
  const auto outcome = write(R"({"key":"acme","fields":{"Size":5}})");
  EXPECT_EQ(outcome.status, Status::Rejected);
  EXPECT_EQ(outcome.field, "Size");
}

}  // namespace
}  // namespace activecampaign
