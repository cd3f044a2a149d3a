#include "removal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vendor.hpp"

namespace activecampaign {
namespace {

using sluice::Effect;
using sluice::Outcome;
using sluice::Write;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Status = sluice::Outcome::Status;
using testing::Asked;
using testing::row;
using testing::Vendor;

class Removal : public ::testing::Test {
 protected:
  Removal() {
    vendor_.on("GET /contacts", [](const Asked& asked) {
      const bool hit = asked.query.find("email=a@b.co") != std::string::npos;
      return testing::answered(
          200, hit ? R"({"contacts":[{"id":"7","email":"a@b.co"}]})" : R"({"contacts":[]})");
    });
    vendor_.on("GET /contacts/7/contactLists", 200, R"({"contactLists":[
        {"list":"1","status":"1"},{"list":"2","status":"2"},{"list":"3","status":"1"}]})");
    vendor_.on("POST /contactLists", 200, R"({"contactList":{}})");
    vendor_.on("DELETE /contacts/7", 200, "{}");
  }
  Outcome remove(const std::string& action, const std::string& members = "",
                 const std::string& options = R"({"list":"Customers"})") {
    auto context = vendor_.context();
    const std::vector<Write> batch{
        row(R"({"op":"delete","key":"a@b.co","remote_id":"3","action":")" + action + "\"" +
            members + "}")};
    return vendor_.open(options)->write(context, batch).front();
  }

  Vendor vendor_;
};

TEST_F(Removal, UnsubscribeLeavesOurListsOnly) {
  const auto outcome = remove("unsubscribe");
  EXPECT_EQ(outcome.status, Status::Ok);
  const auto asked = vendor_.asked("POST /contactLists");
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked.front().body.at("contactList").at("list"), 1);
  EXPECT_EQ(asked.front().body.at("contactList").at("status"), 2);
  EXPECT_THAT(*outcome.withdrawn, ElementsAre("list:1"));
  EXPECT_THAT(*outcome.opted_out, ElementsAre("list:2"));
}

// What has been sent is the same writer's work, also where nothing came back.
TEST_F(Removal, AnUnsubscriptionWhoseAnswerIsLostIsStillOurs) {
  std::string status = "1";
  vendor_.on("GET /contacts/7/contactLists", [&](const Asked&) {
    return testing::answered(200, R"({"contactLists":[{"list":"1","status":")" + status + "\"}]}");
  });
  vendor_.on("POST /contactLists", [&](const Asked&) {
    status = "2";
    return testing::answered(503, "");
  });
  auto context = vendor_.context();
  const std::vector<Write> batch{row(R"({"op":"delete","key":"a@b.co","action":"unsubscribe"})")};
  const auto writer = vendor_.open(R"({"list":"Customers"})");
  ASSERT_EQ(writer->write(context, batch).front().status, Status::Retry);
  const auto outcome = writer->write(context, batch).front();
  EXPECT_EQ(outcome.status, Status::Ok);
  EXPECT_THAT(*outcome.withdrawn, ElementsAre("list:1"));
  EXPECT_THAT(*outcome.opted_out, IsEmpty());
  // Another writer knows nothing of it: then the person's word counts.
  const auto later = vendor_.open(R"({"list":"Customers"})")->write(context, batch).front();
  EXPECT_THAT(*later.opted_out, ElementsAre("list:1"));
}

TEST_F(Removal, AnUnsubscriptionThatWasRefusedIsNot) {
  std::string status = "1";
  vendor_.on("GET /contacts/7/contactLists", [&](const Asked&) {
    return testing::answered(200, R"({"contactLists":[{"list":"1","status":")" + status + "\"}]}");
  });
  vendor_.on("POST /contactLists", 422, R"({"errors":[{"title":"no"}]})");
  auto context = vendor_.context();
  const std::vector<Write> batch{row(R"({"op":"delete","key":"a@b.co","action":"unsubscribe"})")};
  const auto writer = vendor_.open(R"({"list":"Customers"})");
  ASSERT_EQ(writer->write(context, batch).front().status, Status::Rejected);
  status = "2";
  EXPECT_THAT(*writer->write(context, batch).front().opted_out, ElementsAre("list:1"));
}

TEST_F(Removal, AnIdLeadsToNoOtherPath) {
  vendor_.on("GET /contacts", 200, R"({"contacts":[{"id":"7/../../lists/1","email":"a@b.co"}]})");
  (void)remove("delete");
  EXPECT_THAT(vendor_.writes(), ::testing::Each(::testing::Not(::testing::HasSubstr("/lists/1"))));
  EXPECT_THAT(vendor_.asked("GET /contacts/7%2F..%2F..%2Flists%2F1/contactLists"),
              ::testing::SizeIs(1));
}

TEST_F(Removal, UnsubscribeIncludesListsOfRules) {
  const auto outcome =
      remove("unsubscribe", R"(,"sets":{"lists":{"remove":["News","Customers"]}})", "{}");
  EXPECT_EQ(vendor_.count("POST /contactLists"), 1U);
  EXPECT_THAT(*outcome.withdrawn, ElementsAre("list:1"));
}

// Whoever gets the e-mail later is not to wear what a rule gave to somebody else.
TEST_F(Removal, TagsThatStayAreRemembered) {
  const std::string tags = R"(,"sets":{"tags":{"add":[],"remove":["vip"]}})";
  const auto outcome = remove("unsubscribe", tags);
  EXPECT_THAT(*outcome.withdrawn, ElementsAre("list:1", "tag:vip"));
  EXPECT_EQ(vendor_.count("GET /contacts/7/contactTags"), 0U);
  EXPECT_THAT(*remove("delete", tags).withdrawn, IsEmpty());
}

TEST_F(Removal, TagMarksTheContact) {
  vendor_.on("POST /tags", 201, R"({"tag":{"id":"9"}})");
  vendor_.on("POST /contactTags", 200, R"({"contactTag":{"id":"1"}})");
  EXPECT_EQ(remove("tag", "", R"({"delete_tag":"gone"})").status, Status::Ok);
  EXPECT_EQ(vendor_.asked("POST /tags").front().body.at("tag").at("tag"), "gone");
  EXPECT_EQ(vendor_.asked("POST /contactTags").front().body,
            sluice::parse_json(R"({"contactTag":{"contact":"7","tag":"9"}})"));
}

TEST_F(Removal, DeleteReportsOptOutsBeforeTheyVanish) {
  const auto outcome = remove("delete", R"(,"opted_out":["list:9"])");
  EXPECT_EQ(outcome.effect, Effect::Deleted);
  EXPECT_THAT(*outcome.opted_out, ElementsAre("list:9", "list:2"));
  EXPECT_EQ(vendor_.count("DELETE /contacts/7"), 1U);
}

TEST_F(Removal, AnotherContactsIdIsNeverTouched) {
  (void)remove("delete");
  EXPECT_THAT(vendor_.writes(), ElementsAre("DELETE /contacts/7"));
}

TEST_F(Removal, GoneIsDone) {
  vendor_.on("DELETE /contacts/7", 404, R"({"message":"No result found for contact with id 7"})");
  EXPECT_EQ(remove("delete").status, Status::Ok);
  vendor_.on("GET /contacts", 200, R"({"contacts":[]})");
  const auto outcome = remove("delete");
  EXPECT_EQ(outcome.status, Status::Ok);
  EXPECT_EQ(outcome.effect, Effect::Unchanged);
}

TEST_F(Removal, AnInterruptedChangeOfKeyIsFoundByThePreviousOne) {
  auto context = vendor_.context();
  const std::vector<Write> batch{
      row(R"({"op":"delete","key":"new@b.co","previous_key":"a@b.co","action":"delete"})")};
  EXPECT_EQ(vendor_.open()->write(context, batch).front().effect, Effect::Deleted);
}

TEST_F(Removal, AnUnknownActionIsRejected) {
  EXPECT_EQ(remove("shred").status, Status::Rejected);
  EXPECT_THAT(vendor_.writes(), IsEmpty());
}

}  // namespace
}  // namespace activecampaign
