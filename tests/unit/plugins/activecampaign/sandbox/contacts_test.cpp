#include <set>

#include "fixture.hpp"

namespace activecampaign_sandbox {
namespace {

class Contacts : public SandboxTest {};

std::vector<std::string> emails(const Answer& answer) {
  std::vector<std::string> found;
  for (const json::value& contact : answer.at("/contacts").as_array()) {
    found.emplace_back(contact.at("email").as_string());
  }
  return found;
}

TEST_F(Contacts, SyncCreatesWith201AndUpdatesWith200) {
  const Answer created = sync(R"({"email":"Ann@B.co","firstName":"Ann","phone":"1"})");
  EXPECT_EQ(created.status, 201);
  EXPECT_EQ(created.at("/contact/email"), "ann@b.co");
  EXPECT_EQ(created.at("/contact/id"), "1");
  EXPECT_FALSE(created.at("/contact").as_object().contains("deleted"));
  EXPECT_EQ(created.at("/contact/cdate"), "2026-05-28T15:26:40-05:00");
  clock_.advance(3000);
  const Answer updated = sync(R"({"email":"ANN@b.co","lastName":"Lee"})");
  EXPECT_EQ(updated.status, 200);
  EXPECT_EQ(updated.at("/contact/id"), "1");
  EXPECT_EQ(updated.at("/contact/firstName"), "Ann");
  EXPECT_EQ(updated.at("/contact/phone"), "1");
  EXPECT_EQ(updated.at("/contact/deleted"), "0");
  EXPECT_EQ(updated.at("/contact/udate"), "2026-05-28T15:26:43-05:00");
  EXPECT_EQ(updated.at("/contact/updated_utc_timestamp"), "2026-05-28 15:26:43");
  EXPECT_FALSE(updated.body.as_object().contains("fieldValues"));
}

TEST_F(Contacts, SyncEchoesOnlyTheValuesThatWereSent) {
  start({"--field", "A", "--field", "B"});
  const Answer first =
      sync(R"({"email":"a@b.co","fieldValues":[{"field":"1","value":"x"},{"field":2,"value":5}]})");
  EXPECT_EQ(first.at("/fieldValues").as_array().size(), 2U);
  EXPECT_EQ(first.at("/fieldValues/0/field"), 1) << "the first write echoes numbers";
  EXPECT_EQ(first.at("/fieldValues/1/value"), "5");
  const Answer second = sync(
      R"({"email":"a@b.co","fieldValues":[{"field":"1","value":""},{"field":"99","value":"x"},{"field":"%B%","value":"y"}]})");
  EXPECT_EQ(second.status, 200) << "unknown fields are ignored";
  ASSERT_EQ(second.at("/fieldValues").as_array().size(), 1U);
  EXPECT_EQ(second.at("/fieldValues/0/field"), "1") << "a repeated write echoes strings";
  EXPECT_EQ(second.at("/fieldValues/0/id"), first.at("/fieldValues/0/id"));
  EXPECT_EQ(second.at("/contact/fieldValues"), json::array({"1", "2"}));
  EXPECT_EQ(dumped("a@b.co").at("fields"), json::object({{"B", "5"}}));
}

TEST_F(Contacts, IdStyleStringsNeverEchoesNumbers) {
  start({"--field", "A", "--id-style", "strings"});
  const Answer first = sync(R"({"email":"a@b.co","fieldValues":[{"field":1,"value":"x"}]})");
  EXPECT_EQ(first.at("/fieldValues/0/field"), "1");
  const Answer list = post("/contactLists", R"({"contactList":{"list":1,"contact":1,"status":1}})");
  EXPECT_EQ(list.at("/contactList/status"), "1");
  EXPECT_EQ(list.at("/contactList/contact"), "1");
}

TEST_F(Contacts, SyncRefusesMissingAndInvalidAddresses) {
  const Answer missing = sync(R"({"firstName":"x"})");
  EXPECT_EQ(missing.status, 400);
  EXPECT_EQ(missing.at("/errors/0/detail"), "Contact email must be provided for sync");
  for (const char* email :
       {"x", "@b.co", "a b@c.co", "a@b", "a@b.c", "a,b@c.co", "a@b_c.co", "a@b..co"}) {
    const Answer invalid = sync(R"({"email":")" + std::string{email} + R"("})");
    EXPECT_EQ(invalid.status, 422) << email;
    EXPECT_EQ(invalid.at("/errors/0/code"), "email_invalid");
    EXPECT_EQ(invalid.at("/errors/0/error"), "must_be_valid_email_address");
  }
  EXPECT_EQ(post("/contact/sync", "{").status, 400);
}

TEST_F(Contacts, PluralSyncIsPlainCreation) {
  EXPECT_EQ(post("/contacts/sync", R"({"contact":{"email":"a@b.co"}})").status, 201);
  const Answer again = post("/contacts/sync", R"({"contact":{"email":"A@b.co"}})");
  EXPECT_EQ(again.status, 422);
  EXPECT_EQ(again.at("/errors/0/code"), "duplicate");
}

TEST_F(Contacts, BlanksAndNullsOfStandardFieldsFollowTheSwitches) {
  sync(R"({"email":"a@b.co","firstName":"x","lastName":"y"})");
  sync(R"({"email":"a@b.co","firstName":"","lastName":null})");
  EXPECT_EQ(dumped("a@b.co").at("firstName"), "");
  EXPECT_EQ(dumped("a@b.co").at("lastName"), "");
  mutate(R"({"switches":{"standard-blank":"keep","standard-null":"keep"}})");
  sync(R"({"email":"a@b.co","firstName":"x","lastName":"y"})");
  sync(R"({"email":"a@b.co","firstName":"","lastName":null})");
  EXPECT_EQ(dumped("a@b.co").at("firstName"), "x");
  EXPECT_EQ(dumped("a@b.co").at("lastName"), "y");
}

TEST_F(Contacts, PutRenamesAndFlipsNulls) {
  sync(R"({"email":"a@b.co","firstName":"x"})");
  sync(R"({"email":"taken@b.co"})");
  EXPECT_TRUE(get("/contacts/1").at("/contact/ua").is_null());
  const Answer renamed = put("/contacts/1", R"({"contact":{"email":"New@b.co"}})");
  EXPECT_EQ(renamed.status, 200);
  EXPECT_EQ(renamed.at("/contact/id"), "1");
  EXPECT_EQ(renamed.at("/contact/firstName"), "x");
  EXPECT_EQ(renamed.at("/contact/ua"), "");
  EXPECT_EQ(renamed.at("/contact/sms_consent_updated_at"), "0000-00-00 00:00:00");
  EXPECT_EQ(put("/contacts/1", R"({"contact":{"email":"TAKEN@b.co"}})").at("/errors/0/code"),
            "duplicate");
  EXPECT_EQ(sync(R"({"email":"a@b.co"})").status, 201) << "the old address is free again";
  const Answer unknown = put("/contacts/77", "{}");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(unknown.at("/message"), "No Result found for Subscriber with id 77");
}

TEST_F(Contacts, DeletedIdsAreNotReusedAndAnswer404OrATombstone) {
  sync(R"({"email":"a@b.co"})");
  EXPECT_EQ(del("/contacts/1").status, 200);
  EXPECT_EQ(del("/contacts/1").at("/message"), "No result found for contact with id 1");
  EXPECT_EQ(get("/contacts/1").status, 404);
  EXPECT_EQ(sync(R"({"email":"a@b.co"})").at("/contact/id"), "2");
  mutate(R"({"switches":{"tombstone":"on"}})");
  EXPECT_EQ(get("/contacts/1").at("/contact/email"), "deleted+1@b.co");
  EXPECT_EQ(get("/contacts?email=a@b.co").at("/contacts/0/id"), "2");
  EXPECT_EQ(put("/contacts/1", "{}").status, 404);
}

TEST_F(Contacts, ListIsOrderedByAddressHeldTo100AndTotalIsText) {
  start({"--contacts", "230"});
  const Answer first = get("/contacts");
  EXPECT_EQ(first.at("/contacts").as_array().size(), 20U);
  EXPECT_EQ(first.at("/meta/total"), "230");
  EXPECT_EQ(first.at("/meta/page_input/limit"), 20);
  std::set<std::string> seen;
  std::string last;
  for (const char* offset : {"0", "100", "200", "300"}) {
    const Answer page = get("/contacts?limit=999&offset=" + std::string{offset});
    EXPECT_EQ(page.at("/meta/total"), "230");
    EXPECT_LE(page.at("/contacts").as_array().size(), 100U);
    for (const std::string& email : emails(page)) {
      EXPECT_LT(last, email);
      last = email;
      seen.insert(email);
    }
  }
  EXPECT_EQ(seen.size(), 230U);
}

TEST_F(Contacts, KeysetWalkSeesEachContactOnce) {
  start({"--contacts", "150"});
  EXPECT_EQ(del("/contacts/7").status, 200);
  std::string after = "0";
  std::size_t count = 0;
  while (true) {
    const Answer page = get("/contacts?orders%5Bid%5D=ASC&limit=40&id_greater=" + after);
    const json::array& rows = page.at("/contacts").as_array();
    if (rows.empty()) break;
    count += rows.size();
    after = rows.back().at("id").as_string().c_str();
  }
  EXPECT_EQ(count, 149U);
}

TEST_F(Contacts, FiltersFindByAddressListTagAndTime) {
  start({"--tag", "vip"});
  sync(R"({"email":"a+b@c.co","firstName":"Zoë"})");
  clock_.advance(60'000);
  sync(R"({"email":"d@c.co","firstName":"Dan"})");
  mutate(R"({"set_membership":[{"email":"d@c.co","list":"Customers","status":2}],
             "add_tags":[{"email":"a+b@c.co","tag":"VIP"}]})");
  using Emails = std::vector<std::string>;
  EXPECT_EQ(emails(get("/contacts?email=A%2Bb@c.co")), Emails{"a+b@c.co"});
  EXPECT_EQ(emails(get("/contacts?email=a+b@c.co")), Emails{}) << "a plus in a query is a blank";
  EXPECT_EQ(emails(get("/contacts?email_like=d@")), Emails{"d@c.co"});
  EXPECT_EQ(emails(get("/contacts?search=dan")), Emails{"d@c.co"});
  EXPECT_EQ(emails(get("/contacts?listid=1&status=2")), Emails{"d@c.co"});
  EXPECT_EQ(emails(get("/contacts?listid=1&status=1")), Emails{});
  EXPECT_EQ(emails(get("/contacts?tagid=1")), Emails{"a+b@c.co"});
  EXPECT_EQ(emails(get("/contacts?ids%5B%5D=2&ids%5B%5D=9")), Emails{"d@c.co"});
  EXPECT_EQ(emails(get("/contacts?filters%5Bcreated_after%5D=2026-05-28T15:27:00-05:00")),
            Emails{"d@c.co"});
  EXPECT_EQ(emails(get("/contacts?orders%5Bemail%5D=desc")), (Emails{"d@c.co", "a+b@c.co"}));
  EXPECT_EQ(get("/contacts?email=nobody@c.co").at("/meta/total"), "0");
}

TEST_F(Contacts, IncludeAddsRowsBesideTheContacts) {
  start({"--field", "A"});
  sync(R"({"email":"a@b.co","fieldValues":[{"field":1,"value":"x"}]})");
  mutate(R"({"set_membership":[{"email":"a@b.co","list":"1","status":1}],
             "add_tags":[{"email":"a@b.co","tag":"t"}]})");
  const Answer page = get("/contacts?include=contactLists,fieldValues,contactTags");
  EXPECT_EQ(page.at("/contactLists/0/status"), "1");
  EXPECT_EQ(page.at("/contactLists/0/contact"), "1");
  EXPECT_EQ(page.at("/fieldValues/0/value"), "x");
  EXPECT_EQ(page.at("/contactTags/0/tag"), "1");
  const Answer one = get("/contacts/1");
  EXPECT_EQ(one.at("/contactLists/0/channel"), "email");
  EXPECT_EQ(one.at("/contact/fieldValues/0"), "1");
  EXPECT_EQ(get("/contacts/1/contactTags").at("/contactTags").as_array().size(), 1U);
  EXPECT_EQ(get("/contacts/9/contactTags").status, 404);
}

TEST_F(Contacts, ContactLimitRefusesNewContactsOnly) {
  start({"--contact-limit", "1", "--over-limit", "402"});
  EXPECT_EQ(sync(R"({"email":"a@b.co"})").status, 201);
  EXPECT_EQ(sync(R"({"email":"c@b.co"})").status, 402);
  EXPECT_EQ(sync(R"({"email":"a@b.co"})").status, 200);
  mutate(R"({"contact_limit":null})");
  EXPECT_EQ(sync(R"({"email":"c@b.co"})").status, 201);
}

TEST_F(Contacts, EmailCaseKeepStoresWhatWasSentAndStillMatches) {
  start({"--email-case", "keep"});
  EXPECT_EQ(sync(R"({"email":"Ann@B.co"})").at("/contact/email"), "Ann@B.co");
  EXPECT_EQ(sync(R"({"email":"ann@b.co"})").status, 200);
}

}  // namespace
}  // namespace activecampaign_sandbox
