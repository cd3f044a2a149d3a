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
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Status = sluice::Outcome::Status;
using testing::Asked;
using testing::echo;
using testing::row;
using testing::Vendor;

constexpr auto kDuplicate = R"({"errors":[{"title":"Email address already exists in the system",
    "detail":"","code":"duplicate","source":{"pointer":"/data/attributes/email"}}]})";

Outcome write(Vendor& vendor, const std::string& line, const std::string& options = "{}",
              WriteMode mode = WriteMode::Upsert) {
  auto context = vendor.context();
  const std::vector<Write> batch{row(line)};
  return vendor.open(options, mode)->write(context, batch).front();
}

void syncs(Vendor& vendor, int status = 201) {
  vendor.on("POST /contact/sync", [=](const Asked& asked) { return echo(asked, status, "7"); });
}

void finds(Vendor& vendor, const std::string& email, const std::string& rows) {
  vendor.on("GET /contacts", [=](const Asked& asked) {
    const bool hit = asked.query.find("email=" + email) != std::string::npos;
    return testing::answered(200, "{\"contacts\":[" + (hit ? rows : "") + "]}");
  });
}

TEST(SinglePath, SyncSendsFieldsByIdInTheVendorsFormats) {
  Vendor vendor;
  syncs(vendor);
  const auto outcome = write(vendor, R"({"key":"a@b.co","fields":{"email":"A@b.co",
      "firstName":"Ada","Plan":"gold","Seats":12.5,"renewal":"2024-05-31","TIER":"Gold tier",
      "Interests":["A","b"]}})");
  EXPECT_EQ(outcome.status, Status::Ok);
  EXPECT_EQ(outcome.effect, Effect::Created);
  EXPECT_EQ(outcome.remote_id, "7");
  EXPECT_EQ(vendor.asked("POST /contact/sync").front().body, sluice::parse_json(R"({"contact":{
      "email":"A@b.co","firstName":"Ada","fieldValues":[{"field":"1","value":"gold"},
      {"field":"2","value":"12.5"},{"field":"3","value":"2024-05-31"},{"field":"5","value":"gold"},
      {"field":"6","value":"||a||b||"}]}})"));
  EXPECT_THAT(vendor.writes(), ElementsAre("POST /contact/sync"));
}

TEST(SinglePath, A200IsAnUpdate) {
  Vendor vendor;
  syncs(vendor, 200);
  EXPECT_EQ(write(vendor, R"({"key":"a@b.co","fields":{"Plan":"x"}})").effect, Effect::Updated);
}

TEST(SinglePath, AValueThatDoesNotFitIsRejectedBeforeAnyCall) {
  Vendor vendor;
  const auto outcome = write(vendor, R"({"key":"a@b.co","fields":{"Tier":"bronze"}})");
  EXPECT_EQ(outcome.status, Status::Rejected);
  EXPECT_EQ(outcome.field, "Tier");
  EXPECT_THAT(outcome.message, HasSubstr("bronze"));
  EXPECT_THAT(vendor.writes(), IsEmpty());
}

TEST(SinglePath, AFieldThatIsNotEchoedIsRejected) {
  Vendor vendor;
  vendor.on("POST /contact/sync", [](const Asked& asked) {
    auto without = asked;
    without.body.at("contact").as_object().erase("fieldValues");
    return echo(without, 200, "7");
  });
  vendor.on("GET /contacts/7/fieldValues", 200, R"({"fieldValues":[]})");
  const auto outcome = write(vendor, R"({"key":"a@b.co","fields":{"plan":"x"}})");
  EXPECT_EQ(outcome.status, Status::Rejected);
  EXPECT_EQ(outcome.code, "unknown_field");
  EXPECT_EQ(outcome.field, "plan");
  EXPECT_THAT(outcome.message, HasSubstr("does not know the field \"Plan\""));
}

TEST(SinglePath, RefusedContactsCarryTheVendorsWords) {
  Vendor vendor;
  vendor.on("POST /contact/sync", 422, R"({"errors":[{"title":"Contact Email Address is not valid.",
      "detail":"","code":"email_invalid","error":"must_be_valid_email_address"}]})");
  const auto outcome = write(vendor, R"({"key":"nonsense","fields":{}})");
  EXPECT_EQ(outcome.status, Status::Rejected);
  EXPECT_EQ(outcome.code, "email_invalid");
  EXPECT_EQ(outcome.field, "email");
  EXPECT_THAT(outcome.message, HasSubstr("not valid"));
}

TEST(SinglePath, PassingFaultsAreRetriedByTheHost) {
  Vendor vendor;
  vendor.on("POST /contact/sync", 502, "{}");
  const auto outcome = write(vendor, R"({"key":"a@b.co","fields":{}})");
  EXPECT_EQ(outcome.status, Status::Retry);
  EXPECT_GT(outcome.after.count(), 0);
  EXPECT_GT(vendor.count("POST /contact/sync"), 1U);
}

TEST(SinglePath, AnAnswerThatIsTooLargeLeavesOpenWhatBecameOfTheContact) {
  Vendor vendor;
  vendor.next("POST /contact/sync", [](const Asked&) {
    sluice::HttpResult result;
    result.error =
        sluice::Error{sluice::Code::Rejected, "the answer from acme is larger than 67108864 bytes"};
    return result;
  });
  const auto outcome = write(vendor, R"({"key":"a@b.co","fields":{"email":"a@b.co"}})");
  EXPECT_EQ(outcome.status, Status::Unconfirmed);
  EXPECT_THAT(outcome.message, HasSubstr("is larger than 67108864 bytes"));
}

TEST(SinglePath, AnEmptyAnswerIsNoSuccess) {
  Vendor vendor;
  vendor.on("POST /contact/sync", 200, "");
  EXPECT_EQ(write(vendor, R"({"key":"a@b.co","fields":{}})").status, Status::Retry);
}

TEST(SinglePath, ALoginPageEndsTheRun) {
  Vendor vendor;
  vendor.on("POST /contact/sync", 200, "<html>login</html>");
  try {
    (void)write(vendor, R"({"key":"a@b.co","fields":{}})");
    FAIL();
  } catch (const sluice::Error& error) {
    EXPECT_EQ(error.code(), sluice::Code::Auth);
  }
}

TEST(SinglePath, OneRowsFailureIsNotItsNeighbours) {
  Vendor vendor;
  vendor.on("POST /contact/sync", [](const Asked& asked) {
    const auto email = scalar(member(asked.body.as_object(), "contact"), "email");
    return email == "p2@example.com" ? testing::answered(422, R"({"message":"no"})")
                                     : echo(asked, 201, email);
  });
  auto context = vendor.context();
  const auto outcomes = vendor.open()->write(context, testing::rows(3));
  EXPECT_EQ(outcomes[0].status, Status::Ok);
  EXPECT_EQ(outcomes[1].status, Status::Rejected);
  EXPECT_EQ(outcomes[2].status, Status::Ok);
}

TEST(SinglePath, NullClears) {
  Vendor vendor;
  syncs(vendor, 200);
  const auto outcome =
      write(vendor, R"({"key":"a@b.co","fields":{"phone":null,"Plan":null,"Renewal":null}})");
  EXPECT_EQ(outcome.status, Status::Ok);
  const auto contact = vendor.asked("POST /contact/sync").front().body.at("contact");
  EXPECT_EQ(contact.at("phone"), "");
  EXPECT_EQ(contact.at("fieldValues").at(1).at("value"), "");
  EXPECT_THAT(vendor.writes(), ElementsAre("POST /contact/sync"));
}

TEST(SinglePath, AValueThatSurvivesItsClearingIsDeleted) {
  Vendor vendor;
  vendor.on("POST /contact/sync", [](const Asked&) {
    return testing::answered(200, R"({"contact":{"id":"7","email":"a@b.co","phone":"12"},
        "fieldValues":[{"field":3,"value":"2024-01-01"}]})");
  });
  vendor.on("PUT /contacts/7", 200, R"({"contact":{"id":"7","phone":null}})");
  vendor.on("GET /contacts/7/fieldValues", 200,
            R"({"fieldValues":[{"id":"44","field":"3","value":"2024-01-01"}]})");
  vendor.on("DELETE /fieldValues/44", 200, "");
  const auto outcome = write(vendor, R"({"key":"a@b.co","fields":{"phone":null,"Renewal":null}})");
  EXPECT_EQ(outcome.status, Status::Ok);
  EXPECT_EQ(vendor.asked("PUT /contacts/7").front().body,
            sluice::parse_json(R"({"contact":{"phone":null}})"));
  EXPECT_EQ(vendor.count("DELETE /fieldValues/44"), 1U);
}

TEST(SinglePath, ABuiltInFieldThatCannotBeClearedIsRejected) {
  Vendor vendor;
  vendor.on("POST /contact/sync", 200, R"({"contact":{"id":"7","phone":"12"}})");
  vendor.on("PUT /contacts/7", 200, R"({"contact":{"id":"7","phone":"12"}})");
  const auto outcome = write(vendor, R"({"key":"a@b.co","fields":{"phone":null}})");
  EXPECT_EQ(outcome.status, Status::Rejected);
  EXPECT_EQ(outcome.field, "phone");
}

TEST(SinglePath, FieldsToFillAreLeftAloneWhereThereIsAValue) {
  Vendor vendor;
  syncs(vendor, 200);
  finds(vendor, "a@b.co", R"({"id":"7","email":"A@B.co","phone":"12","firstName":""})");
  vendor.on("GET /contacts/7/fieldValues", 200,
            R"({"fieldValues":[{"id":"44","field":1,"value":"old"}]})");
  const auto outcome = write(vendor, R"({"key":"a@b.co","fields":{"phone":"99","firstName":"Ada",
      "Plan":"new","Seats":3,"lastName":"L"},"if_empty":["phone","firstName","Plan","Seats"]})");
  EXPECT_EQ(outcome.status, Status::Ok);
  EXPECT_EQ(vendor.asked("POST /contact/sync").front().body,
            sluice::parse_json(R"({"contact":{"email":"a@b.co","firstName":"Ada","lastName":"L",
                "fieldValues":[{"field":"2","value":"3"}]}})"));
}

TEST(SinglePath, AChangedKeyRenamesTheContact) {
  Vendor vendor;
  finds(vendor, "old@b.co", R"({"id":"7","email":"old@b.co"})");
  vendor.on("PUT /contacts/7", [](const Asked& asked) { return echo(asked, 200, "7"); });
  const auto outcome = write(vendor, R"({"key":"new@b.co","previous_key":"old@b.co",
      "remote_id":"3","delivered":true,"fields":{"Plan":"x"}})");
  EXPECT_EQ(outcome.status, Status::Ok);
  EXPECT_TRUE(outcome.rekeyed);
  EXPECT_EQ(outcome.remote_id, "7");
  EXPECT_EQ(vendor.asked("PUT /contacts/7").front().body.at("contact").at("email"), "new@b.co");
  EXPECT_THAT(vendor.writes(), ElementsAre("PUT /contacts/7"));
}

TEST(SinglePath, AChangedKeyWhoseOldContactIsGoneIsWrittenByTheNewOne) {
  Vendor vendor;
  finds(vendor, "old@b.co", R"({"id":"7","email":"deleted+7@b.co"})");
  syncs(vendor);
  const auto outcome =
      write(vendor, R"({"key":"new@b.co","previous_key":"old@b.co","remote_id":"7","fields":{}})");
  EXPECT_EQ(outcome.status, Status::Ok);
  EXPECT_TRUE(outcome.rekeyed);
  EXPECT_THAT(vendor.writes(), ElementsAre("POST /contact/sync"));
}

TEST(SinglePath, ANewKeyThatIsTakenIsWrittenThereAndTheOldOneRemains) {
  Vendor vendor;
  finds(vendor, "old@b.co", R"({"id":"7","email":"old@b.co"})");
  vendor.on("PUT /contacts/7", 422, kDuplicate);
  // The person left the list under the old address.
  vendor.on("GET /contacts/7/contactLists", 200, R"({"contactLists":[{"list":"1","status":"2"}]})");
  vendor.on("POST /contact/sync", [](const Asked& asked) { return echo(asked, 200, "8"); });
  vendor.on("GET /contacts/8/contactLists", 200, R"({"contactLists":[]})");
  const auto outcome = write(vendor, R"({"key":"new@b.co","previous_key":"old@b.co","fields":{}})",
                             R"({"list":"Customers"})");
  EXPECT_EQ(outcome.status, Status::Ok);
  EXPECT_FALSE(outcome.rekeyed);
  EXPECT_EQ(outcome.remote_id, "8");
  EXPECT_THAT(*outcome.opted_out, ElementsAre("list:1"));
  EXPECT_EQ(vendor.count("POST /contactLists"), 0U);
}

TEST(SinglePath, AContactLeavesTheListsThatItsNewEMailHasLeftBeforeItGetsIt) {
  Vendor vendor;
  finds(vendor, "old@b.co", R"({"id":"7","email":"old@b.co"})");
  vendor.on("GET /contacts/7/contactLists", 200, R"({"contactLists":[{"list":"1","status":"1"}]})");
  vendor.on("POST /contactLists", 200, "{}");
  vendor.on("PUT /contacts/7", [](const Asked& asked) { return echo(asked, 200, "7"); });
  const std::string line = R"({"key":"new@b.co","previous_key":"old@b.co","fields":{},
      "opted_out":["list:1"]})";
  const auto outcome = write(vendor, line, R"({"list":"Customers"})");
  EXPECT_EQ(outcome.status, Status::Ok) << outcome.message;
  EXPECT_THAT(vendor.writes(), ElementsAre("POST /contactLists", "PUT /contacts/7"));
  EXPECT_EQ(vendor.asked("POST /contactLists").front().body.at("contactList").at("status"), 2);
  EXPECT_THAT(*outcome.opted_out, ElementsAre("list:1"));
  EXPECT_THAT(*outcome.withdrawn, IsEmpty());
  // The person under the old e-mail has left nothing.
  EXPECT_THAT(*outcome.previous_opted_out, IsEmpty());
  // Whoever came back under the old e-mail keeps what is active.
  (void)write(vendor, R"({"key":"new@b.co","previous_key":"old@b.co","fields":{},
      "previous_opted_out":["list:1"]})",
              R"({"list":"Customers"})");
  EXPECT_EQ(vendor.count("POST /contactLists"), 1U);
  (void)write(vendor, line, R"({"list":"Customers","resubscribe":"always"})");
  EXPECT_EQ(vendor.count("POST /contactLists"), 1U);
}

TEST(SinglePath, AContactThatCannotLeaveTheListsOfItsNewEMailKeepsItsOldOne) {
  Vendor vendor;
  finds(vendor, "old@b.co", R"({"id":"7","email":"old@b.co"})");
  vendor.on("GET /contacts/7/contactLists", 200, R"({"contactLists":[{"list":"1","status":"1"}]})");
  vendor.on("POST /contactLists", 503, "{}");
  const auto outcome = write(vendor, R"({"key":"new@b.co","previous_key":"old@b.co","fields":{},
      "opted_out":["list:1"]})");
  EXPECT_EQ(outcome.status, Status::Retry);
  EXPECT_EQ(vendor.count("PUT /contacts/7"), 0U);
}

TEST(SinglePath, NobodyLeavesAListForAnEMailThatHasAContactOfItsOwn) {
  Vendor vendor;
  vendor.on("GET /contacts", [](const Asked& asked) {
    const bool old = asked.query.find("email=old@b.co") != std::string::npos;
    return testing::answered(200, old ? R"({"contacts":[{"id":"7","email":"old@b.co"}]})"
                                      : R"({"contacts":[{"id":"8","email":"new@b.co"}]})");
  });
  vendor.on("GET /contacts/7/contactLists", 200, R"({"contactLists":[{"list":"1","status":"1"}]})");
  vendor.on("POST /contact/sync", [](const Asked& asked) { return echo(asked, 200, "8"); });
  vendor.on("GET /contacts/8/contactLists", 200, R"({"contactLists":[]})");
  const auto outcome = write(vendor, R"({"key":"new@b.co","previous_key":"old@b.co","fields":{},
      "opted_out":["list:1"]})",
                             R"({"list":"Customers"})");
  EXPECT_FALSE(outcome.rekeyed);
  EXPECT_THAT(vendor.writes(), ElementsAre("POST /contact/sync"));
  EXPECT_THAT(*outcome.opted_out, ElementsAre("list:1"));
}

// Each key has its own: what Sluice ended under one says nothing of the other.
TEST(SinglePath, ANewKeyThatIsTakenKeepsWhatSluiceWithdrewThere) {
  Vendor vendor;
  finds(vendor, "old@b.co", R"({"id":"7","email":"old@b.co"})");
  vendor.on("PUT /contacts/7", 422, kDuplicate);
  vendor.on("GET /contacts/7/contactLists", 200, R"({"contactLists":[{"list":"1","status":"1"}]})");
  vendor.on("POST /contact/sync", [](const Asked& asked) { return echo(asked, 200, "8"); });
  vendor.on("GET /contacts/8/contactLists", 200, R"({"contactLists":[{"list":"1","status":"2"}]})");
  vendor.on("POST /contactLists", 200, "{}");
  const auto ours = write(vendor, R"({"key":"new@b.co","previous_key":"old@b.co","fields":{},
      "withdrawn":["list:1"]})",
                          R"({"list":"Customers"})");
  EXPECT_FALSE(ours.rekeyed);
  EXPECT_THAT(*ours.opted_out, IsEmpty());
  EXPECT_EQ(vendor.count("POST /contactLists"), 1U);
  const auto theirs = write(vendor, R"({"key":"new@b.co","previous_key":"old@b.co","fields":{},
      "previous_withdrawn":["list:1"]})",
                            R"({"list":"Customers"})");
  EXPECT_THAT(*theirs.opted_out, ElementsAre("list:1"));
  EXPECT_EQ(vendor.count("POST /contactLists"), 1U);
}

TEST(SinglePath, AContactThatIsNewAfterAllGetsAgainWhatItWasGiven) {
  Vendor vendor;
  syncs(vendor, 201);
  vendor.on("POST /contactLists", 200, "{}");
  vendor.on("POST /contactTags", 200, "{}");
  const std::string line = R"({"key":"a@b.co","remote_id":"7","delivered":true,"fields":{},
      "sets":{"tags":{"keep":["VIP"]},"lists":{"keep":["News"]}}})";
  EXPECT_EQ(write(vendor, line).status, Status::Ok);
  EXPECT_THAT(vendor.writes(),
              ElementsAre("POST /contact/sync", "POST /contactLists", "POST /contactTags"));
  syncs(vendor, 200);
  EXPECT_EQ(write(vendor, line).status, Status::Ok);
  EXPECT_EQ(vendor.writes().size(), 4U);
}

TEST(SinglePath, ATakenKeysContactGetsAllMembersAndLosesNone) {
  Vendor vendor;
  finds(vendor, "old@b.co", R"({"id":"7","email":"old@b.co"})");
  vendor.on("PUT /contacts/7", 422, kDuplicate);
  vendor.on("GET /contacts/7/contactLists", 200, R"({"contactLists":[]})");
  vendor.on("POST /contact/sync", [](const Asked& asked) { return echo(asked, 200, "8"); });
  vendor.on("POST /contactTags", 201, "{}");
  const auto outcome = write(vendor, R"({"key":"new@b.co","previous_key":"old@b.co",
      "remote_id":"7","delivered":true,"fields":{},
      "sets":{"tags":{"add":[],"remove":["churned"],"keep":["vip"]}}})");
  EXPECT_EQ(outcome.status, Status::Ok);
  EXPECT_THAT(vendor.writes(),
              ElementsAre("PUT /contacts/7", "POST /contact/sync", "POST /contactTags"));
  EXPECT_EQ(vendor.asked("POST /contactTags").front().body.at("contactTag").at("contact"), "8");
}

TEST(SinglePath, ModeCreateRefusesWhatExists) {
  Vendor vendor;
  vendor.on("POST /contacts", 422, kDuplicate);
  const auto outcome = write(vendor, R"({"key":"a@b.co","fields":{}})", "{}", WriteMode::Create);
  EXPECT_EQ(outcome.status, Status::Rejected);
  EXPECT_EQ(outcome.code, "exists");
}

TEST(SinglePath, ModeCreateLeavesWhatItCreatedEarlier) {
  Vendor vendor;
  vendor.on("POST /contacts", 422, kDuplicate);
  const auto outcome =
      write(vendor, R"({"key":"a@b.co","delivered":true,"fields":{}})", "{}", WriteMode::Create);
  EXPECT_EQ(outcome.status, Status::Ok);
  EXPECT_EQ(outcome.effect, Effect::Unchanged);
}

TEST(SinglePath, ModeCreateLooksUpWhatAnUnansweredCreationDid) {
  Vendor vendor;
  vendor.on("POST /contacts", 502, "{}");
  finds(vendor, "a@b.co", R"({"id":"7","email":"a@b.co","firstName":"Ada"})");
  auto outcome =
      write(vendor, R"({"key":"a@b.co","fields":{"firstName":"Ada"}})", "{}", WriteMode::Create);
  EXPECT_EQ(outcome.status, Status::Ok);
  EXPECT_EQ(outcome.effect, Effect::Created);
  EXPECT_EQ(vendor.count("POST /contacts"), 1U);
  finds(vendor, "somebody@else.co", "{}");
  outcome = write(vendor, R"({"key":"a@b.co","fields":{}})", "{}", WriteMode::Create);
  EXPECT_EQ(outcome.status, Status::Retry);
}

TEST(SinglePath, ModeUpdateChangesOnlyWhatExists) {
  Vendor vendor;
  finds(vendor, "a@b.co", R"({"id":"7","email":"a@b.co"})");
  vendor.on("PUT /contacts/7", [](const Asked& asked) { return echo(asked, 200, "7"); });
  auto outcome =
      write(vendor, R"({"key":"a@b.co","fields":{"Plan":"x"}})", "{}", WriteMode::Update);
  EXPECT_EQ(outcome.effect, Effect::Updated);
  outcome = write(vendor, R"({"key":"c@b.co","fields":{}})", "{}", WriteMode::Update);
  EXPECT_EQ(outcome.status, Status::Rejected);
  EXPECT_EQ(outcome.code, "not_found");
  EXPECT_THAT(vendor.writes(), ElementsAre("PUT /contacts/7"));
}

TEST(SinglePath, TheFirstRowOfALookUpNeedNotBeTheRightOne) {
  Vendor vendor;
  vendor.on("GET /contacts", 200, R"({"contacts":[{"id":"1","email":"first@b.co"}]})");
  const auto outcome = write(vendor, R"({"key":"a@b.co","fields":{}})", "{}", WriteMode::Update);
  EXPECT_EQ(outcome.code, "not_found");
}

TEST(SinglePath, ModeCreateKnowsItsOwnWorkAgain) {
  Vendor vendor;
  vendor.on("POST /contacts", 422, kDuplicate);
  finds(vendor, "a@b.co", R"({"id":"7","email":"a@b.co","firstName":"Ada"})");
  vendor.on("GET /contacts/7/fieldValues", 200,
            R"({"fieldValues":[{"id":"1","contact":"7","field":"1","value":"gold"}]})");
  vendor.on("GET /contacts/7/contactLists", 200, R"({"contactLists":[]})");
  vendor.on("POST /contactLists", 200, "{}");
  const auto repeated = [&](const std::string& fields) {
    return write(vendor, R"({"key":"a@b.co","repeated":true,"fields":)" + fields + "}",
                 R"({"list":"Customers"})", WriteMode::Create);
  };
  const auto own = repeated(R"({"firstName":"Ada","Plan":"gold"})");
  EXPECT_EQ(own.status, Status::Ok) << own.message;
  EXPECT_EQ(own.remote_id, "7");
  EXPECT_EQ(vendor.count("POST /contactLists"),
            1U);  // what the lost attempt may not have come to
  EXPECT_EQ(repeated(R"({"firstName":"Bob","Plan":"gold"})").code, "exists");
  EXPECT_EQ(repeated(R"({"firstName":"Ada","Plan":"silver"})").code, "exists");
}

}  // namespace
}  // namespace activecampaign
