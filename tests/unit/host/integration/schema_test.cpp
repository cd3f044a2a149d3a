#include "integration/schema.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "integration/options.hpp"

namespace sluice::host {
namespace {

TEST(IntegrationSchema, IsTheOneThatIsShipped) {
  std::ifstream in{SLUICE_SOURCE_DIR "/configs/schema/integration.schema.json"};
  ASSERT_TRUE(in);
  const std::string text{std::istreambuf_iterator<char>{in}, {}};
  EXPECT_EQ(to_json(parse_json(text)), to_json(integration_schema()))
      << "write it anew: sluice schema | jq . > configs/schema/integration.schema.json";
}

void expect_descriptions(const json::value& schema, const std::string& path) {
  if (schema.is_array()) {
    for (const auto& item : schema.get_array()) expect_descriptions(item, path);
  }
  if (!schema.is_object()) return;
  for (const auto& member : schema.get_object()) {
    const std::string below = path + "/" + std::string{member.key()};
    if (member.key() == "properties") {
      for (const auto& property : member.value().as_object()) {
        EXPECT_TRUE(property.value().as_object().contains("description"))
            << below << "/" << property.key();
      }
    }
    expect_descriptions(member.value(), below);
  }
}

TEST(IntegrationSchema, DescribesEveryKey) {
  expect_descriptions(integration_schema(), "");
}

TEST(IntegrationSchema, KnowsTheGenericKeysOfOpenBlocks) {
  EXPECT_EQ(connection_keys(), (std::vector<std::string>{"connector", "rate", "share"}));
  EXPECT_EQ(read_keys(), (std::vector<std::string>{"stream"}));
  EXPECT_EQ(write_keys().front(), "object");
}

}  // namespace
}  // namespace sluice::host
