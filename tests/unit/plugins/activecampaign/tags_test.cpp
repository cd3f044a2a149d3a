#include "tags.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vendor.hpp"

namespace activecampaign {
namespace {

using sluice::Outcome;
using sluice::Write;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Status = sluice::Outcome::Status;
using testing::Asked;
using testing::echo;
using testing::row;
using testing::Vendor;

class Tags : public ::testing::Test {
 protected:
  Tags() {
    contact(201);
    vendor_.on("POST /contactTags", 200, R"({"contactTag":{"id":"1"}})");
    vendor_.on("POST /tags", 201, R"({"tag":{"id":"9","tag":"new"}})");
  }
  void contact(int status) {
    vendor_.on("POST /contact/sync", [=](const Asked& asked) { return echo(asked, status, "7"); });
  }
  Outcome write(const std::string& tags, const std::string& options = "{}",
                const std::string& member = R"("if_empty":[])") {
    auto context = vendor_.context();
    const std::vector<Write> batch{
        row(R"({"key":"a@b.co","fields":{},"sets":{"tags":)" + tags + "}," + member + "}")};
    return vendor_.open(options)->write(context, batch).front();
  }
  std::vector<std::string> added() {
    std::vector<std::string> result;
    for (const auto& asked : vendor_.asked("POST /contactTags")) {
      result.push_back(scalar(asked.body.at("contactTag").as_object(), "tag"));
    }
    return result;
  }

  Vendor vendor_;
};

TEST_F(Tags, NamesDifferingInCaseAreOneTag) {
  EXPECT_EQ(write(R"({"add":["VIP"," vip "]})").status, Status::Ok);
  EXPECT_THAT(added(), ElementsAre("1"));
  EXPECT_EQ(vendor_.count("POST /tags"), 0U);
}

TEST_F(Tags, WhatTheContactHasIsNotAddedAgain) {
  contact(200);
  EXPECT_EQ(write(R"({"add":[],"keep":["vip"]})", "{}", R"("remote_id":"7")").status, Status::Ok);
  EXPECT_THAT(added(), IsEmpty());
}

TEST_F(Tags, AContactThatIsMadeAgainGetsAllOfThem) {
  EXPECT_EQ(write(R"({"add":["churned"],"keep":["vip"]})", "{}", R"("remote_id":"6")").status,
            Status::Ok);
  EXPECT_THAT(added(), ElementsAre("2", "1"));
}

TEST_F(Tags, SoDoesOneThatMayBeAnother) {
  contact(200);
  for (const char* known : {R"("remote_id":"6")", R"("delivered":true)"}) {
    EXPECT_EQ(write(R"({"add":[],"keep":["vip"]})", "{}", known).status, Status::Ok);
  }
  EXPECT_THAT(added(), ElementsAre("1", "1"));
}

TEST_F(Tags, MissingOnesAreCreatedForContacts) {
  EXPECT_EQ(write(R"({"add":["new"]})").status, Status::Ok);
  EXPECT_EQ(vendor_.asked("POST /tags").front().body.at("tag").at("tagType"), "contact");
  EXPECT_THAT(added(), ElementsAre("9"));
}

TEST_F(Tags, ADuplicateAnsweredWith200GivesItsId) {
  vendor_.on("POST /tags", 200, R"({"tag":{"id":12,"tag":"new"}})");
  (void)write(R"({"add":["new"]})");
  EXPECT_THAT(added(), ElementsAre("12"));
}

TEST_F(Tags, ARefusedDuplicateIsLookedUp) {
  vendor_.on("POST /tags", 422, R"({"errors":[{"title":"Tag exists","code":"duplicate"}]})");
  vendor_.next("GET /tags", 200, R"({"tags":[]})");
  vendor_.on("GET /tags", 200, R"({"tags":[{"id":"13","tag":"New"}]})");
  EXPECT_EQ(write(R"({"add":["new"]})").status, Status::Ok);
  EXPECT_THAT(added(), ElementsAre("13"));
}

TEST_F(Tags, AreNotCreatedWhenThatIsOff) {
  const auto outcome = write(R"({"add":["new"]})", R"({"create_tags":false})");
  EXPECT_EQ(outcome.status, Status::Rejected);
  EXPECT_EQ(outcome.field, "tags");
  EXPECT_THAT(vendor_.writes(), IsEmpty());
}

TEST_F(Tags, AreRemovedByTheirAssignment) {
  contact(200);
  vendor_.on("GET /contacts/7/contactTags", 200,
             R"({"contactTags":[{"id":"55","tag":"2"},{"id":"56","tag":"1"}]})");
  vendor_.on("DELETE /contactTags/55", 404, R"({"message":"No Result found for SubscriberTag"})");
  EXPECT_EQ(write(R"({"add":["vip"],"remove":["Churned","unheard of"]})").status, Status::Ok);
  EXPECT_EQ(vendor_.count("DELETE /contactTags/55"), 1U);
  EXPECT_THAT(added(), IsEmpty());
}

TEST_F(Tags, AFailureAfterTheContactSaysSo) {
  vendor_.on("POST /contactTags", 422, R"({"message":"No tag id provided"})");
  const auto outcome = write(R"({"add":["vip"]})");
  EXPECT_EQ(outcome.status, Status::Rejected);
  EXPECT_THAT(outcome.message, HasSubstr("contact written, but adding a tag failed"));
}

}  // namespace
}  // namespace activecampaign
