// Rows that are handed on as they were written.
#include "thin_rows.hpp"

#include <gtest/gtest.h>

#include <sluice/error.hpp>

#include "customer_record.hpp"

namespace chargebee::testing {
namespace {

std::optional<ThinList> read_thin(std::string_view body, std::string_view member) {
  static ThinReader reader;
  return reader.read(body, member, {});
}

std::string whole_of(const json::value& value) {
  std::string out;
  write_whole(out, value);
  return out;
}

TEST(ThinRows, HoldWhatTheConnectorLooksAtAndAllThatWasWritten) {
  const std::string customer =
      R"({"id":"c\u0031","email":"a@b.co","deleted":false,"resource_version":1700000000000,)"
      R"("mrr":12.5,"billing_address":{"id":"x","city":"\"Ur\"\\"},"cf_x":[[1,{"a":2}],null]})";
  const std::string body = R"( {"list":[ {"card":{"id":"no"}, "customer" : )" + customer +
                           R"( , "x":[] },{"customer":{}},{"other":1}],"next_offset":"[\"7\"]"} )";
  const auto list = read_thin(body, "customer");
  ASSERT_TRUE(list.has_value());
  EXPECT_EQ(list->next_offset, "[\"7\"]");
  ASSERT_EQ(list->rows.size(), 3U);
  auto rows = list->rows;
  const auto& thin = row_object(rows[0], "customer");
  EXPECT_EQ(text_of(thin, "id"), "c1");
  EXPECT_EQ(version_of(thin), 1'700'000'000'000);
  EXPECT_EQ(number_of(thin, "mrr"), 12.5);
  EXPECT_FALSE(thin.contains("email"));
  EXPECT_EQ(whole_of(thin), customer);
  EXPECT_EQ(whole_of(row_object(rows[1], "customer")), "{}");
  EXPECT_THROW(static_cast<void>(row_object(rows[2], "customer")), sluice::Error);
}

TEST(ThinRows, KeepTheirTextWhereTheirPlanIsNamed) {
  for (
      const std::string subscription :
      {R"({"id":"s","subscription_items":[{"item_type":"plan","item_price_id":"gold"}]})",
       R"({"id":"s","plan_name":"mine","subscription_items":[ {"item_type":"plan","item_price_id":"gold"} ] })",
       R"({"plan_id":"gold"})", R"({})"}) {
    auto list = read_thin(R"({"list":[{"subscription":)" + subscription + "}]}", "subscription");
    ASSERT_TRUE(list.has_value()) << subscription;
    auto& thin = row_object(list->rows[0], "subscription");
    auto exact = sluice::parse_json(subscription).as_object();
    const PlanName plan_name = [](const std::string& code) { return code.empty() ? "" : "Gold"; };
    name_plan(thin, plan_name);
    name_plan(exact, plan_name);
    EXPECT_EQ(sluice::parse_json(whole_of(thin)), json::value(exact)) << whole_of(thin);
  }
}

TEST(ThinRows, LeaveWhatIsNoListToTheExactParser) {
  for (const auto* body :
       {"", "null", "[]", "{}", R"({"list":{}})", R"({"list":[1]})", R"({"list":[{"customer":7}]})",
        R"({"list":[{"customer":{"id":"a"}}])", R"({"list":[{"customer":{"id":"a"}}]}x)",
        R"({"list":[{"customer":{"id":"a\ud800"}}]})", R"({"list":[],"next_offset":5})",
        R"({"list":[{"customer":{"id":1e999}}]})",
        "{\"list\":[{\"customer\":{\"x\":\"\xff\"}}]}"}) {
    EXPECT_FALSE(read_thin(body, "customer").has_value()) << body;
  }
}

}  // namespace
}  // namespace chargebee::testing
