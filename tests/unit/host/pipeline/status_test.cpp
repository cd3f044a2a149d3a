#include "pipeline/status.hpp"

#include <gtest/gtest.h>

#include "../state/state_fixture.hpp"
#include "mapping/mapping.hpp"
#include "pipeline/session.hpp"

namespace sluice::host {
namespace {

class StatusTest : public StateFixture {
 protected:
  StatusTest() {
    SyncConfig sync;
    sync.name = "people";
    sync.read.stream = "records";
    sync.write.object = "rows";
    file_.name = "x";
    file_.schedule.every = std::chrono::hours{1};
    file_.syncs = {sync};
    state_.set_meta("file_fingerprint.people", fingerprint(sync));
  }
  json::object status(bool complete = true) {
    StatusRequest request;
    request.runs = 10;
    request.decisions = 10;
    request.now_ms = 100'000;
    request.file = &file_;
    request.complete = complete;
    request.spec_fingerprints = spec_fingerprints_;
    return status_of(&state_, "x", request);
  }
  std::string full_reason() {
    const json::object now = status();
    const auto& needed = now.at("full_needed").as_array();
    return needed.empty() ? "" : std::string{needed[0].at("reason").as_string()};
  }

  Integration file_;
  std::map<std::string, std::string> spec_fingerprints_;
  SyncRow row_ = state_.sync("people", "rows");
};

TEST_F(StatusTest, SaysWhyAFullWalkIsDue) {
  EXPECT_EQ(full_reason(), "");
  state_.set_meta("spec_fingerprint.people", "then");
  EXPECT_EQ(full_reason(), "");
  spec_fingerprints_["people"] = "then";
  EXPECT_EQ(full_reason(), "");
  spec_fingerprints_["people"] = "now";
  EXPECT_EQ(full_reason(), "a default of a connector has changed");
  file_.syncs[0].read.stream = "others";
  EXPECT_EQ(full_reason(), "the mapping has changed");
  EXPECT_TRUE(status(false).at("full_needed").as_array().empty());
  row_.walking = true;
  state_.put_sync(row_);
  EXPECT_EQ(full_reason(), "a full walk was interrupted");
}

TEST_F(StatusTest, AConnectorsDefaultIsPartOfWhatIsWritten) {
  const auto spec = [](const char* fallback) {
    return parse_json(
               R"({"write":{"rows":{"type":"object","properties":{"transport":{"type":"string",
        "default":")" +
               std::string{fallback} + R"("}}}}})")
        .as_object();
  };
  const SyncConfig& sync = file_.syncs[0];
  EXPECT_EQ(spec_fingerprint(sync, {}, {}), fingerprint(sync));
  EXPECT_EQ(spec_fingerprint(sync, {}, spec("auto")), spec_fingerprint(sync, {}, spec("auto")));
  EXPECT_NE(spec_fingerprint(sync, {}, spec("auto")), spec_fingerprint(sync, {}, spec("bulk")));
  SyncConfig chosen = sync;
  chosen.write.options["transport"] = "bulk";
  EXPECT_EQ(spec_fingerprint(chosen, {}, spec("auto")), spec_fingerprint(chosen, {}, spec("bulk")));
}

TEST_F(StatusTest, TheSourceIsReadUpToTheStartOfTheLastCompleteRun) {
  EXPECT_FALSE(status().contains("cursor"));
  Runs& runs = state_.runs();
  runs.finish(runs.start("full", 40'000), "done", {}, 50'000);
  runs.finish(runs.start("incremental", 60'000), "done", {{"keys", 1}}, 61'000);
  runs.finish(runs.start("incremental", 70'000), "interrupted", {}, 71'000);
  const json::object cursor = status().at("cursor").as_object();
  EXPECT_EQ(cursor.at("as_of").as_int64(), 40'000);
  EXPECT_EQ(cursor.at("age_seconds").as_int64(), 60);
}

TEST_F(StatusTest, ANextRunIsDueOnlyWhenItMayRun) {
  EXPECT_EQ(status().at("schedule").as_string(), "every 1h");
  EXPECT_FALSE(status().contains("next_run"));
  state_.set_lifecycle(Lifecycle::Active);
  state_.runs().finish(state_.runs().start("full", 40'000), "done", {}, 50'000);
  EXPECT_EQ(status().at("next_run").as_int64(), 3'640'000);
  state_.set_paused(true);
  EXPECT_FALSE(status().contains("next_run"));
  EXPECT_EQ(status().at("paused_from").as_string(), "active");
}

TEST_F(StatusTest, WithoutAStateItIsNew) {
  const json::object fresh = status_of(nullptr, "x", {});
  EXPECT_EQ(fresh.at("state").as_string(), "new");
  EXPECT_EQ(fresh.at("next").as_string(), "validate");
}

TEST(ScheduleText, IsShort) {
  Schedule schedule;
  EXPECT_EQ(to_string(schedule), "manual");
  schedule.every = std::chrono::seconds{90};
  EXPECT_EQ(to_string(schedule), "every 90s");
  schedule.every = std::chrono::hours{48};
  EXPECT_EQ(to_string(schedule), "every 2d");
  schedule.every.reset();
  schedule.cron = "0 4 * * *";
  EXPECT_EQ(to_string(schedule), "cron \"0 4 * * *\" (UTC)");
}

}  // namespace
}  // namespace sluice::host
