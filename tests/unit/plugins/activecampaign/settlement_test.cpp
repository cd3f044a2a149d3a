#include "settlement.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vendor.hpp"

namespace activecampaign {
namespace {

using sluice::Outcome;
using sluice::Write;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Status = sluice::Outcome::Status;
using std::chrono::milliseconds;
using testing::answered;
using testing::Asked;
using testing::echo;
using testing::row;
using testing::rows;
using testing::Vendor;

constexpr auto kInfo = "GET /import/info";

class SettlementTest : public ::testing::Test {
 protected:
  SettlementTest() {
    receipt_.batch_id = "b1";
    receipt_.sent_at = vendor_.host.now();
    receipt_.sent = receipt_.queued = 3;
    vendor_.on("POST /contact/sync", [](const Asked& asked) {
      const auto email = scalar(member(asked.body.as_object(), "contact"), "email");
      return echo(asked, 200, email.substr(1, 1));
    });
    vendor_.on("POST /contactLists", 200, R"({"contactList":{}})");
    for (const char* id : {"1", "2", "3"}) {
      vendor_.on("GET /contacts/" + std::string{id} + "/contactLists", 200,
                 R"({"contactLists":[]})");
    }
  }
  void status(const std::string& body) { vendor_.on(kInfo, 200, body); }
  std::vector<Outcome> poll(std::vector<Write> writes, milliseconds age = milliseconds{2'000},
                            bool overdue = false, const std::string& options = "{}") {
    auto context = vendor_.context();
    return vendor_.open(options)->poll(context, {receipt_.text(), age, overdue}, writes);
  }
  std::vector<std::string> synced() {
    std::vector<std::string> emails;
    for (const auto& asked : vendor_.asked("POST /contact/sync")) {
      emails.push_back(scalar(member(asked.body.as_object(), "contact"), "email"));
    }
    return emails;
  }
  // Contacts p<id>@example.com with these first names.
  void account_has(std::vector<std::pair<std::string, std::string>> contacts,
                   const json::array& lists = {}, const json::array& tags = {}) {
    vendor_.on("GET /contacts", [=](const Asked& asked) {
      json::array found;
      for (const auto& [id, name] : contacts) {
        const auto email = "p" + id + "@example.com";
        const bool by_email = asked.query.find("email=") != std::string::npos;
        const bool by_id = asked.query.find("ids[]=") != std::string::npos;
        if (by_email && asked.query.find("email=" + email) == std::string::npos) continue;
        if (by_id && asked.query.find("ids[]=" + id) == std::string::npos) continue;
        found.push_back(json::object{{"id", id}, {"email", email}, {"firstName", name}});
      }
      return answered(200, sluice::to_json(json::object{{"contacts", found},
                                                        {"fieldValues", json::array{}},
                                                        {"contactLists", lists},
                                                        {"contactTags", tags}}));
    });
  }

  Vendor vendor_;
  ImportReceipt receipt_;
};

TEST_F(SettlementTest, NotYetIsPendingAgain) {
  for (const char* body : {R"({"status":false})", R"({"status":"waiting"})",
                           R"({"status":"claimed"})", R"({"status":"active"})", R"({})"}) {
    status(body);
    const auto outcomes = poll(rows(3));
    EXPECT_THAT(outcomes, Each(Field(&Outcome::status, Status::Pending))) << body;
    EXPECT_EQ(outcomes.front().receipt, receipt_.text());
    EXPECT_GT(outcomes.front().after.count(), 0);
  }
  EXPECT_THAT(vendor_.writes(), IsEmpty());
}

TEST_F(SettlementTest, AFullCountSettlesAllWithoutFurtherCalls) {
  status(R"({"status":"completed","success":["1",2,"3"],"failure":[]})");
  EXPECT_THAT(poll(rows(3)), Each(Field(&Outcome::status, Status::Ok)));
  EXPECT_EQ(vendor_.count("GET /contacts"), 0U);
  EXPECT_THAT(vendor_.writes(), IsEmpty());
}

TEST_F(SettlementTest, AFailedRowIsRepeatedWithoutSubscribing) {
  status(R"({"status":"completed","success":["1","3"],"failure":["P2@Example.com"]})");
  vendor_.on("GET /contacts/2/contactLists", 200,
             R"({"contactLists":[{"list":"1","status":"2"}]})");
  const auto outcomes = poll(rows(3), milliseconds{2'000}, false, R"({"list":"Customers"})");
  EXPECT_THAT(outcomes, Each(Field(&Outcome::status, Status::Ok)));
  EXPECT_THAT(synced(), ElementsAre("p2@example.com"));
  EXPECT_THAT(*outcomes[1].opted_out, ElementsAre("list:1"));
  EXPECT_EQ(vendor_.count("POST /contactLists"), 0U);
}

TEST_F(SettlementTest, AnUnexplainedFailureJoinsNoList) {
  status(R"({"status":"completed","success":["1","3"],"failure":["p2@example.com"]})");
  const auto outcomes = poll(rows(3), milliseconds{2'000}, false, R"({"list":"Customers"})");
  EXPECT_EQ(outcomes[1].status, Status::Ok);
  EXPECT_EQ(vendor_.count("POST /contactLists"), 0U);
}

TEST_F(SettlementTest, OneOptOutKeepsNobodyFromTheOtherLists) {
  status(R"({"status":"completed","success":["1","3"],"failure":["p2@example.com"]})");
  vendor_.on("GET /contacts/2/contactLists", 200,
             R"({"contactLists":[{"list":"1","status":"2"}]})");
  (void)poll(rows(3, R"(,"sets":{"lists":{"add":["News"]}})"), milliseconds{2'000}, false,
             R"({"list":"Customers"})");
  const auto asked = vendor_.asked("POST /contactLists");
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked.front().body.at("contactList").at("list"), 2);
}

TEST_F(SettlementTest, TheRepeatedCallsAnswerIsTheOutcome) {
  status(R"({"status":"completed","success":["1","3"],"failure":["p2@example.com"]})");
  vendor_.on("POST /contact/sync", 422, R"({"errors":[{"title":"over the limit"}]})");
  const auto outcomes = poll(rows(3));
  EXPECT_EQ(outcomes[1].status, Status::Rejected);
  EXPECT_THAT(outcomes[1].message, HasSubstr("over the limit"));
  EXPECT_EQ(outcomes[0].status, Status::Ok);
}

TEST_F(SettlementTest, CreatedOnlySuccessIsReadBack) {
  status(R"({"status":"completed","success":["1"],"failure":[]})");
  account_has({{"1", "Another"}, {"2", "P2"}, {"3", "P3"}});
  const auto outcomes = poll(rows(3));
  EXPECT_THAT(outcomes, Each(Field(&Outcome::status, Status::Ok)));
  EXPECT_EQ(outcomes[0].remote_id, "1");
  EXPECT_EQ(outcomes[1].remote_id, "2");
  EXPECT_THAT(vendor_.writes(), IsEmpty());
}

TEST_F(SettlementTest, OfAsManyIdsAsNewContactsOnlyTheKnownOnesAreReadBack) {
  auto writes = rows(3);
  writes[0].delivered = true;
  status(R"({"status":"completed","success":["2","3"],"failure":[]})");
  account_has({{"1", "P1"}, {"2", "P2"}, {"3", "P3"}});
  EXPECT_THAT(poll(writes), Each(Field(&Outcome::status, Status::Ok)));
  ASSERT_EQ(vendor_.count("GET /contacts"), 1U);
  EXPECT_THAT(vendor_.asked("GET /contacts").front().query, HasSubstr("email=p1@example.com"));
  EXPECT_THAT(vendor_.writes(), IsEmpty());
  // A known one is among the listed: one of the new ones may be missing, and the ids are read.
  status(R"({"status":"completed","success":["1","2"],"failure":[]})");
  account_has({{"1", "P1"}, {"2", "P2"}});
  EXPECT_THAT(poll(writes), Each(Field(&Outcome::status, Status::Ok)));
  EXPECT_THAT(synced(), ElementsAre("p3@example.com"));
  // So it may be where the door has kept one out.
  receipt_.queued = 2;
  status(R"({"status":"completed","success":["1","2"],"failure":[]})");
  EXPECT_THAT(poll(writes), Each(Field(&Outcome::status, Status::Ok)));
  EXPECT_THAT(synced(), ElementsAre("p3@example.com", "p3@example.com"));
}

TEST_F(SettlementTest, RowsThatNothingConfirmsAreWrittenSingly) {
  status(R"({"status":"completed","success":["1"],"failure":[]})");
  // Somebody has made or changed the second one meanwhile.
  account_has({{"1", "P1"}, {"2", "By hand"}});
  const auto outcomes = poll(rows(3), milliseconds{2'000}, false, R"({"list":"Customers"})");
  EXPECT_THAT(outcomes, Each(Field(&Outcome::status, Status::Ok)));
  EXPECT_THAT(synced(), ElementsAre("p2@example.com", "p3@example.com"));
  EXPECT_EQ(vendor_.count("POST /contactLists"), 2U);
  EXPECT_TRUE(vendor_.host.logged("does not account for 2 of its 3 contacts"));
}

TEST_F(SettlementTest, AnUnnamedRowIsThereOnlyWithItsTagsAndMemberships) {
  status(R"({"status":"completed","success":["1"],"failure":[]})");
  account_has({{"1", "P1"}, {"2", "P2"}, {"3", "P3"}},
              {json::object{{"contact", "2"}, {"list", "1"}, {"status", "1"}},
               json::object{{"contact", "3"}, {"list", "1"}, {"status", "1"}}},
              {json::object{{"contact", "3"}, {"tag", "1"}}});
  vendor_.on("POST /contactTags", 201, "{}");
  const auto tagged = R"(,"sets":{"tags":{"add":["vip"]}})";
  const auto outcomes =
      poll(rows(3, tagged), milliseconds{2'000}, false, R"({"list":"Customers"})");
  EXPECT_THAT(outcomes, Each(Field(&Outcome::status, Status::Ok)));
  EXPECT_THAT(synced(), ElementsAre("p2@example.com"));
  account_has({{"1", "P1"}, {"2", "P2"}, {"3", "P3"}},
              {json::object{{"contact", "3"}, {"list", "1"}, {"status", "2"}}}, {});
  (void)poll(rows(3), milliseconds{2'000}, false, R"({"list":"Customers"})");
  EXPECT_THAT(synced(), ElementsAre("p2@example.com", "p2@example.com"));
}

TEST_F(SettlementTest, RowsLeftOutAtTheDoorJoinNoList) {
  receipt_.queued = 2;
  status(R"({"status":"completed","success":["1","2"],"failure":[]})");
  account_has({{"1", "P1"}, {"2", "P2"}});
  const auto outcomes = poll(rows(3), milliseconds{2'000}, false, R"({"list":"Customers"})");
  EXPECT_EQ(outcomes[2].status, Status::Ok);
  EXPECT_THAT(synced(), ElementsAre("p3@example.com"));
  EXPECT_EQ(vendor_.count("POST /contactLists"), 0U);
}

TEST_F(SettlementTest, ManyRowsAreReadBackByPages) {
  status(R"({"status":"completed","success":[],"failure":[]})");
  vendor_.on("GET /contacts", [](const Asked& asked) {
    EXPECT_THAT(asked.query, HasSubstr("filters[updated_after]=2023-12-31T23:58:00.000Z"));
    EXPECT_THAT(asked.query, HasSubstr("include=fieldValues,contactLists,contactTags"));
    const int from = std::stoi(asked.query.substr(asked.query.find("id_greater=") + 11));
    json::array found;
    for (int id = from + 1; id <= std::min(from + 100, 150); ++id) {
      found.push_back(json::object{{"id", id},
                                   {"email", "p" + std::to_string(id) + "@example.com"},
                                   {"firstName", "P" + std::to_string(id)}});
    }
    return answered(200, sluice::to_json(json::object{{"contacts", found},
                                                      {"fieldValues", json::array{}},
                                                      {"contactLists", json::array{}},
                                                      {"contactTags", json::array{}}}));
  });
  EXPECT_THAT(poll(rows(150)), Each(Field(&Outcome::status, Status::Ok)));
  EXPECT_EQ(vendor_.count("GET /contacts"), 2U);
  EXPECT_THAT(vendor_.writes(), IsEmpty());
}

TEST_F(SettlementTest, AFailedImportIsWrittenSingly) {
  for (const char* word : {"failed", "interrupted"}) {
    status("{\"status\":\"" + std::string{word} + "\"}");
    EXPECT_THAT(poll(rows(3), milliseconds{2'000}, false, R"({"list":"Customers"})"),
                Each(Field(&Outcome::status, Status::Ok)));
  }
  EXPECT_EQ(vendor_.count("POST /contact/sync"), 6U);
  EXPECT_EQ(vendor_.count("POST /contactLists"), 6U);
}

TEST_F(SettlementTest, AnOverdueImportIsReadBack) {
  status(R"({"status":"waiting"})");
  vendor_.on("GET /contacts", [](const Asked& asked) {
    const bool first = asked.query.find("email=p1@") != std::string::npos;
    return answered(200, first ? R"({"contacts":[{"id":"1","email":"p1@example.com",
        "firstName":"P1"}],"fieldValues":[],"contactTags":[],
        "contactLists":[{"contact":"1","list":"1","status":"2"}]})"
                               : R"({"contacts":[]})");
  });
  const auto outcomes = poll(rows(2), milliseconds{600'000}, true, R"({"list":"Customers"})");
  EXPECT_THAT(outcomes, Each(Field(&Outcome::status, Status::Ok)));
  EXPECT_THAT(synced(), ElementsAre("p2@example.com"));
  EXPECT_THAT(*outcomes[0].opted_out, ElementsAre("list:1"));
}

TEST_F(SettlementTest, AnUnknownImportGetsAMomentThenIsWrittenSingly) {
  vendor_.on(kInfo, 404, R"({"message":"No result"})");
  EXPECT_THAT(poll(rows(2)), Each(Field(&Outcome::status, Status::Pending)));
  EXPECT_THAT(poll(rows(2), milliseconds{40'000}), Each(Field(&Outcome::status, Status::Ok)));
  EXPECT_EQ(vendor_.count("POST /contact/sync"), 2U);
}

TEST_F(SettlementTest, AFaultWhileAskingKeepsTheReceipt) {
  vendor_.on(kInfo, 503, "");
  EXPECT_THAT(poll(rows(2)), Each(Field(&Outcome::status, Status::Pending)));
}

TEST_F(SettlementTest, ALaterQuestionTeachesThePace) {
  auto context = vendor_.context();
  const auto writer = vendor_.open();
  const auto writes = rows(3);
  status(R"({"status":"active"})");
  (void)writer->poll(context, {receipt_.text(), milliseconds{1'500}, false}, writes);
  status(R"({"status":"completed","success":["1","2","3"],"failure":[]})");
  (void)writer->poll(context, {receipt_.text(), milliseconds{9'000}, false}, writes);
  vendor_.on("POST /import/bulk_import", 200, R"({"success":1,"batchId":"b2"})");
  EXPECT_EQ(writer->write(context, rows(11)).front().after, milliseconds{9'000});
}

}  // namespace
}  // namespace activecampaign
