#include "pipeline/plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "../state/state_fixture.hpp"
#include "integration/load.hpp"
#include "pipeline/inspection.hpp"

namespace sluice::host {
namespace {

using ::testing::HasSubstr;

// An integration between two NDJSON files, with the real connector in this process.
class Plan : public ::testing::Test {
 protected:
  Plan() {
    write_source({R"({"id":"a","email":"a@x.io","name":"A"})",
                  R"({"id":"b","email":"b@x.io","name":"B"})",
                  R"({"id":"c","email":"c@x.io","name":"C"})"});
    write_file("NAME: .name");
  }

  void write_source(const std::vector<std::string>& lines) {
    std::ofstream out{path("in.ndjson")};
    for (const auto& line : lines) out << line << '\n';
  }
  void write_file(const std::string& field, const std::string& further = {}) {
    std::ofstream{path("integration.yaml")} << R"(integration: people
source: {connector: file, path: )" << path("in.ndjson")
                                            << R"(, key: id}
destination: {connector: file, path: )" << path("out.ndjson")
                                            << R"(}
schedule: manual
syncs:
  people:
    read: {stream: records}
    write: {object: records, match: email, on_delete: mark, max_deletes: 1}
    filter: .name != "hidden"
    fields:
      email: .email
      )" << field << "\n" << further;
  }

  [[nodiscard]] std::string path(const char* name) const {
    return (directory_.path() / name).string();
  }
  [[nodiscard]] std::unique_ptr<Session> open() const {
    SessionOptions options;
    options.state_root = directory_.path() / "state";
    options.plugin_directories = {std::filesystem::path{SLUICE_BINARY_DIR} / "lib" / "sluice"};
    options.mode = RunMode::InProcess;
    return std::make_unique<Session>(load_integration(path("integration.yaml")),
                                     std::move(options));
  }
  void run(Stage stage) const {
    StageRequest request;
    request.stage = stage;
    static_cast<void>(run_stage(*open(), request));
  }
  void deliver_all() const {
    for (const Stage stage : {Stage::Validate, Stage::Initial, Stage::Full}) run(stage);
  }
  // Everything below the directory, by name.
  [[nodiscard]] std::map<std::string, std::string> everything() const {
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{directory_.path()}) {
      if (!entry.is_regular_file()) continue;
      std::ostringstream content;
      content << std::ifstream{entry.path(), std::ios::binary}.rdbuf();
      files[entry.path().string()] = content.str();
    }
    return files;
  }
  // Plans, and makes sure that nothing was written anywhere.
  json::object plan(const PlanRequest& request = {}) const {
    const auto before = everything();
    json::object result = plan_run(*open(), request);
    EXPECT_TRUE(everything() == before);
    return result;
  }
  static const json::object& sync_of(const json::object& plan) {
    return plan.at("syncs").at(0).as_object();
  }

  TemporaryDirectory directory_;
};

TEST_F(Plan, BeforeAnyRunEverythingIsCreated) {
  const json::object result = plan();
  EXPECT_EQ(result.at("stage"), "full");
  EXPECT_THAT(to_json(result.at("notes")), HasSubstr("`validate` and `initial` come first"));
  const auto& sync = sync_of(result);
  EXPECT_EQ(sync.at("create"), 3);
  EXPECT_EQ(sync.at("update"), 0);
  EXPECT_EQ(to_json(sync.at("records").at(0)),
            R"({"key":"a","destination_key":"a@x.io","does":"create","fields":[)"
            R"({"name":"email","old":null,"new":"a@x.io"},{"name":"NAME","old":null,"new":"A"}],)"
            R"("sets":[]})");
  EXPECT_FALSE(std::filesystem::exists(path("out.ndjson")));
}

TEST_F(Plan, TellsEveryKindOfChange) {
  deliver_all();
  write_source(
      {R"({"id":"a","email":"a@x.io","name":"Ann"})", R"({"id":"b","email":"new@x.io","name":"B"})",
       R"({"id":"d","email":"d@x.io","name":"hidden"})", R"({"id":"e","email":"","name":"E"})"});
  PlanRequest request;
  request.stage = Stage::Full;
  const json::object result = plan(request);
  const auto& sync = sync_of(result);
  EXPECT_EQ(sync.at("create"), 0);
  EXPECT_EQ(sync.at("update"), 1);
  EXPECT_EQ(sync.at("rekey"), 1);
  EXPECT_EQ(sync.at("rejected"), 1);
  EXPECT_EQ(to_json(sync.at("depart")), R"({"mark":1})");
  EXPECT_EQ(to_json(sync.at("left_out")), R"({"left out by the filter":1})");
  EXPECT_EQ(sync.at("errors").at(0).at("key"), "e");
  EXPECT_EQ(sync.at("errors").at(0).at("new"), true);
  EXPECT_FALSE(sync.contains("guard"));
  const auto& records = sync.at("records").as_array();
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(to_json(records[0].at("fields")), R"([{"name":"NAME","old":"A","new":"Ann"}])");
  EXPECT_EQ(records[1].at("previous_key"), "b@x.io");
  EXPECT_EQ(records[2].at("action"), "mark");
  EXPECT_EQ(records[2].at("because"), "deleted at the source");
}

TEST_F(Plan, TellsTheGuardThatWouldStopTheRun) {
  deliver_all();
  write_source({R"({"id":"a","email":"a@x.io","name":"A"})"});
  PlanRequest request;
  request.stage = Stage::Full;
  const json::object result = plan(request);
  const auto& sync = sync_of(result);
  EXPECT_EQ(to_json(sync.at("depart")), R"({"mark":2})");
  EXPECT_THAT(std::string{sync.at("guard").as_string()}, HasSubstr("--allow-deletes 2"));
}

TEST_F(Plan, SaysThatAChangedMappingMakesAFullWalk) {
  deliver_all();
  EXPECT_FALSE(sync_of(plan()).contains("full_needed"));
  write_file("NAME: .name | ascii_upcase + \"!\"");
  const json::object result = plan();
  EXPECT_EQ(result.at("stage"), "incremental");
  EXPECT_EQ(sync_of(result).at("full_needed"), "the mapping has changed");
  EXPECT_EQ(sync_of(result).at("update"), 3);
}

TEST_F(Plan, LimitsWhatItTellsNotWhatItCounts) {
  PlanRequest request;
  request.options.limit = 1;
  const json::object result = plan(request);
  EXPECT_EQ(sync_of(result).at("create"), 3);
  EXPECT_EQ(sync_of(result).at("records").as_array().size(), 1U);
}

TEST_F(Plan, OfSomeKeysReadsOnlyThose) {
  deliver_all();
  write_source({R"({"id":"a","email":"a@x.io","name":"Ann"})",
                R"({"id":"b","email":"b@x.io","name":"Ben"})"});
  PlanRequest request;
  request.keys = {"b"};
  const json::object result = plan(request);
  EXPECT_EQ(sync_of(result).at("read"), 1);
  EXPECT_EQ(sync_of(result).at("update"), 1);
  EXPECT_EQ(sync_of(result).at("records").at(0).at("key"), "b");
}

TEST_F(Plan, LiveComparesWithTheDestination) {
  deliver_all();
  write_source({R"({"id":"a","email":"a@x.io","name":"Ann"})",
                R"({"id":"b","email":"b@x.io","name":"Ben"})",
                R"({"id":"c","email":"c@x.io","name":"C"})"});
  std::ofstream{path("out.ndjson")} << R"({"email":"a@x.io","NAME":"Anne"})" << '\n';
  PlanRequest request;
  request.stage = Stage::Full;
  request.options.live = true;
  const json::object result = plan(request);
  const auto& sync = sync_of(result);
  EXPECT_EQ(sync.at("update"), 1);
  EXPECT_EQ(sync.at("create"), 1);
  const auto& records = sync.at("records").as_array();
  EXPECT_EQ(to_json(records[0].at("fields")), R"([{"name":"NAME","old":"Anne","new":"Ann"}])");
  EXPECT_THAT(std::string{records[1].at("because").as_string()}, HasSubstr("not at the destin"));
}

TEST_F(Plan, ADestinationWithoutLimitsTellsNoMinutes) {
  const json::object result = plan();
  EXPECT_TRUE(result.at("minutes").is_null());
  EXPECT_TRUE(result.at("calls").at("destination").at("planned").is_null());
}

TEST_F(Plan, RunsBesideARun) {
  deliver_all();
  const State held = State::open(directory_.path() / "state", "people", "test");
  EXPECT_EQ(sync_of(plan_run(*open(), {})).at("create"), 0);
}

TEST_F(Plan, OneRecordIsInspected) {
  const auto session = open();
  const json::object seen = inspect_record(*session, "a").at("people").as_object();
  EXPECT_EQ(seen.at("now"), "mapped");
  EXPECT_EQ(seen.at("would_be"), "a@x.io");
  const auto& value = seen.at("values").at(1);
  EXPECT_EQ(value.at("field"), "NAME");
  EXPECT_THAT(std::string{value.at("from").at(0).as_string()}, HasSubstr("integration.yaml:12:"));
}

}  // namespace
}  // namespace sluice::host
