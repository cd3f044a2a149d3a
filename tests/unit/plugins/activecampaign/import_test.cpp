#include "import.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "known_account.hpp"
#include "poll_pace.hpp"
#include "receipt.hpp"
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
using testing::answered;
using testing::Asked;
using testing::echo;
using testing::row;
using testing::rows;
using testing::Vendor;

constexpr auto kImport = "POST /import/bulk_import";

class Import : public ::testing::Test {
 protected:
  Import() {
    vendor_.on(kImport, [this](const Asked& asked) {
      const auto count = asked.body.at("contacts").as_array().size();
      return answered(200, R"({"success":1,"queued_contacts":)" + std::to_string(count) +
                               R"(,"batchId":"b)" + std::to_string(++batches_) + "\"}");
    });
    vendor_.on("POST /contact/sync", [](const Asked& asked) { return echo(asked, 201, "7"); });
    vendor_.on("POST /contactLists", 200, "{\"contactList\":{}}");
  }
  std::vector<Outcome> write(std::vector<Write> batch, const std::string& options = "{}") {
    auto context = vendor_.context();
    return vendor_.open(options)->write(context, batch);
  }
  std::vector<std::size_t> sizes() {
    std::vector<std::size_t> result;
    for (const auto& asked : vendor_.asked(kImport)) {
      result.push_back(asked.body.at("contacts").as_array().size());
    }
    return result;
  }

  Vendor vendor_;
  int batches_ = 0;
};

TEST_F(Import, ManyNewContactsGoInOneRequest) {
  const auto outcomes = write(rows(250, R"(,"delivered":true)"), R"({"list":"Customers"})");
  EXPECT_THAT(outcomes, Each(Field(&Outcome::status, Status::Pending)));
  EXPECT_EQ(parse_receipt(outcomes.front().receipt).batch_id, "b1");
  EXPECT_EQ(outcomes.front().receipt, outcomes.back().receipt);
  EXPECT_GT(outcomes.front().after.count(), 1'000);
  EXPECT_THAT(sizes(), ElementsAre(250U));
  const auto body = vendor_.asked(kImport).front().body;
  EXPECT_EQ(body.at("contacts").at(0), sluice::parse_json(R"({"email":"p1@example.com",
      "first_name":"P1","subscribe":[{"listid":1}]})"));
  EXPECT_FALSE(body.as_object().contains("exclude_automations"));
}

TEST_F(Import, RowsAreWrittenInTheImportersWords) {
  auto batch = rows(10);
  batch.push_back(row(R"({"key":"x@b.co","fields":{"lastName":"L","phone":"1","Seats":2,
      "Interests":["a"]},"sets":{"tags":{"add":["VIP"]},"lists":{"add":["News"]}}})"));
  (void)write(batch);
  EXPECT_EQ(vendor_.asked(kImport).front().body.at("contacts").at(10),
            sluice::parse_json(R"({"email":"x@b.co","last_name":"L","phone":"1",
                "fields":[{"id":2,"value":"2"},{"id":6,"value":"||a||"}],"tags":["vip"],
                "subscribe":[{"listid":2}]})"));
}

TEST_F(Import, MembersThatWereAddedBeforeGoAlong) {
  auto batch = rows(11, R"(,"delivered":true,"sets":{"tags":{"add":[],"keep":["churned"]},
      "lists":{"add":[],"keep":["News"]}})");
  (void)write(batch);
  EXPECT_EQ(vendor_.asked(kImport).front().body.at("contacts").at(0),
            sluice::parse_json(R"({"email":"p1@example.com","first_name":"P1","tags":["churned"],
                "subscribe":[{"listid":2}]})"));
}

TEST_F(Import, LargeBatchesAreCutAndNoneIsOfOneRow) {
  (void)write(rows(1000));
  EXPECT_THAT(sizes(), ElementsAre(250U, 250U, 250U, 250U));
  (void)write(rows(251));
  EXPECT_THAT(sizes(), ElementsAre(250U, 250U, 250U, 250U, 249U, 2U));
}

TEST_F(Import, ABodyStaysBelowTheLimit) {
  const std::string text(5'000, 'x');
  (void)write(rows(100, R"(,"sets":{}, "fields":{"Plan":")" + text + "\"}"));
  EXPECT_GT(sizes().size(), 1U);
  for (const auto& asked : vendor_.asked(kImport)) {
    EXPECT_LT(sluice::to_json(asked.body).size(), 399'999U);
  }
}

TEST_F(Import, FewRowsGoSingly) {
  EXPECT_THAT(write(rows(10)), Each(Field(&Outcome::status, Status::Ok)));
  EXPECT_THAT(sizes(), IsEmpty());
}

TEST_F(Import, TheTransportOptionDecides) {
  (void)write(rows(30), R"({"transport":"sync"})");
  EXPECT_THAT(sizes(), IsEmpty());
  (void)write(rows(2), R"({"transport":"bulk"})");
  EXPECT_THAT(sizes(), ElementsAre(2U));
  (void)write(rows(1), R"({"transport":"bulk"})");
  EXPECT_THAT(sizes(), ElementsAre(2U));
}

TEST_F(Import, RowsThatItCannotExpressGoSingly) {
  vendor_.on("GET /contacts", 200, R"({"contacts":[]})");
  auto batch = rows(12);
  batch.push_back(row(R"({"key":"null@b.co","fields":{"Plan":null}})"));
  batch.push_back(row(R"({"key":"blank@b.co","fields":{"phone":""}})"));
  batch.push_back(row(R"({"key":"rm@b.co","fields":{},"sets":{"tags":{"remove":["vip"]}}})"));
  batch.push_back(row(R"({"key":"rl@b.co","fields":{},"sets":{"lists":{"remove":["News"]}}})"));
  batch.push_back(row(R"({"key":"k@b.co","previous_key":"o@b.co","fields":{}})"));
  batch.push_back(row(R"({"key":"e@b.co","fields":{"Plan":"x"},"if_empty":["Plan"]})"));
  batch.push_back(row(R"({"key":"w@b.co","fields":{},"withdrawn":["list:1"]})"));
  batch.push_back(row(R"({"key":"no e-mail","fields":{}})"));
  (void)write(batch, R"({"list":"Customers"})");
  EXPECT_THAT(sizes(), ElementsAre(12U));
  EXPECT_EQ(vendor_.count("POST /contact/sync"), 8U);
}

TEST_F(Import, KnownOptOutsGoWithoutSubscribe) {
  (void)write(rows(11, R"(,"opted_out":["list:1"])"), R"({"list":"Customers"})");
  const auto contact = vendor_.asked(kImport).front().body.at("contacts").at(0).as_object();
  EXPECT_FALSE(contact.contains("subscribe"));
  (void)write(rows(11, R"(,"opted_out":["list:1"])"),
              R"({"list":"Customers","resubscribe":"always"})");
  EXPECT_EQ(vendor_.count("POST /contact/sync"), 11U);
}

TEST_F(Import, AutomationsAreExcludedWhereverTheyMightBeLookedFor) {
  (void)write(rows(1), R"({"exclude_automations":true})");
  const auto body = vendor_.asked(kImport).front().body;
  EXPECT_EQ(body.at("exclude_automations"), true);
  EXPECT_EQ(body.at("contacts").at(0).at("exclude_automations"), true);
}

TEST_F(Import, NamedRowsAreRejectedAndTheOthersSentAgain) {
  vendor_.next(kImport, 400, R"({"success":0,"message":"JSON payload did not pass validation.",
      "failureReasons":[{"contact":2,"failureReason":"Field 'email' not found"},
                        {"contact":"12","failureReason":"email incorrect"}]})");
  const auto outcomes = write(rows(12));
  EXPECT_EQ(outcomes[1].status, Status::Rejected);
  EXPECT_THAT(outcomes[1].message, HasSubstr("Field 'email' not found"));
  EXPECT_EQ(outcomes[11].status, Status::Rejected);
  EXPECT_EQ(outcomes[0].status, Status::Pending);
  EXPECT_THAT(sizes(), ElementsAre(12U, 10U));
}

TEST_F(Import, ABrokenLimitIsWaitedOut) {
  vendor_.next(kImport, 400, R"({"success":0,"message":"Rate limit exceeded.",
      "failureReasons":["Up to 100 imports may be requested per minute."]})");
  EXPECT_THAT(write(rows(12)), Each(Field(&Outcome::status, Status::Pending)));
  EXPECT_THAT(sizes(), ElementsAre(12U, 12U));
}

TEST_F(Import, ALimitThatStaysBrokenIsLeftToTheHost) {
  vendor_.on(kImport, 400,
             R"({"success":0,"message":"Rate limit exceeded.","failureReasons":["x"]})");
  EXPECT_THAT(write(rows(12)), Each(Field(&Outcome::status, Status::Retry)));
  EXPECT_EQ(vendor_.count("POST /contact/sync"), 0U);
}

TEST_F(Import, ARequestThatIsTooLargeIsHalved) {
  vendor_.on(kImport, [](const Asked& asked) {
    return asked.body.at("contacts").as_array().size() > 60
               ? answered(400, R"({"success":0,"message":"too many","failureReasons":["250"]})")
               : answered(200, R"({"success":"Success","queued_contacts":60,"batchId":"b"})");
  });
  EXPECT_THAT(write(rows(100)), Each(Field(&Outcome::status, Status::Pending)));
  EXPECT_THAT(sizes(), ElementsAre(100U, 50U, 50U));
}

TEST_F(Import, AnAccountWithoutImportsIsWrittenSingly) {
  vendor_.on(kImport, 404, "{}");
  EXPECT_THAT(write(rows(12)), Each(Field(&Outcome::status, Status::Ok)));
  EXPECT_EQ(vendor_.count("POST /contact/sync"), 12U);
}

// Somebody may have deleted the contact: giving a tag again costs an import nothing.
TEST_F(Import, WhatWasGivenEarlierIsSentAgain) {
  (void)write(rows(11, R"(,"delivered":true,"sets":{"tags":{"keep":["VIP","gone tag"]},
      "lists":{"keep":["News"]}})"));
  const auto contact = vendor_.asked(kImport).front().body.at("contacts").at(0);
  EXPECT_EQ(contact.at("tags"), sluice::parse_json(R"(["vip"])"));
  EXPECT_EQ(contact.at("subscribe"), sluice::parse_json(R"([{"listid":2}])"));
}

// Imports that a killed process has handed over know no receipt, but they are carried out.
class Outstanding : public Import {
 protected:
  void open(std::chrono::milliseconds settle) {
    auto context = vendor_.context();
    sluice::WriteRequest request;
    request.object = "contacts";
    request.settle = settle;
    ContactWriter writer{context, vendor_.client(), KnownAccount{}.whole(context, vendor_.client()),
                         request};
  }
  static constexpr auto kImports = "GET /import/bulk_import";
  static constexpr auto kSome =
      R"({"outstanding":[{"forDate":"2026-06-01","batches":"1","contacts":"250"}]})";
};

TEST_F(Outstanding, AWriterAfterAnInterruptionWaitsUntilNoneIs) {
  vendor_.next(kImports, 200, kSome);
  vendor_.next(kImports, 503, "");
  vendor_.on(kImports, 200,
             R"({"outstanding":[{"forDate":"2026-06-01","batches":"0","contacts":"0"}]})");
  open(std::chrono::minutes{15});
  EXPECT_GE(vendor_.count(kImports), 3U);
  EXPECT_GT(vendor_.host.slept().count(), 0);
}

TEST_F(Outstanding, PatienceEndsAndSaysSo) {
  vendor_.on(kImports, 200, kSome);
  open(std::chrono::seconds{5});
  EXPECT_EQ(vendor_.host.slept(), std::chrono::seconds{5});
  EXPECT_TRUE(vendor_.host.logged("still outstanding after 5 s"));
}

TEST_F(Outstanding, NobodyAsksWithoutAnInterruptionNorWaitsWhereTheAccountDoesNotTell) {
  open({});
  EXPECT_EQ(vendor_.count(kImports), 0U);
  vendor_.on(kImports, 403, "{}");
  open(std::chrono::minutes{15});
  EXPECT_EQ(vendor_.host.slept().count(), 0);
}

TEST_F(Import, ImportsCountAgainstBothLimits) {
  auto settings = vendor_.settings();
  settings.requests_per_second = 5;
  Client client{settings};
  auto context = vendor_.context();
  sluice::WriteRequest request;
  request.object = "contacts";
  ContactWriter writer{context, client, KnownAccount{}.whole(context, client), request};
  const auto batch = rows(12);
  (void)writer.write(context, batch);
  std::map<std::string, std::uint32_t> acquired;
  for (const auto& entry : vendor_.host.acquired()) {
    EXPECT_EQ(entry.rate.account, "acme.api-us1.com");
    acquired[entry.rate.name] += entry.requests;
  }
  EXPECT_EQ(acquired["bulk"], 1U);
  EXPECT_EQ(acquired["general"], 3U);  // lists, fields, the import
}

TEST(PollPace, LearnsHowLongImportsTake) {
  using std::chrono::milliseconds;
  PollPace pace;
  EXPECT_GT(pace.first(), milliseconds{1'000});
  pace.learn(milliseconds{8'000}, false);
  EXPECT_EQ(pace.first(), milliseconds{8'000});
  EXPECT_EQ(pace.next(milliseconds{5'000}), milliseconds{3'000});
  pace.learn(milliseconds{8'000}, true);
  EXPECT_EQ(pace.first(), milliseconds{7'200});
  for (int i = 0; i < 50; ++i) pace.learn(milliseconds{1'200}, true);
  EXPECT_GE(pace.first(), milliseconds{1'100});
}

TEST(PollPace, AsksAStuckImportEverMoreSeldom) {
  using std::chrono::milliseconds;
  const PollPace pace;
  EXPECT_EQ(pace.next(milliseconds{20'000}), milliseconds{10'000});
  EXPECT_EQ(pace.next(milliseconds{1'000'000}), milliseconds{60'000});
}

TEST(Receipt, SurvivesAsText) {
  ImportReceipt receipt;
  receipt.batch_id = "b-1";
  receipt.sent_at = std::chrono::system_clock::from_time_t(1'704'067'210);
  receipt.sent = 250;
  receipt.queued = 249;
  const auto again = parse_receipt(receipt.text());
  EXPECT_EQ(again.batch_id, "b-1");
  EXPECT_EQ(again.sent_at, std::chrono::system_clock::from_time_t(1'704'067'210));
  EXPECT_TRUE(again.some_were_left_out());
  EXPECT_THROW((void)parse_receipt("nonsense"), sluice::Error);
  EXPECT_THROW((void)parse_receipt("{}"), sluice::Error);
}

TEST(ImportBody, KnowsTheImportersRulesForAddresses) {
  for (const char* good : {"a@b.co", "a+b@c.example.org", "ü@b.de"}) {
    EXPECT_TRUE(is_importable_email(good)) << good;
  }
  for (const char* bad :
       {"", "a", "@b.co", "a@b", "a b@c.de", "a@b.c", "a@b.1", "a(@b.co", "a@b_c.de", "a@@b.co"}) {
    EXPECT_FALSE(is_importable_email(bad)) << bad;
  }
}

}  // namespace
}  // namespace activecampaign
