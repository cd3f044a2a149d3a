// What becomes of a customer, its subscriptions and gifts.
#include "customer_record.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sluice/error.hpp"

namespace chargebee::testing {
namespace {

using sluice::Record;
using ::testing::HasSubstr;

json::object object(const char* text) {
  return sluice::parse_json(text).as_object();
}

std::string plan_name(const std::string& code) {
  return code == "gold" ? "Gold plan" : "";
}

Record record(const char* customer, std::vector<json::object> subscriptions = {},
              GiftFacts gifts = {}, CustomerOptions options = {}) {
  return customer_record(object(customer), std::move(subscriptions), gifts, options, plan_name);
}

std::string chosen(std::vector<json::object> subscriptions, Choice choice = Choice::PreferActive) {
  const auto index = representing(subscriptions, choice);
  return index ? text_of(subscriptions[*index], "id") : "none";
}

TEST(Representing, PrefersTheBestStatusThenTheLatest) {
  const auto sub = [](const char* id, const char* status, int created) {
    return json::object{{"id", id}, {"status", status}, {"created_at", created}};
  };
  EXPECT_EQ(chosen({}), "none");
  EXPECT_EQ(chosen({sub("a", "cancelled", 9), sub("b", "active", 1)}), "b");
  EXPECT_EQ(chosen({sub("a", "non_renewing", 1), sub("b", "in_trial", 5)}), "a");
  EXPECT_EQ(chosen({sub("a", "in_trial", 1), sub("b", "future", 5)}), "a");
  EXPECT_EQ(chosen({sub("a", "future", 1), sub("b", "paused", 5)}), "a");
  EXPECT_EQ(chosen({sub("a", "paused", 1), sub("b", "cancelled", 5)}), "a");
  EXPECT_EQ(chosen({sub("a", "cancelled", 1), sub("b", "transferred", 5)}), "a");
  EXPECT_EQ(chosen({sub("a", "active", 1), sub("b", "active", 5)}), "b");
  EXPECT_EQ(chosen({sub("b", "active", 5), sub("a", "active", 5)}), "b");
}

TEST(Representing, OtherChoices) {
  const std::vector<json::object> subscriptions{
      {{"id", "a"}, {"created_at", 1}, {"resource_version", 9000}, {"mrr", 100}},
      {{"id", "b"},
       {"created_at", 2},
       {"resource_version", 5000},
       {"mrr", 90},
       {"exchange_rate", 2.0}},
      {{"id", "c"}, {"created_at", 3}, {"resource_version", 1000}}};
  EXPECT_EQ(chosen(subscriptions, Choice::LatestCreated), "c");
  EXPECT_EQ(chosen(subscriptions, Choice::LatestUpdated), "a");
  EXPECT_EQ(chosen(subscriptions, Choice::HighestMrr), "b");
  EXPECT_THROW(static_cast<void>(parse_choice("newest")), sluice::Error);
}

TEST(CustomerRecord, JoinsAndNamesThePlan) {
  const auto made =
      record(R"({"id":"c","resource_version":10,"cf_x":"1"})",
             {object(R"({"id":"s","status":"active","created_at":7,"plan_id":"gold"})")});
  EXPECT_EQ(made.key, "c");
  EXPECT_EQ(made.recency, 7);
  EXPECT_EQ(sluice::to_canonical_json(made.data),
            R"({"customer":{"cf_x":"1","id":"c","resource_version":10},"gift_purchaser":false,)"
            R"("subscription":{"created_at":7,"id":"s","plan_code":"gold","plan_id":"gold",)"
            R"("plan_name":"Gold plan","status":"active"},)"
            R"("subscriptions":[{"created_at":7,"id":"s","plan_id":"gold","status":"active"}]})");
}

TEST(CustomerRecord, VersionIsTheHighestOfAllParts) {
  const auto deleted = object(R"({"id":"s","deleted":true,"resource_version":30})");
  const auto live = object(R"({"id":"t","status":"active","resource_version":20})");
  EXPECT_EQ(record(R"({"id":"c","resource_version":10})", {deleted, live}).version, 30);
  EXPECT_EQ(record(R"({"id":"c","resource_version":10})", {live}, {40, false}).version, 40);
  EXPECT_EQ(record(R"({"id":"c","updated_at":10})").version, 10'000);
}

TEST(CustomerRecord, DeletedSubscriptionsRepresentNobody) {
  const auto made =
      record(R"({"id":"c"})", {object(R"({"id":"s","deleted":true,"status":"active"})")});
  EXPECT_TRUE(made.data.at("subscription").is_null());
  EXPECT_EQ(made.data.at("subscriptions").as_array().size(), 0U);
  EXPECT_EQ(made.recency, 0);
}

TEST(CustomerRecord, DeletedAndClearedCustomersAreDeletions) {
  const auto deleted = record(R"({"id":"c","deleted":true,"resource_version":10})",
                              {object(R"({"id":"s","deleted":true,"resource_version":12})")});
  EXPECT_EQ(deleted.op, Record::Op::Delete);
  EXPECT_EQ(deleted.version, 12);
  EXPECT_EQ(record(R"({"id":"c","pii_cleared":"cleared"})").op, Record::Op::Delete);
  EXPECT_EQ(record(R"({"id":"c","pii_cleared":"scheduled_for_clear"})").op, Record::Op::Upsert);
}

TEST(CustomerRecord, GiftPurchasersAreLeftOutUnlessAskedFor) {
  EXPECT_THAT(record(R"({"id":"c"})", {}, {5, true}).skip, HasSubstr("gift_purchasers is off"));
  EXPECT_EQ(record(R"({"id":"c"})", {}, {5, true}, {.gift_purchasers = true}).skip, "");
  EXPECT_EQ(record(R"({"id":"c"})", {}, {5, false}).skip, "");
  const auto subscriber =
      record(R"({"id":"c"})", {object(R"({"id":"s","status":"active"})")}, {5, true});
  EXPECT_EQ(subscriber.skip, "");
  EXPECT_EQ(subscriber.data.at("gift_purchaser"), true);
}

TEST(CustomerRecord, CopiesLeftBehindNeverOwnAKey) {
  const auto made = record(R"({"id":"x","active_id":"c"})");
  EXPECT_EQ(made.op, Record::Op::Upsert);
  EXPECT_THAT(made.skip, HasSubstr("now c"));
}

TEST(CustomerRecord, UnknownPlanIsNull) {
  const auto made = record(R"({"id":"c"})", {object(R"({"id":"s","status":"active"})")});
  EXPECT_TRUE(made.data.at("subscription").as_object().at("plan_name").is_null());
  EXPECT_TRUE(made.data.at("subscription").as_object().at("plan_code").is_null());
}

}  // namespace
}  // namespace chargebee::testing
