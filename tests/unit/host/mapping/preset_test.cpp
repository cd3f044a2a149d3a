// The shipped presets and integrations, over records shaped as the connectors yield them.

#include <filesystem>

#include "mapping_fixture.hpp"

namespace sluice::host {
namespace {

const std::string kConfigs = SLUICE_SOURCE_DIR "/configs/";

Integration shipped(const std::string& name) {
  LoadOptions options;
  options.environment = [](const std::string&) { return std::optional<std::string>{"x"}; };
  return load_integration(kConfigs + name, options);
}

constexpr const char* kCustomer = R"({
  "customer": {"id": "c1", "email": "ada@example.com", "first_name": "Ada", "last_name": "Lovelace",
               "phone": "0049 89 123", "company": "Engines", "billing_address": {"state": "Bavaria", "country": "DE"}},
  "subscription": {"id": "s1", "status": "active", "plan_id": "gold-usd", "plan_code": "gold-usd", "plan_name": "Gold",
                   "mrr": 1999, "currency_code": "USD", "created_at": 1714564800, "trial_end": 1714564800,
                   "current_term_start": 1714564800, "current_term_end": 1717243200, "next_billing_at": 1717243200},
  "subscriptions": [], "gift_purchaser": false})";

TEST(Presets, TheDefaultFieldsAreEighteen) {
  auto sync = shipped("chargebee_to_activecampaign.yaml").syncs.at(0);
  std::erase_if(sync.fields, [](const FieldMapping& one) { return !one.from_preset; });
  EXPECT_EQ(sync.fields.size(), 17U) << "MRR is replaced by the file's own entry";
}

TEST(Presets, MapACustomer) {
  const auto result = map(shipped("chargebee_to_activecampaign.yaml").syncs.at(0), kCustomer);
  ASSERT_EQ(result.status, MapResult::Status::Mapped) << result.rejection.message;
  EXPECT_EQ(result.key, "ada@example.com");
  EXPECT_EQ(
      to_canonical_json(result.fields),
      R"({"Company":"Engines","Country":"DE","Current term end":"2024-06-01","Current term start":"2024-05-01",)"
      R"("Customer ID":"c1","MRR":19.99,"Plan code":"gold-usd","Plan name":"Gold","Plan tier":"Gold",)"
      R"("Renewal date":"2024-06-01","State":"Bavaria","Subscription ID":"s1",)"
      R"("Subscription created at":"2024-05-01","Subscription status":"active","Trial end":"2024-05-01",)"
      R"("email":"ada@example.com","firstName":"Ada","lastName":"Lovelace","phone":"0049 89 123"})");
}

TEST(Presets, MapSomeoneWithoutSubscription) {
  const auto result =
      map(shipped("chargebee_to_activecampaign.yaml").syncs.at(0),
          R"({"customer":{"id":"c2","email":"b@c.de"},"subscription":null,"gift_purchaser":true})");
  ASSERT_EQ(result.status, MapResult::Status::Mapped) << result.rejection.message;
  EXPECT_EQ(to_json(result.fields), R"({"email":"b@c.de","Customer ID":"c2","MRR":null})");
}

TEST(Presets, TestsOfShippedIntegrationsPass) {
  for (const auto& entry : std::filesystem::directory_iterator{kConfigs}) {
    if (entry.path().extension() != ".yaml") continue;
    for (const auto& sync : shipped(entry.path().filename().string()).syncs) {
      for (const auto& result : run_mapping_tests(sync)) {
        EXPECT_TRUE(result.passed) << entry.path() << ": " << result.name << "\n" << result.diff;
      }
    }
  }
}

}  // namespace
}  // namespace sluice::host
