// Lists, tags, fields and what hangs on contacts.
#include "fixture.hpp"

namespace activecampaign_sandbox {
namespace {

class Rows : public SandboxTest {
 protected:
  Answer subscribe(int status, const std::string& more = "") {
    return post("/contactLists", R"({"contactList":{"list":1,"contact":"1","status":)" +
                                     std::to_string(status) + more + "}}");
  }
};

TEST_F(Rows, MembershipAnswersNumbersOnChangeAndTextOtherwise) {
  sync(R"({"email":"a@b.co"})");
  const Answer first = subscribe(1);
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.at("/contactList/contact"), 1);
  EXPECT_EQ(first.at("/contactList/status"), 1);
  EXPECT_EQ(first.at("/contacts/0/email"), "a@b.co");
  clock_.advance(10'000);
  const Answer again = subscribe(1);
  EXPECT_EQ(again.at("/contactList/contact"), "1");
  EXPECT_EQ(again.at("/contactList/status"), 1);
  EXPECT_EQ(again.at("/contactList/sdate"), first.at("/contactList/sdate"));
  EXPECT_EQ(again.at("/contactList/id"), first.at("/contactList/id"));
  EXPECT_FALSE(again.body.as_object().contains("contacts"));
  EXPECT_EQ(get("/lists/1").at("/list/active_subscribers"), "1");
  EXPECT_EQ(subscribe(2).at("/contactList/status"), 2);
  EXPECT_EQ(get("/contacts/1/contactLists").at("/contactLists/0/status"), "2");
  EXPECT_EQ(get("/lists/1").at("/list/active_subscribers"), "0");
  EXPECT_EQ(get("/lists/1").at("/list/non_deleted_subscribers"), "1");
}

TEST_F(Rows, SubscribingAgainWorksUnlessASourceIsAskedFor) {
  sync(R"({"email":"a@b.co"})");
  subscribe(2);
  EXPECT_EQ(subscribe(1).at("/contactList/status"), 1);
  subscribe(2);
  mutate(R"({"switches":{"resubscribe":"sourceid"}})");
  EXPECT_EQ(subscribe(1).at("/contactList/status"), 2);
  EXPECT_EQ(subscribe(1, R"(,"sourceid":4)").at("/contactList/status"), 1);
}

TEST_F(Rows, MembershipRefusesUnknownRowsAndStatuses) {
  sync(R"({"email":"a@b.co"})");
  EXPECT_EQ(subscribe(7).status, 422);
  EXPECT_EQ(subscribe(7).at("/errors/0/title"), "The value you selected is not a valid choice.");
  EXPECT_EQ(post("/contactLists", R"({"contactList":{"list":9,"contact":1,"status":1}})").status,
            404);
  EXPECT_EQ(post("/contactLists", R"({"contactList":{"list":1,"contact":9,"status":1}})").status,
            404);
}

TEST_F(Rows, TagIsAddedOnceAndItsRemovalTwiceIs404) {
  sync(R"({"email":"a@b.co"})");
  EXPECT_EQ(post("/tags", R"({"tag":{"tag":"Vip","tagType":"contact"}})").status, 201);
  const std::string body = R"({"contactTag":{"contact":"1","tag":"1"}})";
  const Answer first = post("/contactTags", body);
  EXPECT_EQ(first.status, 200);
  EXPECT_TRUE(first.body.as_object().contains("contacts"));
  const Answer again = post("/contactTags", body);
  EXPECT_EQ(again.at("/contactTag/id"), first.at("/contactTag/id"));
  EXPECT_FALSE(again.body.as_object().contains("contacts"));
  EXPECT_EQ(get("/tags/1").at("/tag/subscriber_count"), "1");
  EXPECT_EQ(del("/contactTags/1").status, 200);
  const Answer gone = del("/contactTags/1");
  EXPECT_EQ(gone.status, 404);
  EXPECT_EQ(gone.at("/message"), "No Result found for SubscriberTag with id 1");
  EXPECT_EQ(post("/contactTags", R"({"contactTag":{"contact":"1","tag":"Vip"}})").status, 422);
  EXPECT_EQ(post("/contactTags", R"({"contactTag":{"tag":"1"}})").at("/errors/0/title"),
            "Missing attribute");
  EXPECT_EQ(
      post("/contactTags", R"({"contactTag":{"contact":"9","tag":"1"}})").at("/errors/0/detail"),
      "Contact not found");
}

TEST_F(Rows, TagNamesMatchWithoutCaseAndUntypedTagsAreHidden) {
  EXPECT_EQ(post("/tags", R"({"tag":{"tag":"Big Vip","tagType":"contact"}})").status, 201);
  const Answer known = post("/tags", R"({"tag":{"tag":"big vip","tagType":"contact"}})");
  EXPECT_EQ(known.status, 200);
  EXPECT_EQ(known.at("/tag/id"), "1");
  EXPECT_EQ(post("/tags", R"({"tag":{"tag":"hidden"}})").status, 201);
  EXPECT_EQ(get("/tags").at("/meta/total"), "1");
  EXPECT_EQ(get("/tags?search=VIP").at("/tags/0/tag"), "Big Vip");
  EXPECT_EQ(get("/tags?filters%5Bsearch%5D%5Beq%5D=vip").at("/meta/total"), "0");
  mutate(R"({"switches":{"tag-duplicate":"422"}})");
  EXPECT_EQ(post("/tags", R"({"tag":{"tag":"BIG VIP","tagType":"contact"}})").status, 422);
}

TEST_F(Rows, FieldIsCreatedWithPerstagAndDuplicateTitleIsRefused) {
  const Answer made = post("/fields", R"({"field":{"title":"Renewal date","type":"date"}})");
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(made.at("/field/perstag"), "RENEWAL_DATE");
  EXPECT_EQ(made.at("/field/ordernum"), 1);
  EXPECT_FALSE(made.at("/field").as_object().contains("options"));
  EXPECT_EQ(post("/fields", R"({"field":{"title":"X","type":"text","perstag":"My Tag"}})")
                .at("/field/perstag"),
            "MYTAG");
  const Answer twice = post("/fields", R"({"field":{"title":"RENEWAL DATE","type":"text"}})");
  EXPECT_EQ(twice.status, 422);
  EXPECT_EQ(twice.at("/errors/0/code"), "duplicate");
  EXPECT_FALSE(twice.at("/errors/0").as_object().contains("source"));
  mutate(R"({"switches":{"field-titles":"exact"}})");
  const Answer third = post("/fields", R"({"field":{"title":"RENEWAL DATE","type":"text"}})");
  EXPECT_EQ(third.status, 201);
  EXPECT_EQ(third.at("/field/perstag"), "RENEWAL_DATE_2");
}

TEST_F(Rows, FieldsPageWithTheirOptionsAndRelations) {
  start({"--fields", "130"});
  EXPECT_EQ(get("/fields").at("/fields").as_array().size(), 20U);
  const Answer page = get("/fields?limit=500&offset=100");
  EXPECT_EQ(page.at("/fields").as_array().size(), 30U);
  EXPECT_EQ(page.at("/meta/total"), "130");
  EXPECT_EQ(get("/fields/10").at("/field/title"), "SEEDED FIELD 10");
  const Answer made =
      post("/fieldOption/bulk",
           R"({"fieldOptions":[{"orderid":1,"value":"a","label":"A","field":"5"}]})");
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(get("/fields/5/options").at("/fieldOptions/3/value"), "a");
  const Answer refused = post("/fieldOption/bulk", R"({"fieldOptions":[{"field":"5"}]})");
  EXPECT_EQ(refused.status, 422);
  EXPECT_TRUE(refused.at("/errors").is_string());
}

TEST_F(Rows, FieldRelIsMadeOnceAndRemoved) {
  post("/fields", R"({"field":{"title":"A","type":"text"}})");
  const Answer rel = post("/fieldRels", R"({"fieldRel":{"field":1,"relid":0}})");
  EXPECT_EQ(rel.status, 201);
  EXPECT_EQ(rel.at("/fieldRel/field"), 1);
  EXPECT_EQ(get("/fields").at("/fieldRels/0/relid"), "0");
  EXPECT_EQ(post("/fieldRels", R"({"fieldRel":{"field":1,"relid":0}})").at("/fieldRel/id"),
            rel.at("/fieldRel/id"));
  EXPECT_EQ(del("/fieldRels/1").status, 200);
  EXPECT_EQ(del("/fieldRels/1").status, 404);
  EXPECT_EQ(get("/fields/1").at("/fieldRels").as_array().size(), 0U);
}

TEST_F(Rows, FieldValueIsUpsertedAndAMissingOneIs403) {
  start({"--field", "When:datetime", "--field", "Tier:dropdown:Gold|Silver"});
  sync(R"({"email":"a@b.co"})");
  const Answer first =
      post("/fieldValues",
           R"({"fieldValue":{"contact":1,"field":1,"value":"2020-03-01T13:05:00-06:00"}})");
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.at("/fieldValue/value"), "2020-03-01T14:05:00-05:00");
  const Answer again =
      post("/fieldValues", R"({"fieldValue":{"contact":"1","field":"1","value":""}})");
  EXPECT_EQ(again.at("/fieldValue/id"), first.at("/fieldValue/id"));
  EXPECT_EQ(
      post("/fieldValues", R"({"fieldValue":{"contact":1,"field":"WHEN","value":"x"}})").status,
      422);
  EXPECT_EQ(get("/fieldValues/10").status, 403);
  EXPECT_EQ(get("/fieldValues/10").at("/message"), "No Result found for FieldValue with id 10");
  EXPECT_EQ(del("/fieldValues/1").status, 200);
  EXPECT_EQ(get("/contacts/1/fieldValues").at("/fieldValues").as_array().size(), 0U);
}

TEST_F(Rows, ValuesThatAreNoOptionAreStoredOrDropped) {
  start({"--field", "Tier:listbox:Gold|Silver"});
  const std::string off =
      R"({"email":"a@b.co","fieldValues":[{"field":1,"value":"||Gold||Tin||"}]})";
  const std::string on =
      R"({"email":"a@b.co","fieldValues":[{"field":1,"value":"||Gold||Silver||"}]})";
  EXPECT_EQ(sync(off).at("/fieldValues").as_array().size(), 1U);
  mutate(R"({"switches":{"option-mismatch":"drop"}})");
  EXPECT_EQ(sync(off).at("/fieldValues").as_array().size(), 0U);
  EXPECT_EQ(sync(on).at("/fieldValues/0/value"), "||Gold||Silver||");
}

TEST_F(Rows, DeletingAFieldOrTagTakesItFromContacts) {
  start({"--field", "A", "--tag", "t"});
  sync(R"({"email":"a@b.co","fieldValues":[{"field":1,"value":"x"}]})");
  mutate(R"({"add_tags":[{"email":"a@b.co","tag":"t"}]})");
  EXPECT_EQ(del("/fields/1").status, 200);
  EXPECT_EQ(del("/tags/1").status, 200);
  EXPECT_EQ(dumped("a@b.co").at("fields"), json::object{});
  EXPECT_EQ(dumped("a@b.co").at("tags"), json::array{});
  EXPECT_EQ(del("/fields/1").at("/message"), "No Result found for Field with id 1");
}

TEST_F(Rows, ListsCanBeMadeFilteredAndShareAName) {
  start({"--list", "Customers", "--lists", "120"});
  EXPECT_EQ(get("/lists?filters%5Bname%5D=Customers").at("/meta/total"), "2");
  EXPECT_EQ(get("/lists?filters%5Bname%5D%5Bstarts_with%5D=Seeded&limit=100").at("/meta/total"),
            "120");
  EXPECT_EQ(post("/lists", R"({"list":{"name":"N"}})").status, 422);
  const Answer made = post(
      "/lists", R"({"list":{"name":"N","stringid":"n","sender_url":"u","sender_reminder":"r"}})");
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(del("/lists/999").status, 403);
  EXPECT_EQ(get("/lists/999").status, 404);
}

TEST_F(Rows, ExclusionsWantListIdsAsText) {
  mutate(R"({"exclude":["x@b.co"]})");
  EXPECT_EQ(get("/lists/exclusions").at("/meta/total"), 1);
  EXPECT_EQ(put("/lists/exclusions/1", R"({"exclusion":{"lists":[1]}})").status, 422);
  EXPECT_EQ(put("/lists/exclusions/1", R"({"exclusion":{"lists":["1"]}})").status, 200);
  EXPECT_EQ(put("/lists/exclusions/2", "{}").status, 404);
}

TEST_F(Rows, AContactHasOneCompany) {
  sync(R"({"email":"a@b.co"})");
  EXPECT_EQ(post("/accounts", R"({"account":{}})").at("/errors/0/code"), "field_missing");
  EXPECT_EQ(post("/accounts", R"({"account":{"name":"ACME"}})").status, 201);
  EXPECT_EQ(post("/accounts", R"({"account":{"name":"ACME"}})").at("/errors/0/code"), "duplicate");
  const std::string link = R"({"accountContact":{"contact":"1","account":"1"}})";
  EXPECT_EQ(post("/accountContacts", link).status, 201);
  EXPECT_EQ(post("/accountContacts", link).at("/errors/0/source/pointer"),
            "/data/attributes/account,contact");
  EXPECT_EQ(dumped("a@b.co").at("account"), "ACME");
  EXPECT_EQ(del("/accountContacts/1").status, 200);
  EXPECT_EQ(post("/accountContacts", link).status, 201);
}

}  // namespace
}  // namespace activecampaign_sandbox
