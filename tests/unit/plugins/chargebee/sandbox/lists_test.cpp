#include <algorithm>

#include "page_token.hpp"
#include "site.hpp"

namespace chargebee_sandbox {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string offset_of(const SandboxResponse& response) {
  return sluice::testing::percent_encode(body(response).at("next_offset").as_string());
}

// Ten customers, c0 to c9, made and edited a second apart; edited in the opposite order.
void plant(Site& site) {
  for (int i = 0; i < 10; ++i) {
    const std::string n = std::to_string(i);
    site.mutate(R"({"insert":[{"type":"customer","event":false,"values":{"id":"c)" + n +
                R"(","created_at":)" + std::to_string(1000 + i) + R"(,"updated_at":)" +
                std::to_string(5000 - i) + "}}]}");
  }
}

TEST(ChargebeeLists, WalkEveryRowOnce) {
  for (const bool keyset : {false, true}) {
    Settings settings = Site::small(1200);
    settings.keyset_offsets = keyset;
    Site site{settings};
    for (const char* order :
         {"sort_by[asc]=created_at", "sort_by[desc]=updated_at", "include_deleted=true"}) {
      const auto ids = site.ids(std::string{"/customers?limit=100&"} + order);
      const std::set<std::string> unique{ids.begin(), ids.end()};
      const bool deleted = std::string_view{order} == "include_deleted=true";
      EXPECT_EQ(ids.size(), deleted ? 1212U : 1200U) << order;
      EXPECT_EQ(unique.size(), ids.size()) << order;
    }
  }
}

TEST(ChargebeeLists, KeepTheAskedOrder) {
  Site site{Site::small(300)};
  std::int64_t last = 0;
  for (const json::object& row : site.walk("/customers?limit=100&sort_by[asc]=updated_at")) {
    const json::value* at = row.at("customer").as_object().if_contains("updated_at");
    const std::int64_t value = at == nullptr ? 0 : at->as_int64();
    EXPECT_GE(value, last);
    last = value;
  }
}

TEST(ChargebeeLists, EndWithoutAnOffset) {
  Site site{Site::small(0)};
  EXPECT_EQ(site.get("/customers").body, R"({"list":[]})");
  plant(site);
  EXPECT_FALSE(body(site.get("/customers?limit=10")).as_object().contains("next_offset"));
  EXPECT_TRUE(body(site.get("/customers?limit=9")).as_object().contains("next_offset"));
  EXPECT_EQ(body(site.get("/customers")).at("list").as_array().size(), 10U);
}

TEST(ChargebeeLists, SkipARowUnderPositionalOffsetsWhenOneMoves) {
  Settings settings = Site::small(0);
  Site site{settings};
  plant(site);
  const auto first = site.get("/customers?limit=5&sort_by[asc]=updated_at");
  // c9 has the earliest updated_at: it was on the first page and moves to the end.
  site.mutate(R"({"set":[{"type":"customer","id":"c9","values":{"phone":"1"}}]})");
  const auto second =
      body(site.get("/customers?limit=5&sort_by[asc]=updated_at&offset=" + offset_of(first)));
  EXPECT_EQ(second.at("list").at(0).at("customer").at("id"), "c3");
}

TEST(ChargebeeLists, SkipNothingUnderKeysetOffsetsWhenOneMoves) {
  Settings settings = Site::small(0);
  settings.keyset_offsets = true;
  Site site{settings};
  plant(site);
  const auto first = site.get("/customers?limit=5&sort_by[asc]=updated_at");
  site.mutate(R"({"set":[{"type":"customer","id":"c9","values":{"phone":"1"}}]})");
  const auto second =
      body(site.get("/customers?limit=9&sort_by[asc]=updated_at&offset=" + offset_of(first)));
  EXPECT_EQ(second.at("list").at(0).at("customer").at("id"), "c4");
  EXPECT_EQ(second.at("list").at(5).at("customer").at("id"), "c9");
}

TEST(ChargebeeLists, BindOffsetsToFiltersAndOrder) {
  Site site{Site::small(0)};
  plant(site);
  const std::string offset = offset_of(site.get("/customers?limit=2&sort_by[asc]=created_at"));
  EXPECT_EQ(site.get("/customers?limit=3&sort_by[asc]=created_at&offset=" + offset).status, 200);
  for (const char* other :
       {"/customers?sort_by[asc]=updated_at&offset=", "/customers?include_deleted=true&offset=",
        "/customers?updated_at[after]=1&offset=", "/subscriptions?offset="}) {
    const auto refused = site.get(other + offset);
    EXPECT_EQ(refused.status, 400) << other;
    EXPECT_EQ(body(refused).at("param"), "offset") << other;
  }
  EXPECT_EQ(site.get("/customers?offset=garbage").status, 400);
  EXPECT_EQ(site.get("/customers?offset=%5B%221%22%5D").status, 400);
}

TEST(ChargebeeLists, RefuseOldOffsetsWhenTheyExpire) {
  Settings settings = Site::small(0);
  settings.offset_expiry_ms = 60'000;
  Site site{settings};
  plant(site);
  const std::string offset = offset_of(site.get("/customers?limit=2"));
  site.clock.advance(60'000);
  EXPECT_EQ(site.get("/customers?limit=2&offset=" + offset).status, 200);
  site.clock.advance(1);
  EXPECT_EQ(site.get("/customers?limit=2&offset=" + offset).status, 400);
}

TEST(ChargebeeLists, HideDeletedRowsUnlessAsked) {
  Site site{Site::small(0)};
  plant(site);
  site.mutate(R"({"delete":[{"type":"customer","id":"c4"}]})");
  EXPECT_EQ(site.ids("/customers").size(), 9U);
  const auto rows = site.walk("/customers?include_deleted=true&id[in]=[\"c4\"]");
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].at("customer").at("deleted"), true);
  EXPECT_EQ(rows[0].at("customer").at("updated_at"), kNow / 1000);
}

TEST(ChargebeeLists, NeverMatchATimeFilterWithoutTheTime) {
  Site site{Site::small(0)};
  site.mutate(R"({"insert":[{"type":"customer","values":{"id":"old","updated_at":null}},
                            {"type":"customer","values":{"id":"new"}}]})");
  EXPECT_THAT(site.ids("/customers?updated_at[after]=0"), ElementsAre("new"));
  EXPECT_EQ(site.ids("/customers").size(), 2U);
}

TEST(ChargebeeLists, JoinSubscriptionsOfManyCustomers) {
  Site site{Site::small(300)};
  std::string ids;
  std::set<std::string> wanted;
  for (const std::string& id : site.ids("/customers?limit=100")) {
    if (wanted.size() == 100) break;
    wanted.insert(id);
  }
  for (const std::string& id : wanted) ids += (ids.empty() ? "\"" : ",\"") + id + '"';
  const std::string in = sluice::testing::percent_encode("[" + ids + "]");
  std::set<std::string> found;
  for (const auto& row :
       site.walk("/subscriptions?limit=100&include_deleted=true&customer_id[in]=" + in)) {
    found.insert(std::string{row.at("subscription").at("id").as_string()});
    EXPECT_EQ(row.at("subscription").at("customer_id"), row.at("customer").at("id"));
  }
  std::set<std::string> expected;
  for (const auto& row : site.walk("/subscriptions?limit=100&include_deleted=true")) {
    if (wanted.contains(std::string{row.at("customer").at("id").as_string()})) {
      expected.insert(std::string{row.at("subscription").at("id").as_string()});
    }
  }
  EXPECT_FALSE(expected.empty());
  EXPECT_EQ(found, expected);
}

TEST(ChargebeeLists, ShowChangesLate) {
  Settings settings = Site::small(0);
  settings.visibility_lag_ms = 5000;
  Site site{settings};
  site.mutate(R"({"insert":[{"type":"customer","values":{"id":"a","phone":"1"}}]})");
  EXPECT_TRUE(site.ids("/customers").empty());
  EXPECT_EQ(site.get("/customers/a").status, 200);
  site.clock.advance(5000);
  EXPECT_EQ(site.ids("/customers").size(), 1U);
  site.mutate(R"({"set":[{"type":"customer","id":"a","values":{"phone":"2"}}]})");
  site.clock.advance(3000);
  site.mutate(R"({"set":[{"type":"customer","id":"a","values":{"phone":"3"}}]})");
  const auto listed = [&] { return site.walk("/customers").at(0).at("customer").at("phone"); };
  EXPECT_EQ(listed(), "1");
  EXPECT_EQ(body(site.get("/customers/a")).at("customer").at("phone"), "3");
  site.clock.advance(2000);
  EXPECT_EQ(listed(), "2");
  EXPECT_TRUE(
      site.ids("/customers?updated_at[after]=" + std::to_string((kNow + 5000) / 1000)).empty());
  site.clock.advance(3000);
  EXPECT_EQ(listed(), "3");
}

TEST(ChargebeeLists, PairGiftsWithTheReceiversSubscription) {
  Settings settings = Site::small(200);
  settings.gifters = 0.2;
  Site site{settings};
  const auto rows = site.walk("/gifts?limit=100");
  EXPECT_GT(rows.size(), 10U);
  for (const auto& row : rows) {
    const auto& gift = row.at("gift").as_object();
    const auto& subscription = row.at("subscription").as_object();
    EXPECT_EQ(subscription.at("id"), gift.at("gift_receiver").at("subscription_id"));
    EXPECT_EQ(subscription.at("customer_id"), gift.at("gift_receiver").at("customer_id"));
    EXPECT_EQ(subscription.at("gift_id"), gift.at("id"));
    EXPECT_FALSE(gift.contains("created_at"));
  }
  const std::string gifter{rows[0].at("gift").at("gifter").at("customer_id").as_string()};
  const auto own =
      site.ids("/gifts?gifter[customer_id][is]=" + sluice::testing::percent_encode(gifter));
  EXPECT_THAT(own, ElementsAre(std::string{rows[0].at("gift").at("id").as_string()}));
}

TEST(ChargebeeLists, ServeConfigurationsAndCustomFields) {
  Site site{Site::small()};
  const json::object entry =
      body(site.get("/configurations")).at("configurations").at(0).as_object();
  EXPECT_EQ(entry.at("domain"), "acme-test");
  EXPECT_EQ(site.walk("/custom_field_configs?limit=5").size(), 12U);
  const auto customer = site.walk("/custom_field_configs?entity_type=customer");
  EXPECT_EQ(customer.size(), 7U);
  EXPECT_EQ(customer[0].at("custom_field_config").at("api_name"), "cf_nick");
}

TEST(ChargebeeLists, ServeNestedListsAndCatalogue) {
  Site site{Site::small(300)};
  const std::string id = site.ids("/customers?limit=1").at(0);
  const auto nested =
      site.walk("/customers/" + sluice::testing::percent_encode(id) + "/subscriptions");
  for (const auto& row : nested) EXPECT_EQ(row.size(), 1U);
  EXPECT_EQ(site.get("/customers/unknown/subscriptions").status, 404);
  const auto names = site.walk("/item_prices?limit=100&sort_by[asc]=name");
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end(), [](const auto& a, const auto& b) {
    return a.at("item_price").at("name").as_string() < b.at("item_price").at("name").as_string();
  }));
  EXPECT_EQ(site.walk("/items?is_giftable[is]=true").size(), 1U);
  EXPECT_EQ(body(site.get("/item_prices/gold-USD-Monthly")).at("item_price").at("item_id"), "gold");
  EXPECT_GT(site.walk("/invoices?limit=100").size(), 200U);
  EXPECT_EQ(site.get("/hosted_pages").body, R"({"list":[]})");
  EXPECT_EQ(site.walk("/coupons?sort_by[asc]=created_at").size(), 2U);
}

}  // namespace
}  // namespace chargebee_sandbox
