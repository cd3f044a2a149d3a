// The integrations that are shipped, and what becomes of them when they are damaged.

#include <filesystem>
#include <fstream>
#include <random>

#include "lint_fixture.hpp"

namespace sluice::host {
namespace {

using ::testing::IsEmpty;

const std::string kConfigs = SLUICE_SOURCE_DIR "/configs/";

std::string read(const std::string& path) {
  std::ifstream in{path};
  return {std::istreambuf_iterator<char>{in}, {}};
}

class ConfigsTest : public LintTest {
 protected:
  ConfigsTest() {
    environment = {{"CHARGEBEE_SITE", "acme"},
                   {"CHARGEBEE_API_KEY", "k1"},
                   {"ACTIVECAMPAIGN_URL", "https://acme.api-us1.com"},
                   {"ACTIVECAMPAIGN_API_KEY", "k2"}};
  }
  std::vector<std::string> findings_of(const std::string& name) {
    return texts(lint_integration(kConfigs + name, options).diagnostics);
  }
  // Whatever the text, the answer is an integration or a reason, never neither.
  void expect_answer(const std::string& text) {
    const auto result = lint_integration_text(text, kConfigs + "x.yaml", options);
    EXPECT_TRUE(result.ok() || !result.diagnostics.empty()) << text;
    if (!result.integration) return;
    for (const auto& sync : result.integration->syncs) {
      for (const auto& field : sync.fields) {
        EXPECT_GT(position_of(field.value, field.value.text.size()).column, -1);
      }
    }
  }
};

TEST_F(ConfigsTest, ShippedFilesLoad) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator{kConfigs}) {
    if (entry.path().extension() != ".yaml") continue;
    ++files;
    EXPECT_THAT(findings_of(entry.path().filename()), IsEmpty()) << entry.path();
  }
  EXPECT_GE(files, 5);
}

TEST_F(ConfigsTest, ShippedFilesLintWithoutSecrets) {
  environment.clear();
  options.resolve_secrets = false;
  const auto result = lint_integration(kConfigs + "chargebee_to_activecampaign.yaml", options);
  EXPECT_TRUE(result.ok()) << ::testing::PrintToString(texts(result.diagnostics));
  EXPECT_EQ(result.diagnostics.size(), 4U);
}

TEST_F(ConfigsTest, TheBigOneSaysWhatItShould) {
  const auto integration = load_integration(kConfigs + "chargebee_to_activecampaign.yaml", options);
  EXPECT_EQ(integration.name, "chargebee-to-activecampaign");
  EXPECT_EQ(to_json(integration.source.options), R"({"site":"acme","api_key":"k1"})");
  const auto& sync = integration.syncs.at(0);
  EXPECT_EQ(to_json(sync.read.options),
            R"({"subscription":"prefer_active","gift_purchasers":true})");
  EXPECT_EQ(sync.write.on_delete, "unsubscribe");
  EXPECT_EQ(sync.checks.size(), 2U);
  EXPECT_EQ(sync.tests.size(), 3U);
  EXPECT_EQ(sync.fields.size(), 21U)
      << "18 of the preset, 3 more, and one that replaces the preset's";
}

TEST_F(ConfigsTest, EveryPrefixLoadsOrIsExplained) {
  const auto text = read(kConfigs + "chargebee_to_activecampaign.yaml");
  ASSERT_GT(text.size(), 1000U);
  for (std::size_t length = 0; length < text.size(); length += length < 400 ? 1 : 7) {
    expect_answer(text.substr(0, length));
  }
}

TEST_F(ConfigsTest, EveryDamageIsExplained) {
  const auto text = read(kConfigs + "chargebee_to_activecampaign.yaml");
  std::mt19937 random{7};
  const std::string bytes = "\n\t {}[]:,-'\"|>&*!#%@`$~\\?\xC3";
  for (int i = 0; i < 500; ++i) {
    auto damaged = text;
    for (int j = 0; j < 3; ++j) {
      const auto at = random() % damaged.size();
      if (random() % 2 == 0) {
        damaged.erase(at, 1 + random() % 20);
      } else {
        damaged.insert(at, 1, bytes[random() % bytes.size()]);
      }
    }
    expect_answer(damaged);
  }
}

}  // namespace
}  // namespace sluice::host
