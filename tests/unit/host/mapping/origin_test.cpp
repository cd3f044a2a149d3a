#include "mapping/origin.hpp"

#include "mapping_fixture.hpp"

namespace sluice::host {
namespace {

std::vector<std::string> told(const SyncConfig& sync, const std::string& record) {
  std::vector<std::string> out;
  for (const auto& origin : origins_of(sync, map(sync, record))) {
    out.push_back(origin.field + " " + origin.entry + " " + origin.file + ":" +
                  std::to_string(origin.at.line) + " " + origin.text);
  }
  return out;
}

TEST(Origin, NamesTheEntryThatMadeEachValue) {
  auto sync = sync_with({field("plan", ".plan"), field("gone", ".gone")});
  sync.preset_file = "p.yaml";
  sync.fields[0].from_preset = true;
  sync.fields[0].at = {3, 5};
  sync.fields[1].at = {9, 5};
  EXPECT_THAT(told(sync, R"({"id":"a","plan":"gold"})"),
              ::testing::ElementsAre("key preset p.yaml:3 .id", "plan fields :9 .plan"));
}

TEST(Origin, ARuleReplacesAPlainValueAndAddsToASet) {
  auto sync = sync_with(
      {field("plan", ".plan"), field("marks", ".marks")},
      {rule(".vip", {{"plan", "best"}, {"marks", {"vip"}}}), rule(".old", {{"marks", {"old"}}})});
  EXPECT_THAT(
      told(sync, R"({"id":"a","plan":"gold","marks":["x"],"vip":true,"old":true})"),
      ::testing::ElementsAre("key fields :0 .id", "marks fields :0 .marks", "plan rule 1 :0 .vip",
                             "marks rule 1 :0 .vip", "marks rule 2 :0 .old"));
  EXPECT_THAT(told(sync, R"({"id":"a","plan":"gold"})"),
              ::testing::ElementsAre("key fields :0 .id", "plan fields :0 .plan"));
}

}  // namespace
}  // namespace sluice::host
