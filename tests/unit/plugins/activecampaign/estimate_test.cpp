#include "estimate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "company_writer.hpp"
#include "vendor.hpp"

namespace activecampaign {
namespace {

using testing::answered;
using testing::Asked;
using testing::echo;
using ::testing::IsEmpty;
using ::testing::Pair;
using testing::row;
using testing::rows;
using ::testing::UnorderedElementsAre;
using testing::Vendor;

class Estimate : public ::testing::Test {
 protected:
  Estimate() {
    vendor_.on("POST /import/bulk_import",
               [](const Asked&) { return answered(200, R"({"success":1,"batchId":"b"})"); });
    vendor_.on("POST /contact/sync", [](const Asked& asked) { return echo(asked, 201, "7"); });
    vendor_.on("POST /contactLists", 200, "{\"contactList\":{}}");
    vendor_.on("POST /contactTags", 201, "{\"contactTag\":{}}");
    vendor_.on("GET /contacts", 200, R"({"contacts":[{"id":"7","email":"a@b.co"}]})");
    vendor_.on("GET /contacts/7/contactLists", 200,
               R"({"contactLists":[{"list":"1","status":"1"}]})");
  }

  // Calls by class.
  std::map<std::string, std::int64_t> estimate(const std::vector<sluice::Write>& batch,
                                               const std::string& options) {
    auto context = vendor_.context();
    std::map<std::string, std::int64_t> calls;
    for (const auto& entry : vendor_.open(options)->estimate(context, batch)) {
      calls[entry.rate.name] = entry.calls;
    }
    return calls;
  }
  // Requests that writing the batch takes.
  std::int64_t written(const std::vector<sluice::Write>& batch, const std::string& options) {
    auto context = vendor_.context();
    const auto writer = vendor_.open(options);
    const auto before = vendor_.total();
    static_cast<void>(writer->write(context, batch));
    return static_cast<std::int64_t>(vendor_.total() - before);
  }

  Vendor vendor_;
};

TEST_F(Estimate, AsksNothingAndWritesNothing) {
  auto context = vendor_.context();
  const auto writer = vendor_.open(R"({"list":"Customers"})");
  const auto before = vendor_.total();
  static_cast<void>(writer->estimate(context, rows(300)));
  EXPECT_EQ(vendor_.total(), before);
}

TEST_F(Estimate, NewRowsTakeWhatWritingThemTakes) {
  const std::string options = R"({"list":"Customers","transport":"sync"})";
  const std::vector<sluice::Write> batch{row(R"({"key":"a@b.co","fields":{"firstName":"A"}})")};
  EXPECT_THAT(estimate(batch, options), UnorderedElementsAre(Pair("general", 2)));
  EXPECT_EQ(written(batch, options), 2);
}

TEST_F(Estimate, AKnownContactsListsAreReadAndItsTagsAdded) {
  const std::string options = R"({"list":"Customers","transport":"sync"})";
  vendor_.on("POST /contact/sync", [](const Asked& asked) { return echo(asked, 200, "7"); });
  const std::vector<sluice::Write> batch{row(
      R"({"key":"a@b.co","delivered":true,"fields":{"firstName":"A"},"sets":{"tags":{"add":["vip"],"remove":[]}}})")};
  EXPECT_THAT(estimate(batch, options), UnorderedElementsAre(Pair("general", 3)));
  // The tags of the account are read once.
  EXPECT_EQ(written(batch, options), 3 + 1);
}

TEST_F(Estimate, ManyRowsGoByImports) {
  EXPECT_THAT(estimate(rows(600), "{}"), UnorderedElementsAre(Pair("general", 6), Pair("bulk", 3)));
}

TEST_F(Estimate, ASingleImportHasAClassOfItsOwn) {
  EXPECT_THAT(estimate(rows(1), R"({"exclude_automations":true})"),
              UnorderedElementsAre(Pair("general", 2), Pair("bulk_single", 1)));
}

TEST_F(Estimate, FieldsThatARunWouldCreateCountAsThere) {
  EXPECT_THAT(estimate(rows(20, R"(,"fields":{"Not there yet":"x"})"), "{}"),
              UnorderedElementsAre(Pair("general", 2), Pair("bulk", 1)));
  // Clearing needs a single call each, also where the field comes first.
  EXPECT_THAT(estimate(rows(20, R"(,"fields":{"Not there yet":null})"), "{}"),
              UnorderedElementsAre(Pair("general", 20)));
}

TEST_F(Estimate, RemovalsLookFirst) {
  const std::vector<sluice::Write> batch{
      row(R"({"op":"delete","key":"a@b.co","action":"unsubscribe","delivered":true})")};
  const std::string options = R"({"list":"Customers"})";
  EXPECT_THAT(estimate(batch, options), UnorderedElementsAre(Pair("general", 3)));
  EXPECT_EQ(written(batch, options), 3);
}

TEST_F(Estimate, AccountsAreLookedUpOnlyWhereTheyMayExist) {
  CompanyWriter writer{vendor_.client(), {}};
  auto context = vendor_.context();
  const std::vector<sluice::Write> batch{
      row(R"({"key":"New Ltd","fields":{}})"),
      row(R"({"key":"Old Ltd","delivered":true,"fields":{}})"),
      row(R"({"op":"delete","key":"Gone Ltd","action":"delete"})")};
  const auto calls = writer.estimate(context, batch);
  ASSERT_EQ(calls.size(), 1U);
  EXPECT_EQ(calls.front().calls, 5);
}

TEST_F(Estimate, RefusedRowsCostNothing) {
  EXPECT_THAT(estimate({row(R"({"op":"delete","key":"a@b.co","action":"shred"})")}, "{}"),
              IsEmpty());
}

}  // namespace
}  // namespace activecampaign
