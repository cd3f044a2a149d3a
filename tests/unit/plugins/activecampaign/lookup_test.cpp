#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vendor.hpp"

namespace activecampaign {
namespace {

using testing::Asked;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::Vendor;

constexpr auto kAda = R"({"contacts":[{"id":7,"email":"a@b.co","firstName":"Ada","phone":""}],
    "fieldValues":[{"contact":"7","field":"2","value":"12.50"},{"contact":"8","field":"1","value":"x"}],
    "contactLists":[{"contact":"7","list":"1","status":"1"},{"contact":"7","list":"2","status":"2"}],
    "contactTags":[{"contact":7,"tag":"1"}]})";

TEST(Lookup, ReadsAContactWithOneCall) {
  Vendor vendor;
  vendor.on("GET /contacts", 200, kAda);
  auto context = vendor.context();
  const auto writer = vendor.open();
  const auto rows = writer->lookup(context, {"A@b.co"}, false);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_TRUE(rows[0].found);
  EXPECT_EQ(rows[0].key, "A@b.co");
  EXPECT_EQ(rows[0].remote_id, "7");
  EXPECT_EQ(rows[0].fields.at("firstName"), "Ada");
  EXPECT_TRUE(rows[0].fields.at("phone").is_null());
  EXPECT_EQ(rows[0].fields.at("Seats"), 12.5);
  EXPECT_TRUE(rows[0].fields.at("Plan").is_null());
  EXPECT_THAT(rows[0].sets.at("tags"), ElementsAre("vip"));
  EXPECT_THAT(rows[0].sets.at("lists"), ElementsAre("Customers", "1"));
  EXPECT_THAT(rows[0].opted_out, ElementsAre("list:2"));
  EXPECT_EQ(vendor.count("GET /contacts"), 1U);
}

TEST(Lookup, AsksForWhatDidNotComeAlong) {
  Vendor vendor;
  vendor.on("GET /contacts", 200, R"({"contacts":[{"id":"7","email":"a@b.co"}]})");
  vendor.on("GET /contacts/7/fieldValues", 200, R"({"fieldValues":[{"field":1,"value":"gold"}]})");
  vendor.on("GET /contacts/7/contactLists", 200, R"({"contactLists":[{"list":2,"status":"1"}]})");
  vendor.on("GET /contacts/7/contactTags", 200, R"({"contactTags":[]})");
  auto context = vendor.context();
  const auto writer = vendor.open();
  const auto rows = writer->lookup(context, {"a@b.co"}, false);
  EXPECT_EQ(rows[0].fields.at("Plan"), "gold");
  EXPECT_THAT(rows[0].sets.at("lists"), ElementsAre("News", "2"));
}

TEST(Lookup, AnswersForEveryKey) {
  Vendor vendor;
  vendor.on("GET /contacts", 200, kAda);
  auto context = vendor.context();
  const auto writer = vendor.open();
  const auto rows = writer->lookup(context, {"nobody@b.co", "a@b.co"}, false);
  EXPECT_FALSE(rows[0].found);
  EXPECT_EQ(rows[0].key, "nobody@b.co");
  EXPECT_TRUE(rows[1].found);
}

TEST(Lookup, ByIdAsksAHundredAtOnceAndSkipsTombstones) {
  Vendor vendor;
  vendor.on("GET /contacts", 200, R"({"contacts":[{"id":"7","email":"a@b.co"},
      {"id":"8","email":"deleted+8@b.co"}],"fieldValues":[],"contactLists":[],"contactTags":[]})");
  auto context = vendor.context();
  const auto writer = vendor.open();
  const auto rows = writer->lookup(context, {"8", "7", "9"}, true);
  EXPECT_FALSE(rows[0].found);
  EXPECT_EQ(rows[1].key, "a@b.co");
  EXPECT_FALSE(rows[2].found);
  EXPECT_EQ(rows[2].remote_id, "9");
  EXPECT_THAT(vendor.asked("GET /contacts").front().query, HasSubstr("ids[]=8&ids[]=7&ids[]=9"));
  EXPECT_EQ(vendor.count("GET /contacts"), 1U);
}

}  // namespace
}  // namespace activecampaign
