#include "integration/schema.hpp"

#include <gtest/gtest.h>

#include "integration/options.hpp"

namespace sluice::host {
namespace {

TEST(IntegrationSchema, HoldsTheOptionsOfConnectorsWhereTheyAreNamed) {
  const json::object spec = parse_json(R"({
    "id": "billing", "roles": ["source"],
    "config": {"type": "object", "properties": {"pages": {"type": "integer", "default": 5}},
               "required": ["pages"], "additionalProperties": false},
    "read": {"invoices": {"type": "object", "properties": {"paid": {"type": "boolean"}}}}})")
                                .as_object();
  const json::value schema = integration_schema({spec});
  const json::value& entry = schema.at("allOf").at(0);
  EXPECT_EQ(entry.at_pointer("/if/properties/source/properties/connector/const"), "billing");
  const json::value& source = entry.at_pointer("/then/properties/source");
  EXPECT_EQ(
      to_json(source.at("properties")),
      R"({"connector":true,"rate":true,"share":true,"sha256":true,"worker":true,"pages":{"default":5,"anyOf":)"
      R"([{"type":"integer"},{"type":"string","pattern":"\\$\\{"}]}})");
  EXPECT_EQ(source.at("additionalProperties"), false);
  const json::value& read =
      entry.at_pointer("/then/properties/syncs/additionalProperties/properties/read/allOf/0");
  EXPECT_EQ(read.at_pointer("/if/properties/stream/const"), "invoices");
  EXPECT_TRUE(read.at_pointer("/then/properties").as_object().contains("paid"));
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
  EXPECT_EQ(connection_keys(),
            (std::vector<std::string>{"connector", "rate", "share", "sha256", "worker"}));
  EXPECT_EQ(read_keys(), (std::vector<std::string>{"stream"}));
  EXPECT_EQ(write_keys().front(), "object");
}

}  // namespace
}  // namespace sluice::host
