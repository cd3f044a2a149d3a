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

constexpr auto kCustomers = R"({"list":"Customers"})";

class Lists : public ::testing::Test {
 protected:
  Lists() { vendor_.on("POST /contactLists", 200, R"({"contactList":{"id":"1"}})"); }

  // The contact 7 exists with these memberships; without a text it is new.
  void memberships(const std::string& rows) {
    vendor_.on("POST /contact/sync", [](const Asked& asked) { return echo(asked, 200, "7"); });
    vendor_.on("GET /contacts/7/contactLists", 200, "{\"contactLists\":[" + rows + "]}");
  }
  void new_contact() {
    vendor_.on("POST /contact/sync", [](const Asked& asked) { return echo(asked, 201, "7"); });
  }
  Outcome write(const std::string& members, const std::string& options = kCustomers) {
    auto context = vendor_.context();
    const std::vector<Write> batch{row(R"({"key":"a@b.co","fields":{})" + members + "}")};
    return vendor_.open(options)->write(context, batch).front();
  }
  std::vector<std::string> changes() {
    std::vector<std::string> result;
    for (const auto& asked : vendor_.asked("POST /contactLists")) {
      const auto& change = asked.body.at("contactList").as_object();
      result.push_back(scalar(change, "list") + "=" + scalar(change, "status"));
    }
    return result;
  }

  Vendor vendor_;
};

TEST_F(Lists, ANewContactJoinsWithoutBeingRead) {
  new_contact();
  const auto outcome = write("");
  EXPECT_EQ(outcome.status, Status::Ok);
  EXPECT_EQ(
      vendor_.asked("POST /contactLists").front().body,
      sluice::parse_json(R"({"contactList":{"list":1,"contact":7,"status":1,"sourceid":4}})"));
  EXPECT_EQ(vendor_.count("GET /contacts/7/contactLists"), 0U);
  EXPECT_THAT(*outcome.opted_out, IsEmpty());
}

TEST_F(Lists, AKnownOptOutHoldsForARecreatedContact) {
  new_contact();
  const auto outcome = write(R"(,"opted_out":["list:1"])");
  EXPECT_EQ(outcome.status, Status::Ok);
  EXPECT_THAT(changes(), IsEmpty());
  EXPECT_THAT(*outcome.opted_out, ElementsAre("list:1"));
}

TEST_F(Lists, SomebodyWhoLeftIsNeverBroughtBack) {
  memberships(R"({"list":"1","status":"2"},{"list":"2","status":2})");
  for (const char* policy : {"never", "own"}) {
    const auto outcome =
        write("", R"({"list":"Customers","resubscribe":")" + std::string{policy} + "\"}");
    EXPECT_EQ(outcome.status, Status::Ok);
    EXPECT_THAT(*outcome.opted_out, ElementsAre("list:1", "list:2"));
  }
  EXPECT_THAT(changes(), IsEmpty());
}

TEST_F(Lists, AlwaysBringsBack) {
  memberships(R"({"list":"1","status":"2"})");
  const auto outcome = write("", R"({"list":"Customers","resubscribe":"always"})");
  EXPECT_THAT(changes(), ElementsAre("1=1"));
  EXPECT_THAT(*outcome.opted_out, IsEmpty());
}

TEST_F(Lists, OurOwnUnsubscriptionIsUndone) {
  memberships(R"({"list":"1","status":"2"})");
  const auto outcome = write(R"(,"withdrawn":["list:1"])");
  EXPECT_THAT(changes(), ElementsAre("1=1"));
  EXPECT_THAT(*outcome.opted_out, IsEmpty());
  EXPECT_THAT(*outcome.withdrawn, IsEmpty());
}

TEST_F(Lists, NeverKeepsOurOwnUnsubscription) {
  memberships(R"({"list":"1","status":"2"})");
  const auto outcome =
      write(R"(,"withdrawn":["list:1"])", R"({"list":"Customers","resubscribe":"never"})");
  EXPECT_THAT(changes(), IsEmpty());
  EXPECT_THAT(*outcome.withdrawn, ElementsAre("list:1"));
}

TEST_F(Lists, AMemberCostsNoChange) {
  memberships(R"({"list":1,"status":1})");
  (void)write("");
  EXPECT_THAT(changes(), IsEmpty());
}

TEST_F(Lists, TheUnconfirmedStayUnconfirmed) {
  memberships(R"({"list":"1","status":"0"})");
  const auto outcome = write("", R"({"list":"Customers","resubscribe":"always"})");
  EXPECT_THAT(changes(), IsEmpty());
  EXPECT_THAT(*outcome.opted_out, ElementsAre("list:1"));
}

TEST_F(Lists, RulesJoinAndLeaveLists) {
  memberships(R"({"list":"1","status":"1"})");
  const auto outcome = write(R"(,"sets":{"lists":{"add":["News"],"remove":["1"]}})", "{}");
  EXPECT_THAT(changes(), ElementsAre("2=1", "1=2"));
  EXPECT_THAT(*outcome.withdrawn, ElementsAre("list:1"));
}

TEST_F(Lists, LeavingTouchesNoOneWhoHasLeft) {
  memberships(R"({"list":"1","status":"2"})");
  const auto outcome = write(R"(,"sets":{"lists":{"remove":["Customers"]}})", "{}");
  EXPECT_THAT(changes(), IsEmpty());
  EXPECT_THAT(*outcome.opted_out, ElementsAre("list:1"));
  EXPECT_THAT(*outcome.withdrawn, IsEmpty());
}

TEST_F(Lists, TheListOptionOutweighsARemoval) {
  memberships(R"({"list":"1","status":"1"})");
  (void)write(R"(,"sets":{"lists":{"remove":["Customers"]}})");
  EXPECT_THAT(changes(), IsEmpty());
}

TEST_F(Lists, AnUnknownListIsARecordError) {
  const auto outcome = write(R"(,"sets":{"lists":{"add":["Nobody"]}})");
  EXPECT_EQ(outcome.status, Status::Rejected);
  EXPECT_EQ(outcome.field, "lists");
}

TEST_F(Lists, AFailureAfterTheContactSaysWhichPart) {
  new_contact();
  vendor_.on("POST /contactLists", 502, "{}");
  const auto outcome = write("");
  EXPECT_EQ(outcome.status, Status::Retry);
  EXPECT_THAT(outcome.message, HasSubstr("contact written, but joining list 1 failed"));
  vendor_.on("POST /contactLists", 422,
             R"({"message":"The value you selected is not a valid choice."})");
  const auto refused = write("");
  EXPECT_EQ(refused.status, Status::Rejected);
  EXPECT_EQ(refused.remote_id, "7");
}

TEST_F(Lists, A201ForAnExistingContactIsStillRead) {
  vendor_.on("POST /contact/sync", [](const Asked&) {
    return testing::answered(201, R"({"contact":{"id":"7","cdate":"2020-01-01T00:00:00-06:00",
        "udate":"2024-01-01T00:00:00-06:00"}})");
  });
  vendor_.on("GET /contacts/7/contactLists", 200,
             R"({"contactLists":[{"list":"1","status":"2"}]})");
  (void)write("");
  EXPECT_THAT(changes(), IsEmpty());
}

}  // namespace
}  // namespace activecampaign
