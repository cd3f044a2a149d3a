#include "pipeline/plan_change.hpp"

#include <gtest/gtest.h>

namespace sluice::host {
namespace {

PlannedChange change() {
  PlannedChange change;
  change.key = "a@x.io";
  change.document.fields = {{"name", "Ann"}, {"seats", 12}, {"nick", "A"}};
  change.document.sets = {{"marks", {"gold", "vip"}}};
  return change;
}

TEST(PlanChange, TellsOldAndNewOfWhatWasDelivered) {
  PlannedChange planned = change();
  planned.delivered.fields = {{"name", "Anna"}, {"seats", 12}, {"other", 1}};
  planned.delivered.sets = {{"marks", {"gold", "new"}}, {"groups", {"x"}}};
  planned.if_empty = {"nick"};
  EXPECT_EQ(to_json(field_changes(planned)),
            R"([{"name":"name","old":"Anna","new":"Ann"},)"
            R"({"name":"nick","old":null,"new":"A","if_empty":true}])");
  EXPECT_EQ(to_json(set_changes(planned)), R"([{"name":"groups","add":[],"remove":["x"]},)"
                                           R"({"name":"marks","add":["vip"],"remove":["new"]}])");
}

TEST(PlanChange, ANewRecordHasNothingOld) {
  EXPECT_EQ(field_changes(change()).size(), 3U);
  EXPECT_EQ(to_json(set_changes(change())),
            R"([{"name":"marks","add":["gold","vip"],"remove":[]}])");
}

TEST(PlanChange, ComparesWithWhatStandsAtTheDestination) {
  PlannedChange planned = change();
  planned.delivered.sets = {{"marks", {"new", "old"}}};
  planned.if_empty = {"nick"};
  const json::object remote = parse_json(R"({"key":"a@x.io","found":true,
      "fields":{"name":"Ann","seats":"12","nick":"Z"},"sets":{"marks":["vip","new","mine"]}})")
                                  .as_object();
  EXPECT_EQ(to_json(field_changes(planned, remote)), "[]");
  EXPECT_EQ(to_json(set_changes(planned, remote)),
            R"([{"name":"marks","add":["gold"],"remove":["new"]}])");
}

TEST(PlanChange, AgainstNothingEverythingIsNew) {
  const json::object remote{{"key", "a@x.io"}, {"found", false}};
  EXPECT_EQ(field_changes(change(), remote).size(), 3U);
  EXPECT_EQ(set_changes(change(), remote).size(), 1U);
}

}  // namespace
}  // namespace sluice::host
