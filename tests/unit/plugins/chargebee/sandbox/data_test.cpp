#include <algorithm>
#include <map>

#include "hash.hpp"
#include "site.hpp"

namespace chargebee_sandbox {
namespace {

using sluice::testing::hash_of;

std::map<std::string, std::int64_t> count_by(const json::array& rows, std::string_view name) {
  std::map<std::string, std::int64_t> counts;
  for (const auto& row : rows) {
    const json::value* value = row.as_object().if_contains(name);
    ++counts[value == nullptr ? "(absent)" : sluice::to_json(*value)];
  }
  return counts;
}

class ChargebeeData : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    Site site{Site::small(2000)};
    dump_ = new json::value(site.dump());
  }
  static void TearDownTestSuite() { delete dump_; }
  static const json::array& rows(const char* plural) { return dump_->at(plural).as_array(); }

  static json::value* dump_;
};
json::value* ChargebeeData::dump_ = nullptr;

TEST_F(ChargebeeData, IsTheSameForASeed) {
  Site first{Site::small(100)};
  Site second{Site::small(100)};
  EXPECT_EQ(sluice::to_json(first.dump()), sluice::to_json(second.dump()));
  Settings other = Site::small(100);
  other.seed = 2;
  Site third{other};
  EXPECT_NE(sluice::to_json(first.dump()), sluice::to_json(third.dump()));
}

// Pins the data for compilers, their flags and libraries. Where a change of the generator is meant
// to change the data, the new numbers belong here.
TEST_F(ChargebeeData, IsTheSameOnEveryMachine) {
  Settings settings = Site::small(300);
  settings.seed = 7;
  Site site{settings};
  EXPECT_EQ(hash_of(site.dump_text()), 17'902'123'673'286'861'184ULL);
  site.get("/invoices");  // made when they are first asked for
  EXPECT_EQ(hash_of(site.dump_text()), 18'168'339'946'342'884'874ULL);
  site.mutate(R"({"create":20,"update":60,"delete":5,"seed":3})");
  EXPECT_EQ(hash_of(site.dump_text()), 14'556'717'078'364'009'757ULL);
}

TEST_F(ChargebeeData, HasLiveCustomersAsAskedAndDeletedOnesOnTop) {
  const auto deleted = count_by(rows("customers"), "deleted");
  EXPECT_EQ(deleted.at("false"), 2000);
  EXPECT_EQ(deleted.at("true"), 20);
}

TEST_F(ChargebeeData, HoldsEveryAwkwardCase) {
  const json::array& customers = rows("customers");
  const auto emails = count_by(customers, "email");
  EXPECT_GT(emails.at("(absent)"), 3);
  EXPECT_TRUE(std::any_of(emails.begin(), emails.end(), [](const auto& entry) {
    return entry.second > 1 && entry.first != "(absent)";
  }));
  const auto consent = count_by(customers, "cs_marketing");
  for (const char* value : {"(absent)", "null", "true", "false"})
    EXPECT_GT(consent.at(value), 0) << value;
  EXPECT_GT(count_by(customers, "updated_at").at("(absent)"), 5);
  EXPECT_GT(count_by(customers, "preferred_currency_code").at("\"JPY\""), 0);
  EXPECT_GT(count_by(customers, "pii_cleared").at("\"cleared\""), 0);
  EXPECT_GT(count_by(customers, "cf_newsletter").at("\"True\""), 0);
  EXPECT_LT(count_by(customers, "active_id").at("(absent)"),
            static_cast<std::int64_t>(customers.size()));
  const auto most = [](const std::map<std::string, std::int64_t>& counts) {
    std::int64_t highest = 0;
    for (const auto& [value, count] : counts) {
      if (value != "(absent)") highest = std::max(highest, count);
    }
    return highest;
  };
  EXPECT_GT(most(count_by(customers, "created_at")), 100);
  EXPECT_GT(most(count_by(customers, "updated_at")), 100);
  EXPECT_GT(most(count_by(rows("subscriptions"), "customer_id")), 100);
}

TEST_F(ChargebeeData, HasEveryStatus) {
  const auto subscriptions = count_by(rows("subscriptions"), "status");
  for (const char* status :
       {"future", "in_trial", "active", "non_renewing", "paused", "cancelled", "transferred"}) {
    EXPECT_GT(subscriptions.count('"' + std::string{status} + '"'), 0U) << status;
  }
  const auto gifts = count_by(rows("gifts"), "status");
  for (const char* status : {"scheduled", "unclaimed", "claimed", "cancelled", "expired"}) {
    EXPECT_GT(gifts.count('"' + std::string{status} + '"'), 0U) << status;
  }
}

TEST_F(ChargebeeData, KeepsTheVersionRule) {
  for (const char* plural : {"customers", "subscriptions", "gifts"}) {
    for (const auto& row : rows(plural)) {
      const json::value* updated = row.as_object().if_contains("updated_at");
      if (updated == nullptr) continue;
      ASSERT_EQ(updated->as_int64(), row.at("resource_version").as_int64() / 1000);
      ASSERT_LE(updated->as_int64(), kNow / 1000);
    }
  }
}

TEST_F(ChargebeeData, LinksItsRows) {
  std::map<std::string, const json::object*> customers;
  std::map<std::string, int> subscriptions;
  for (const auto& row : rows("customers"))
    customers[std::string{row.at("id").as_string()}] = &row.as_object();
  std::map<std::string, std::int64_t> mrr;
  for (const auto& row : rows("subscriptions")) {
    const std::string owner{row.at("customer_id").as_string()};
    ++subscriptions[owner];
    ASSERT_TRUE(customers.contains(owner));
    if (customers[owner]->at("deleted") == true) {
      ASSERT_EQ(row.at("deleted"), true);
    }
    ASSERT_EQ(row.at("currency_code"), customers[owner]->at("preferred_currency_code"));
    mrr[owner] += row.at("mrr").as_int64();
  }
  for (const auto& [id, row] : customers) ASSERT_EQ(row->at("mrr").as_int64(), mrr[id]);
  int gifters_without = 0;
  for (const auto& gift : rows("gifts")) {
    const std::string gifter{gift.at("gifter").at("customer_id").as_string()};
    ASSERT_TRUE(customers.contains(gifter));
    ASSERT_EQ(customers[gifter]->at("deleted"), false);
    gifters_without += subscriptions.contains(gifter) ? 0 : 1;
  }
  EXPECT_GT(gifters_without, 0);
  EXPECT_GT(rows("customers").size(), subscriptions.size());
}

TEST_F(ChargebeeData, NamesTheObjectEverywhereAndOmitsWhatIsUnset) {
  for (const auto& row : rows("customers")) {
    ASSERT_EQ(row.at("object"), "customer");
    for (const auto& [name, value] : row.as_object()) {
      if (value.is_object() && name != "meta_data") {
        ASSERT_EQ(value.at("object").as_string(), name);
      }
      if (!name.starts_with("cs_")) {
        ASSERT_FALSE(value.is_null()) << name;
      }
    }
  }
}

TEST(ChargebeeCatalogueOne, SellsPlansRatherThanItems) {
  Settings settings = Site::small(50);
  settings.catalog = 1;
  Site site{settings};
  const auto row = site.walk("/subscriptions").at(0).at("subscription").as_object();
  EXPECT_TRUE(row.contains("plan_id"));
  EXPECT_FALSE(row.contains("subscription_items"));
  const std::string plan{row.at("plan_id").as_string()};
  EXPECT_EQ(body(site.get("/plans/" + plan)).at("plan").at("id").as_string(), plan);
}

}  // namespace
}  // namespace chargebee_sandbox
