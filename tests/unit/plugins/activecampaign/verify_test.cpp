#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vendor.hpp"

namespace activecampaign {
namespace {

using sluice::Difference;
using testing::Asked;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::row;
using ::testing::UnorderedElementsAre;
using testing::Vendor;

// Ada is contact 7: gold, on the list Customers, has left News, tagged vip.
constexpr auto kAda = R"({"contacts":[{"id":"7","email":"a@b.co","firstName":"Ada","phone":"1"}],
    "fieldValues":[{"contact":"7","field":"1","value":"gold"}],
    "contactLists":[{"contact":"7","list":"1","status":"1"},{"contact":"7","list":"2","status":"2"}],
    "contactTags":[{"contact":"7","tag":"1"}]})";
constexpr auto kNobody = R"({"contacts":[],"fieldValues":[],"contactLists":[],"contactTags":[]})";

class Verify : public ::testing::Test {
 protected:
  Verify() { vendor_.on("GET /contacts", 200, kAda); }
  Difference verify(const std::string& line, const std::string& options = "{}",
                    sluice::WriteMode mode = sluice::WriteMode::Upsert) {
    auto context = vendor_.context();
    const std::vector<sluice::Write> batch{row(line)};
    return vendor_.open(options, mode)->verify(context, batch).front();
  }
  Vendor vendor_;
};

TEST_F(Verify, WhatIsAsItWouldBeWrittenIsNoDifference) {
  const auto same = verify(R"({"key":"A@b.co","remote_id":"7","fields":{"email":"A@b.co",
      "firstName":" Ada","TIER":null,"Plan":"gold"},"sets":{"tags":{"add":["VIP"]},
      "lists":{"add":["Customers"]}}})");
  EXPECT_TRUE(same.found);
  EXPECT_EQ(same.remote_id, "7");
  EXPECT_THAT(same.names, IsEmpty());
  EXPECT_THAT(vendor_.writes(), IsEmpty());
}

TEST_F(Verify, NamesFieldsTagsAndListsThatDiffer) {
  const auto other = verify(R"({"key":"a@b.co","fields":{"firstName":"Bob","phone":null,
      "Plan":"silver"},"sets":{"tags":{"add":["churned"],"remove":["vip"]},
      "lists":{"remove":["Customers"]}}})");
  EXPECT_THAT(other.names, UnorderedElementsAre("firstName", "phone", "Plan", "tags", "list:1"));
}

TEST_F(Verify, AFieldThatIsOnlyFilledIsLeftAlone) {
  EXPECT_THAT(verify(R"({"key":"a@b.co","fields":{"firstName":"Bob","lastName":"L"},
      "if_empty":["firstName","lastName"]})")
                  .names,
              ElementsAre("lastName"));
}

TEST_F(Verify, WhoHasLeftAListIsNotMissingThere) {
  constexpr auto kToNews = R"({"key":"a@b.co","fields":{},"sets":{"lists":{"add":["News"]}}})";
  const auto left = verify(kToNews);
  EXPECT_THAT(left.names, IsEmpty());
  EXPECT_THAT(*left.opted_out, ElementsAre("list:2"));
  EXPECT_THAT(verify(kToNews, R"({"resubscribe":"always"})").names, ElementsAre("list:2"));
  const auto ours = verify(
      R"({"key":"a@b.co","withdrawn":["list:2"],"fields":{},"sets":{"lists":{"add":["News"]}}})");
  EXPECT_THAT(ours.names, ElementsAre("list:2"));
  EXPECT_THAT(*ours.opted_out, IsEmpty());
}

TEST_F(Verify, TheListThatEverybodyJoinsMayBeMissing) {
  EXPECT_THAT(verify(R"({"key":"a@b.co","fields":{}})", R"({"list":"Customers"})").names,
              IsEmpty());
  vendor_.on("GET /contacts", 200,
             R"({"contacts":[{"id":"7","email":"a@b.co"}],"fieldValues":[],"contactLists":[],
                 "contactTags":[]})");
  EXPECT_THAT(verify(R"({"key":"a@b.co","fields":{}})", R"({"list":"Customers"})").names,
              ElementsAre("list:1"));
}

TEST_F(Verify, AContactThatIsNotUnderItsIdIsLookedForByEmail) {
  vendor_.on("GET /contacts", [](const Asked& asked) {
    const bool by_id = asked.query.find("ids[]=") != std::string::npos;
    return testing::answered(200, by_id ? kNobody : kAda);
  });
  const auto found = verify(R"({"key":"a@b.co","remote_id":"3","fields":{"firstName":"Ada"}})");
  EXPECT_TRUE(found.found);
  EXPECT_EQ(found.remote_id, "7");
}

TEST_F(Verify, AContactWhoseEmailSomebodyChangedIsNamed) {
  vendor_.on("GET /contacts", [](const Asked& asked) {
    const bool by_id = asked.query.find("ids[]=") != std::string::npos;
    return testing::answered(200, by_id ? kAda : kNobody);
  });
  const auto moved = verify(R"({"key":"old@b.co","remote_id":"7","fields":{}})");
  EXPECT_FALSE(moved.found);
  EXPECT_EQ(moved.key, "a@b.co");
}

TEST_F(Verify, ModeCreateLeavesWhatExists) {
  const auto exists =
      verify(R"({"key":"a@b.co","fields":{"firstName":"Bob"}})", "{}", sluice::WriteMode::Create);
  EXPECT_TRUE(exists.found);
  EXPECT_THAT(exists.names, IsEmpty());
}

std::vector<std::string> screened(Vendor& vendor, const std::string& options = "{}") {
  auto context = vendor.context();
  const auto writer = vendor.open(options);
  std::vector<std::string> refused;
  for (const auto& keys : {std::vector<std::string>{"A@b.co", "b@b.co"},
                           std::vector<std::string>{"c@spam.example", "d@b.co"}}) {
    for (const auto& refusal : writer->screen(context, keys))
      refused.push_back(refusal.key + ": " + refusal.message);
  }
  return refused;
}

TEST(Screen, NamesExcludedAddressesAndReadsTheListOnce) {
  Vendor vendor;
  vendor.on("GET /lists/exclusions", 200, R"({"exclusions":[
      {"id":"1","matchPhrase":"a@B.co","matchType":"exact","channel":"all","lists":[]},
      {"id":"2","matchPhrase":"@spam.example","matchType":"end","channel":"allEmail","lists":[]},
      {"id":"3","matchPhrase":"b@b.co","matchType":"exact","channel":"allSms","lists":[]},
      {"id":"4","matchPhrase":"d@b.co","matchType":"exact","channel":"several","lists":["1"]}],
      "meta":{"total":4}})");
  EXPECT_THAT(
      screened(vendor),
      ElementsAre(
          "A@b.co: the account excludes this address",
          "c@spam.example: the account excludes addresses that end with \"@spam.example\""));
  EXPECT_EQ(vendor.count("GET /lists/exclusions"), 1U);
  EXPECT_EQ(screened(vendor, R"({"list":"Customers"})").back(),
            "d@b.co: the list that contacts join excludes this address");
}

TEST(Screen, AListThatTheKeyMayNotReadRefusesNothingAndIsSaidOnce) {
  Vendor vendor;
  vendor.on("GET /lists/exclusions", 403,
            R"({"message":"You don't have permission to access this resource"})");
  EXPECT_THAT(screened(vendor), IsEmpty());
  int told = 0;
  for (const auto& line : vendor.host.lines())
    told += line.text.find("does not show its exclusion list") != std::string::npos ? 1 : 0;
  EXPECT_EQ(told, 1);
}

}  // namespace
}  // namespace activecampaign
