#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api_error.hpp"
#include "list_query.hpp"

namespace chargebee_sandbox {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

ListQuery parse(std::string_view kind, const std::string& query, const Settings& settings = {}) {
  return parse_list_query(*find_kind(kind), sluice::testing::parse_form(query), settings);
}

// The parameter that the API names in its refusal; empty when it accepts.
std::string refused(std::string_view kind, const std::string& query,
                    const Settings& settings = {}) {
  try {
    static_cast<void>(parse(kind, query, settings));
  } catch (const ApiError& error) {
    return std::string{sluice::parse_json(error.response().body).at("param").as_string()};
  }
  return {};
}

bool matches(std::string_view kind, const std::string& query, const char* row) {
  const ListQuery list = parse(kind, query);
  const sluice::json::object values = sluice::parse_json(row).as_object();
  EXPECT_EQ(list.conditions.size(), 1U) << query;
  return list.conditions.at(0).matches(values);
}

TEST(ChargebeeArray, TakesTheFormsOfAllOfficialClients) {
  EXPECT_THAT(parse_array(R"(["a","b"])"), ElementsAre("a", "b"));
  EXPECT_THAT(parse_array("[a,b]"), ElementsAre("a", "b"));
  EXPECT_THAT(parse_array("['a', 'b']"), ElementsAre("a", "b"));
  EXPECT_THAT(parse_array("[1704067200,1717199999]"), ElementsAre("1704067200", "1717199999"));
  EXPECT_THAT(parse_array("['1', '2']"), ElementsAre("1", "2"));
  EXPECT_THAT(parse_array("[]"), IsEmpty());
}

TEST(ChargebeeArray, KeepsCommasAndQuotesInsideQuotedValues) {
  EXPECT_THAT(parse_array(R"(["a,b","say \"x\"","it's"])"),
              ElementsAre("a,b", "say \"x\"", "it's"));
}

TEST(ChargebeeQuery, RefusesBadLimits) {
  for (const char* limit : {"0", "101", "-1", "x", "", "1.5", "99999999999999999999"}) {
    EXPECT_EQ(refused("customer", std::string{"limit="} + limit), "limit") << limit;
  }
  EXPECT_EQ(parse("customer", "limit=100").limit, 100U);
  EXPECT_EQ(parse("customer", "").limit, 10U);
}

TEST(ChargebeeQuery, SortsOnlyByDocumentedAttributes) {
  EXPECT_EQ(refused("customer", "sort_by[asc]=email"), "sort_by[asc]");
  EXPECT_EQ(refused("customer", "sort_by[up]=created_at"), "sort_by[up]");
  EXPECT_TRUE(parse("customer", "sort_by[desc]=updated_at").descending);
  EXPECT_EQ(parse("item_price", "sort_by[asc]=name").sort, SortKey::Name);
  // Gifts know no order; the parameter is unknown there and ignored.
  EXPECT_EQ(refused("gift", "sort_by[asc]=updated_at"), "");
}

TEST(ChargebeeQuery, ChecksFilterValues) {
  EXPECT_EQ(refused("customer", "updated_at[after]=yesterday"), "updated_at[after]");
  EXPECT_EQ(refused("customer", "updated_at[between]=[1]"), "updated_at[between]");
  EXPECT_EQ(refused("customer", "auto_close_invoices[is]=maybe"), "auto_close_invoices[is]");
  EXPECT_EQ(refused("customer", "email[in]=[\"a\"]"), "email[in]");
  EXPECT_EQ(refused("customer", "include_deleted=yes"), "include_deleted");
  EXPECT_EQ(refused("customer", "updated_at[after]=0"), "");
}

TEST(ChargebeeQuery, IgnoresUnknownParametersUnlessStrict) {
  Settings strict;
  strict.strict_parameters = true;
  for (const char* query : {"foo=1", "updated_at[after]=1", "include_deleted=true"}) {
    EXPECT_EQ(refused("gift", query), "") << query;
    EXPECT_NE(refused("gift", query, strict), "") << query;
  }
}

TEST(ChargebeeQuery, TellsListsApartByFilterAndOrderOnly) {
  const std::string print = parse("customer", "email[is]=a&first_name[is]=b&limit=5").fingerprint;
  EXPECT_EQ(parse("customer", "first_name[is]=b&email[is]=a&limit=9&offset=x").fingerprint, print);
  EXPECT_NE(parse("customer", "email[is]=a").fingerprint, print);
  EXPECT_NE(parse("customer", "email[is]=a&first_name[is]=b&sort_by[desc]=created_at").fingerprint,
            print);
}

TEST(ChargebeeFilter, ComparesText) {
  const char* row = R"({"email":"Jane@x.example","phone":""})";
  EXPECT_TRUE(matches("customer", "email[is]=Jane@x.example", row));
  EXPECT_FALSE(matches("customer", "email[is_not]=Jane@x.example", row));
  EXPECT_TRUE(matches("customer", "email[starts_with]=Jane", row));
  EXPECT_TRUE(matches("customer", "email[is_present]=true", row));
  EXPECT_TRUE(matches("customer", "company[is_present]=false", row));
  EXPECT_FALSE(matches("customer", "company[is]=x", row));
}

TEST(ChargebeeFilter, ComparesTimes) {
  const char* row = R"({"activated_at":1000})";
  EXPECT_FALSE(matches("subscription", "activated_at[after]=1000", row));
  EXPECT_TRUE(matches("subscription", "activated_at[after]=999", row));
  EXPECT_FALSE(matches("subscription", "activated_at[before]=1000", row));
  EXPECT_TRUE(matches("subscription", "activated_at[between]=[1000,1000]", row));
  EXPECT_TRUE(matches("subscription", "activated_at[on]=86399", row));
  EXPECT_FALSE(matches("subscription", "activated_at[on]=86400", row));
  EXPECT_FALSE(matches("subscription", "activated_at[after]=0", R"({"id":"x"})"));
}

TEST(ChargebeeFilter, ReadsNestedCustomAndNumericFields) {
  EXPECT_TRUE(matches("gift", "gifter[customer_id][is]=c1", R"({"gifter":{"customer_id":"c1"}})"));
  EXPECT_TRUE(matches("customer", "cf_tier[in]=[\"Gold\"]", R"({"cf_tier":"Gold"})"));
  EXPECT_TRUE(matches("customer", "cf_points[gte]=5", R"({"cf_points":5})"));
  EXPECT_FALSE(matches("customer", "cf_newsletter[is]=True", R"({"cf_newsletter":"False"})"));
  EXPECT_TRUE(matches("plan", "price[lt]=10", R"({"price":9})"));
  EXPECT_TRUE(matches("plan", "giftable[is]=true", R"({"giftable":true})"));
}

TEST(ChargebeeFilter, FindsSubscriptionsByItemAndPrice) {
  const char* row = R"({"subscription_items":[{"item_price_id":"gold-USD-Monthly"}]})";
  EXPECT_TRUE(matches("subscription", "item_price_id[is]=gold-USD-Monthly", row));
  EXPECT_TRUE(matches("subscription", "item_id[in]=[\"gold\"]", row));
  EXPECT_FALSE(matches("subscription", "item_id[is]=silver", row));
}

}  // namespace
}  // namespace chargebee_sandbox
