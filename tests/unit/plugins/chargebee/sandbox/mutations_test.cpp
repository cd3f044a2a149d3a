#include <filesystem>
#include <fstream>

#include "site.hpp"
#include "sluice/error.hpp"

namespace chargebee_sandbox {
namespace {

using ::testing::ElementsAre;

std::set<std::string> strings(const json::value& list) {
  std::set<std::string> out;
  for (const auto& item : list.as_array()) out.emplace(item.as_string());
  return out;
}

TEST(ChargebeeMutations, CreateUpdateAndDeleteByNumber) {
  Site site{Site::small(200)};
  const auto result = site.mutate(R"({"create":5,"update":20,"delete":3,"seed":9})");
  EXPECT_EQ(result.at("created").as_array().size(), 5U);
  EXPECT_EQ(
      result.at("updated").as_array().size() + result.at("updated_subscriptions").as_array().size(),
      20U);
  EXPECT_EQ(strings(result.at("deleted")).size(), 3U);
  const std::string since = std::to_string(kNow / 1000 - 1);
  std::set<std::string> changed;
  std::set<std::string> deleted;
  for (const auto& row :
       site.walk("/customers?limit=100&include_deleted=true&updated_at[after]=" + since)) {
    const std::string id{row.at("customer").at("id").as_string()};
    (row.at("customer").at("deleted") == true ? deleted : changed).insert(id);
  }
  std::set<std::string> expected = strings(result.at("updated"));
  expected.merge(strings(result.at("created")));
  for (const std::string& id : deleted) expected.erase(id);
  EXPECT_EQ(changed, expected);
  EXPECT_EQ(deleted, strings(result.at("deleted")));
  EXPECT_EQ(site.ids("/customers?limit=100").size(), 202U);
}

TEST(ChargebeeMutations, AreTheSameForASeed) {
  Site first{Site::small(100)};
  Site second{Site::small(100)};
  const char* mutation = R"({"create":3,"update":10,"delete":2,"seed":4})";
  EXPECT_EQ(sluice::to_json(first.mutate(mutation)), sluice::to_json(second.mutate(mutation)));
}

TEST(ChargebeeMutations, TouchOnlySubscriptionsWhenAsked) {
  Site site{Site::small(200)};
  const auto result = site.mutate(R"({"update":5,"fields":"subscription"})");
  EXPECT_GT(result.at("updated_subscriptions").as_array().size(), 2U);
  const std::string since = std::to_string(kNow / 1000 - 1);
  EXPECT_EQ(
      site.ids("/subscriptions?limit=100&include_deleted=true&updated_at[after]=" + since).size(),
      strings(result.at("updated_subscriptions")).size());
}

TEST(ChargebeeMutations, PlantExactRows) {
  Site site{Site::small(0)};
  const auto result = site.mutate(R"({"insert":[
      {"type":"customer","values":{"id":"a","email":"a@x.example","created_at":100,"updated_at":200}},
      {"type":"subscription","values":{"id":"s","customer_id":"a","status":"cancelled"}},
      {"type":"gift","values":{"id":"g","gifter":{"customer_id":"a"},
                               "gift_receiver":{"customer_id":"a","subscription_id":"s"}}}]})");
  EXPECT_THAT(strings(result.at("inserted")), ElementsAre("a", "g", "s"));
  const auto customer = body(site.get("/customers/a")).at("customer").as_object();
  EXPECT_EQ(customer.at("updated_at"), 200);
  EXPECT_EQ(customer.at("resource_version"), 200'000);
  EXPECT_EQ(customer.at("object"), "customer");
  EXPECT_EQ(body(site.get("/gifts/g")).at("subscription").at("id"), "s");
  EXPECT_THAT(site.ids("/subscriptions?customer_id[is]=a"), ElementsAre("s"));
}

TEST(ChargebeeMutations, ChangeAttributesWithOrWithoutATrace) {
  Site site{Site::small(0)};
  site.mutate(R"({"insert":[{"type":"customer","event":false,
                             "values":{"id":"a","email":"a@x.example","updated_at":200}}]})");
  site.mutate(R"({"set":[{"type":"customer","id":"a","touch":false,"values":{"phone":"1"}}]})");
  EXPECT_EQ(body(site.get("/customers/a")).at("customer").at("updated_at"), 200);
  EXPECT_TRUE(site.ids("/events").empty());
  site.mutate(
      R"({"set":[{"type":"customer","id":"a","values":{"email":null,"cs_marketing":null}}]})");
  const auto row = body(site.get("/customers/a")).at("customer").as_object();
  EXPECT_EQ(row.at("updated_at"), kNow / 1000);
  EXPECT_FALSE(row.contains("email"));
  EXPECT_TRUE(row.at("cs_marketing").is_null());
  EXPECT_EQ(site.ids("/events").size(), 1U);
  site.mutate(R"({"set":[{"type":"customer","id":"a","values":{"updated_at":null}}]})");
  EXPECT_TRUE(site.ids("/customers?updated_at[after]=0").empty());
}

TEST(ChargebeeMutations, RemoveAndMakeAgainUnderTheSameId) {
  Site site{Site::small(0)};
  site.mutate(
      R"({"insert":[{"type":"customer","values":{"id":"a"}},{"type":"customer","values":{"id":"b"}}]})");
  site.mutate(
      R"({"delete":[{"type":"customer","id":"a"}],"remove":[{"type":"customer","id":"b"}]})");
  EXPECT_THAT(site.ids("/customers?include_deleted=true"), ElementsAre("a"));
  EXPECT_EQ(site.get("/customers/b").status, 404);
  site.clock.advance(1000);
  site.mutate(
      R"({"insert":[{"type":"customer","values":{"id":"a"}},{"type":"customer","values":{"id":"b"}}]})");
  EXPECT_THAT(site.ids("/customers"), ElementsAre("a", "b"));
  EXPECT_EQ(body(site.get("/customers/a")).at("customer").at("created_at"), kNow / 1000 + 1);
}

TEST(ChargebeeMutations, RenamePlans) {
  Site site{Site::small(0)};
  site.mutate(R"({"set":[{"type":"item","id":"gold","values":{"name":"Golden"}}]})");
  EXPECT_EQ(body(site.get("/items/gold")).at("item").at("name"), "Golden");
  EXPECT_THAT(site.ids("/items?updated_at[after]=" + std::to_string(kNow / 1000 - 1)),
              ElementsAre("gold"));
}

TEST(ChargebeeMutations, HappenDuringAWalk) {
  Site site{Site::small(300)};
  const auto planned = site.mutate(
      R"({"after":{"route":"GET /api/v2/customers","count":2},"insert":[{"type":"customer","values":{"id":"late"}}]})");
  EXPECT_EQ(planned.at("scheduled"), 1);
  site.get("/customers");
  EXPECT_EQ(site.get("/customers/late").status,
            404);  // the second request runs it after its own answer was made
  EXPECT_EQ(site.get("/customers/late").status, 200);
}

TEST(ChargebeeMutations, AreRefusedWhenTheyMakeNoSense) {
  Site site{Site::small()};
  for (const char* mutation : {R"({"creat":1})", R"({"set":[{"type":"cat","id":"x","values":{}}]})",
                               R"({"set":[{"type":"customer","values":{}}]})", R"({"create":-1})",
                               R"({"set":[{"type":"customer","id":"unknown","values":{}}]})",
                               R"({"insert":[{"type":"subscription","values":{}}]})"}) {
    const auto response = site.sandbox.server().call("POST", "/_sandbox/mutate", {}, mutation);
    EXPECT_EQ(response.status, 400) << mutation;
  }
}

TEST(ChargebeeMutations, ResetGoesBackToTheStart) {
  Site site{Site::small(20)};
  const std::string before = sluice::to_json(site.dump().at("customers"));
  site.mutate(R"({"create":5,"update":5,"delete":1})");
  EXPECT_NE(sluice::to_json(site.dump().at("customers")), before);
  site.control("reset", "{}");
  EXPECT_EQ(sluice::to_json(site.dump().at("customers")), before);
  site.control("reset", R"({"customers":3})");
  EXPECT_EQ(site.ids("/customers").size(), 3U);
}

TEST(ChargebeeMutations, ResetMayChangeHowTheSiteBehaves) {
  Site site{Site::small(3)};
  site.control("reset",
               R"({"customers":0,"catalog":1,"offset_mode":"keyset","visibility_lag":30})");
  EXPECT_EQ(site.dump().at("product_catalog_version"), "v1");
  EXPECT_FALSE(site.dump().at("plans").as_array().empty());
  site.mutate(R"({"create":1})");
  EXPECT_TRUE(site.ids("/customers").empty());
  for (const char* changes : {R"({"catalog":3})", R"({"offset_mode":"other"})",
                              R"({"visibility_lag":-1})", R"({"unknown":1})"}) {
    const auto response = site.sandbox.server().call("POST", "/_sandbox/reset", {}, changes);
    EXPECT_EQ(response.status, 400) << changes;
  }
}

TEST(ChargebeeSeedFile, StartsFromRowsOrADump) {
  Site origin{Site::small(30)};
  origin.mutate(R"({"update":5})");
  const auto path = std::filesystem::path{::testing::TempDir()} / "chargebee_sandbox_seed.json";
  std::ofstream{path} << sluice::to_json(origin.dump());
  Settings settings = Site::small(0);
  settings.seed_file = path.string();
  settings.visibility_lag_ms = 5000;  // the rows to start from are visible at once
  Site copy{settings};
  for (const char* plural : {"customers", "subscriptions", "gifts"}) {
    EXPECT_EQ(copy.dump().at(plural).as_array().size(), origin.dump().at(plural).as_array().size())
        << plural;
  }
  const std::string id = copy.ids("/customers?limit=1").at(0);
  const std::string target = "/customers/" + sluice::testing::percent_encode(id);
  EXPECT_EQ(body(copy.get(target)).at("customer"), body(origin.get(target)).at("customer"));
  std::filesystem::remove(path);
  EXPECT_THROW(Site{settings}, sluice::Error);
}

}  // namespace
}  // namespace chargebee_sandbox
