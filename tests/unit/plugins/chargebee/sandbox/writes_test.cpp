#include "form.hpp"
#include "site.hpp"

namespace chargebee_sandbox {
namespace {

using ::testing::ElementsAre;

TEST(ChargebeeForm, NestsBracketsAndReadsTypes) {
  const auto form = read_form(sluice::testing::parse_form(
      "first_name=A&billing_address[city]=X&net_term_days=5&auto_close_invoices=true&phone=0123&"
      "meta_data=%7B%22a%22%3A1%7D&company=&subscription_items[item_price_id][0]=p&subscription_"
      "items[quantity][0]=2&"
      "cf_newsletter=true&coupon_ids[0]=c"));
  EXPECT_EQ(
      sluice::to_json(form),
      R"({"first_name":"A","billing_address":{"city":"X"},"net_term_days":5,"auto_close_invoices":true,)"
      R"("phone":"0123","meta_data":{"a":1},"company":null,"subscription_items":[{"item_price_id":"p",)"
      R"("quantity":2}],"cf_newsletter":"True","coupon_ids":["c"]})");
}

std::vector<std::string> event_types(Site& site) {
  std::vector<std::string> types;
  for (const auto& row : site.walk("/events?sort_by[asc]=occurred_at")) {
    types.emplace_back(row.at("event").at("event_type").as_string());
  }
  return types;
}

TEST(ChargebeeWrites, CreateUpdateAndDeleteCustomers) {
  Site site{Site::small(0)};
  const auto created =
      body(site.post("/customers", "id=c1&email=a%40b.example&billing_address[city]=Ulm"));
  EXPECT_EQ(created.at("customer").at("email"), "a@b.example");
  EXPECT_EQ(created.at("customer").at("billing_address").at("object"), "billing_address");
  EXPECT_EQ(created.at("customer").at("resource_version"), kNow);
  EXPECT_EQ(site.post("/customers", "id=c1").status, 400);

  const auto updated = body(site.post("/customers/c1", "email=&first_name=Zo%C3%AB"));
  EXPECT_FALSE(updated.at("customer").as_object().contains("email"));
  EXPECT_EQ(updated.at("customer").at("first_name"), "Zoë");
  // Strictly increasing, even within one millisecond.
  EXPECT_EQ(updated.at("customer").at("resource_version"), kNow + 1);
  EXPECT_EQ(updated.at("customer").at("updated_at"), kNow / 1000);

  EXPECT_EQ(body(site.post("/customers/c1/delete")).at("customer").at("deleted"), true);
  EXPECT_EQ(site.post("/customers/c1/delete").status, 404);
  EXPECT_EQ(site.post("/customers/unknown", "phone=1").status, 404);
  EXPECT_THAT(event_types(site),
              ElementsAre("customer_created", "customer_changed", "customer_deleted"));
}

TEST(ChargebeeWrites, RefuseToDeleteGiftCustomers) {
  Settings settings = Site::small(100);
  settings.gifters = 0.2;
  Site site{settings};
  const auto gift = site.walk("/gifts").at(0).at("gift").as_object();
  for (const char* side : {"gifter", "gift_receiver"}) {
    const std::string id{gift.at(side).at("customer_id").as_string()};
    const auto refused = site.post("/customers/" + sluice::testing::percent_encode(id) + "/delete");
    EXPECT_EQ(refused.status, 409);
    EXPECT_EQ(body(refused).at("api_error_code"), "invalid_state_for_request");
  }
}

TEST(ChargebeeWrites, SellAndCancelSubscriptions) {
  Site site{Site::small(0)};
  site.post("/customers", "id=c1");
  const auto made = body(site.post("/customers/c1/subscription_for_items",
                                   "subscription_items[item_price_id][0]=gold-EUR-Yearly"));
  const json::object& row = made.at("subscription").as_object();
  EXPECT_EQ(row.at("currency_code"), "EUR");
  EXPECT_EQ(row.at("status"), "active");
  EXPECT_EQ(row.at("mrr"), 78'990 / 12);
  EXPECT_EQ(made.at("customer").at("id"), "c1");
  const std::string path = "/subscriptions/" + std::string{row.at("id").as_string()};
  EXPECT_EQ(site.post(path + "/cancel").status, 400);  // of the other catalogue
  const auto cancelled = body(site.post(path + "/cancel_for_items", "cancel_reason_code=Other"));
  EXPECT_EQ(cancelled.at("subscription").at("status"), "cancelled");
  EXPECT_EQ(cancelled.at("subscription").at("mrr"), 0);
  EXPECT_EQ(site.post(path + "/cancel_for_items").status, 409);
  EXPECT_EQ(body(site.post(path + "/reactivate")).at("subscription").at("status"), "active");
  EXPECT_EQ(site.post("/customers/c1/subscription_for_items",
                      "subscription_items[item_price_id][0]=nothing")
                .status,
            400);
  // Deleting the customer deletes what they have.
  site.post("/customers/c1/delete");
  EXPECT_EQ(body(site.get(path)).at("subscription").at("deleted"), true);
}

TEST(ChargebeeWrites, GiveAndClaimGifts) {
  Site site{Site::small(0)};
  site.post("/customers", "id=giver");
  site.post("/customers", "id=taker");
  const auto made = body(site.post("/gifts/create_for_items",
                                   "gifter[customer_id]=giver&gift_receiver[customer_id]=taker&"
                                   "gift_receiver[email]=t%40x.example&"
                                   "subscription_items[item_price_id][0]=gift-box-USD-Monthly"));
  const json::object& gift = made.at("gift").as_object();
  EXPECT_EQ(gift.at("status"), "scheduled");
  EXPECT_EQ(made.at("subscription").at("status"), "future");
  EXPECT_EQ(made.at("subscription").at("customer_id"), "taker");
  const std::string path = "/gifts/" + std::string{gift.at("id").as_string()};
  const auto claimed = body(site.post(path + "/claim"));
  EXPECT_EQ(claimed.at("gift").at("gift_timelines").at(0).at("status"), "claimed");
  EXPECT_EQ(claimed.at("subscription").at("status"), "non_renewing");
  EXPECT_EQ(site.post(path + "/claim").status, 409);
  EXPECT_EQ(site.post("/customers/giver/delete").status, 409);
}

TEST(ChargebeeWrites, ClearPersonalData) {
  Site site{Site::small(0)};
  site.post("/customers", "id=c1&email=a%40b.example&first_name=A");
  const auto cleared =
      body(site.post("/customers/c1/clear_personal_data")).at("customer").as_object();
  EXPECT_EQ(cleared.at("pii_cleared"), "cleared");
  EXPECT_FALSE(cleared.contains("email"));
}

TEST(ChargebeeWrites, ReplayIdempotentRequests) {
  Site site{Site::small(0)};
  const sluice::testing::SandboxPairs key = {{"chargebee-idempotency-key", "k1"}};
  const auto first = site.post("/customers", "first_name=A", key);
  const auto second = site.post("/customers", "first_name=A", key);
  EXPECT_EQ(first.body, second.body);
  EXPECT_EQ(*sluice::testing::find_pair(second.headers, "chargebee-idempotency-replayed"), "true");
  EXPECT_EQ(site.post("/customers", "first_name=B", key).status, 422);
  EXPECT_EQ(site.ids("/customers").size(), 1U);
}

TEST(ChargebeeWrites, SnapshotRowsInEvents) {
  Site site{Site::small(0)};
  site.post("/customers", "id=c1&first_name=Before");
  site.post("/customers/c1", "first_name=After");
  const auto events = site.walk("/events?event_type[in]=[customer_created,customer_changed]");
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].at("event").at("content").at("customer").at("first_name"), "Before");
  EXPECT_EQ(events[1].at("event").at("content").at("customer").at("first_name"), "After");
  const std::string id{events[0].at("event").at("id").as_string()};
  EXPECT_EQ(site.get("/events/" + id).status, 200);
}

}  // namespace
}  // namespace chargebee_sandbox
