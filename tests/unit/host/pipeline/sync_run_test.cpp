#include "pipeline/sync_run.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "../state/state_fixture.hpp"
#include "pipeline/departures.hpp"

namespace sluice::host {
namespace {

// Runs a sync between two NDJSON files, with the real connector in this process.
class SyncRunTest : public StateFixture {
 protected:
  SyncRunTest() {
    config_.name = "people";
    config_.read.stream = "records";
    config_.write.object = "records";
    config_.write.match = "email";
    config_.write.on_delete = "mark";
    config_.fields = {
        {.name = "email", .value = {.text = ".email", .at = {}}, .type = {}, .at = {}},
        {.name = "name", .value = {.text = ".name", .at = {}}, .type = {}, .at = {}}};
    write_source({"{\"id\":\"a\",\"email\":\"a@x.io\",\"name\":\"A\"}",
                  "{\"id\":\"b\",\"email\":\"b@x.io\",\"name\":\"B\"}",
                  "{\"id\":\"c\",\"email\":\"c@x.io\",\"name\":\"C\"}"});
  }

  void write_source(const std::vector<std::string>& lines) {
    std::ofstream out{source_path()};
    for (const auto& line : lines) out << line << '\n';
  }
  [[nodiscard]] std::string source_path() const {
    return (directory_.path() / "in.ndjson").string();
  }
  [[nodiscard]] std::string destination_path() const {
    return (directory_.path() / "out.ndjson").string();
  }
  [[nodiscard]] std::size_t delivered_lines() const {
    std::ifstream in{destination_path()};
    std::size_t count = 0;
    for (std::string line; std::getline(in, line);) ++count;
    return count;
  }

  // What the destination file says in the end: name by e-mail, without what was deleted.
  [[nodiscard]] std::map<std::string, std::string> last_delivered() const {
    std::map<std::string, std::string> names;
    std::ifstream in{destination_path()};
    for (std::string line; std::getline(in, line);) {
      const json::object row = parse_json(line).as_object();
      const std::string email{row.at("email").as_string()};
      if (row.contains("_deleted")) {
        names.erase(email);
      } else {
        names[email] = row.at("name").as_string();
      }
    }
    return names;
  }

  SyncResult run(const std::function<SyncResult(SyncRun&)>& stage,
                 const std::function<void(SyncContext&)>& prepare = {}) {
    const Catalog catalog =
        Catalog::scan({std::filesystem::path{SLUICE_BINARY_DIR} / "lib" / "sluice"});
    const PluginFile& plugin = catalog.find("file");
    Connection connection;
    connection.connector = "file";
    RateBudget budget{directory_.path() / "rates", system_wall_clock()};
    Side source{"source", plugin, connection, budget, RunMode::InProcess};
    source.configure({{"path", source_path()}, {"key", "id"}}, {});
    Side destination{"destination", plugin, connection, budget, RunMode::InProcess};
    destination.configure({{"path", destination_path()}}, {});
    const Mapping mapping = Mapping::compile(config_);
    SyncContext context{.config = config_,
                        .mapping = mapping,
                        .source = source,
                        .destination = destination,
                        .state = state_,
                        .options = options_,
                        .clock = system_wall_clock(),
                        .stop = {},
                        .progress = {},
                        .row = state_.sync("people", "records"),
                        .run = state_.runs().start("test", 1),
                        .fingerprint = fingerprint(config_),
                        .checkpoint = {}};
    if (prepare) prepare(context);
    SyncResult result;
    {
      SyncRun sync{context};
      result = stage(sync);
    }
    walked_ = context.row.walked;
    return result;
  }

  SyncConfig config_;
  Walked walked_ = Walked::No;  // as the last run left it
  RunOptions options_;
};

TEST_F(SyncRunTest, DeliversEverythingOnceAndNothingTwice) {
  const SyncResult first = run(&SyncRun::full);
  EXPECT_EQ(first.totals.read, 3);
  EXPECT_EQ(first.totals.of(RecordOutcome::Delivered), 3);
  const SyncResult second = run(&SyncRun::full);
  EXPECT_EQ(second.totals.of(RecordOutcome::Unchanged), 3);
  EXPECT_EQ(delivered_lines(), 3U);
}

TEST_F(SyncRunTest, OfAStreamWithoutLatestTheFirstOnesAreTheSample) {
  const auto initial = [](SyncRun& sync) { return sync.initial(2); };
  const auto without_latest = [](SyncContext& context) { context.reads_latest = false; };
  EXPECT_EQ(run(initial, without_latest).totals.of(RecordOutcome::Delivered), 2);
  EXPECT_EQ(delivered_lines(), 2U);
  EXPECT_FALSE(state_.sync("people", "records").cursor);
  const SyncResult full = run(&SyncRun::full, without_latest);
  EXPECT_EQ(full.totals.of(RecordOutcome::Unchanged), 2);
  EXPECT_EQ(full.totals.of(RecordOutcome::Delivered), 1);
}

TEST_F(SyncRunTest, AStreamThatCannotTellWhatHasChangedIsWalkedOver) {
  (void)run(&SyncRun::full);
  // The file's own incremental walk, from its last line on, would see nothing of this.
  write_source({"{\"id\":\"a\",\"email\":\"a@x.io\",\"name\":\"A\"}",
                "{\"id\":\"b\",\"email\":\"b@x.io\",\"name\":\"changed\"}"});
  const SyncResult result = run(&SyncRun::incremental, [](SyncContext& context) {
    context.reads_changes = false;
    context.options.allow_deletes = 1;
  });
  EXPECT_EQ(result.totals.of(RecordOutcome::Unchanged), 1);
  EXPECT_EQ(result.totals.of(RecordOutcome::Delivered), 1);
  EXPECT_EQ(result.totals.of(RecordOutcome::Deleted), 1);
  EXPECT_EQ(last_delivered(),
            (std::map<std::string, std::string>{{"a@x.io", "A"}, {"b@x.io", "changed"}}));
}

TEST_F(SyncRunTest, ASampleDoesNotEndAWalkThatWasInterrupted) {
  (void)run([](SyncRun& sync) { return sync.initial(10); },
            [](SyncContext& context) {
              context.row.walking = true;
              context.row.walked = Walked::No;
            });
  EXPECT_EQ(walked_, Walked::No);
}

TEST_F(SyncRunTest, VerifyRepairsWhatOthersChangedAndNothingElse) {
  (void)run(&SyncRun::full);
  std::ofstream{destination_path(), std::ios::app}
      << "{\"email\":\"a@x.io\",\"name\":\"Somebody\",\"own\":1}\n"
      << "{\"email\":\"b@x.io\",\"_deleted\":true}\n";
  const SyncResult plain = run(&SyncRun::full);
  EXPECT_EQ(plain.totals.of(RecordOutcome::Unchanged), 3);
  EXPECT_EQ(plain.verification.verified, 0);
  options_.verify = true;
  const SyncResult repaired = run(&SyncRun::full);
  EXPECT_EQ(repaired.totals.read, 3);
  EXPECT_EQ(repaired.totals.of(RecordOutcome::Delivered), 2);
  EXPECT_EQ(repaired.totals.of(RecordOutcome::Unchanged), 1);
  EXPECT_EQ(repaired.verification.verified, 3);
  EXPECT_EQ(repaired.verification.drifted, 2);
  EXPECT_EQ(repaired.verification.missing, 1);
  EXPECT_EQ(last_delivered(), (std::map<std::string, std::string>{
                                  {"a@x.io", "A"}, {"b@x.io", "B"}, {"c@x.io", "C"}}));
  const SyncResult again = run(&SyncRun::full);
  EXPECT_EQ(again.totals.of(RecordOutcome::Unchanged), 3);
  EXPECT_EQ(again.verification.drifted, 0);
}

TEST_F(SyncRunTest, ARecordThatComesTwiceInABatchEndsAsItCameLast) {
  write_source({"{\"id\":\"a\",\"email\":\"a@x.io\",\"name\":\"first\"}",
                "{\"id\":\"b\",\"email\":\"b@x.io\",\"name\":\"B\"}",
                "{\"id\":\"a\",\"email\":\"a@x.io\",\"name\":\"second\"}",
                "{\"id\":\"a\",\"email\":\"moved@x.io\",\"name\":\"third\"}"});
  const SyncResult result = run(&SyncRun::full);
  EXPECT_EQ(result.totals.read, 4);
  EXPECT_EQ(result.totals.of(RecordOutcome::Delivered), 4);
  EXPECT_EQ(last_delivered(),
            (std::map<std::string, std::string>{{"b@x.io", "B"}, {"moved@x.io", "third"}}));
}

TEST_F(SyncRunTest, AKeyThatManyClaimGoesToTheLatestOfThem) {
  config_.write.on_duplicate = DuplicatePolicy::Latest;
  for (const auto& ids : {std::vector{"p", "z", "a", "m"}, std::vector{"m", "a", "z", "p"}}) {
    std::vector<std::string> lines;
    for (const std::string id : ids) {
      lines.push_back(R"({"id":")" + id + R"(","email":"one@x.io","name":")" + id + "\"}");
    }
    write_source(lines);
    const SyncResult result = run(&SyncRun::full);
    EXPECT_EQ(result.totals.read, 4);
    EXPECT_EQ(last_delivered(), (std::map<std::string, std::string>{{"one@x.io", ids.back()}}));
  }
}

// Claims the key of a record that goes before it, and leaves a delivered one behind.
TEST_F(SyncRunTest, WhatARecordLeavesBehindGoesWithIt) {
  config_.write.on_duplicate = DuplicatePolicy::First;
  run(&SyncRun::full);
  write_source({"{\"id\":\"a\",\"email\":\"a@x.io\",\"name\":\"A\"}",
                "{\"id\":\"b\",\"email\":\"a@x.io\",\"name\":\"B\"}",
                "{\"id\":\"c\",\"email\":\"a@x.io\",\"name\":\"C\"}"});
  EXPECT_EQ(run(&SyncRun::full).totals.of(RecordOutcome::Superseded), 2);
  EXPECT_EQ(last_delivered().size(), 3U);
  write_source({"{\"id\":\"a\",\"email\":\"a@x.io\",\"name\":\"A\"}",
                "{\"id\":\"c\",\"email\":\"new@x.io\",\"name\":\"C\"}"});
  EXPECT_EQ(run(&SyncRun::full).totals.of(RecordOutcome::Deleted), 1);
  EXPECT_EQ(last_delivered(),
            (std::map<std::string, std::string>{{"a@x.io", "A"}, {"new@x.io", "C"}}));
}

TEST_F(SyncRunTest, FailsWhenAnOutcomeIsMissing) {
  EXPECT_THROW(run(&SyncRun::full,
                   [](SyncContext& context) {
                     context.progress = [&context](const Progress&) {
                       context.state.runs().drop_rows(context.run);
                     };
                   }),
               Error);
}

TEST_F(SyncRunTest, VanishedRecordsAreDeletedOnlyWithinTheLimit) {
  run(&SyncRun::full);
  write_source({"{\"id\":\"a\",\"email\":\"a@x.io\",\"name\":\"A\"}"});
  config_.write.max_deletes.count = 1;
  EXPECT_THROW(run(&SyncRun::full), Refused);
  EXPECT_EQ(delivered_lines(), 3U);
  options_.allow_deletes = 2;
  const SyncResult result = run(&SyncRun::full);
  EXPECT_EQ(result.totals.of(RecordOutcome::Deleted) + result.totals.of(RecordOutcome::Unchanged),
            result.totals.read);
  EXPECT_EQ(state_.ledger().delivered_count(state_.sync("people", "records").object), 1);
}

TEST_F(SyncRunTest, ChangedMappingSendsOnlyWhatDiffers) {
  run(&SyncRun::full);
  config_.fields.push_back({.name = "vip",
                            .value = {.text = "if .id == \"b\" then true else null end", .at = {}},
                            .type = {},
                            .at = {}});
  const SyncResult result = run(&SyncRun::incremental);
  EXPECT_TRUE(result.was_full);
  EXPECT_EQ(result.totals.of(RecordOutcome::Delivered), 1);
  EXPECT_EQ(result.totals.of(RecordOutcome::Unchanged), 2);
}

TEST_F(SyncRunTest, WithoutALedgerEveryRunSendsWhatItReads) {
  config_.write.ledger = false;
  for (int i = 1; i <= 2; ++i) {
    const SyncResult result = run(&SyncRun::full);
    EXPECT_EQ(result.totals.read, 3);
    EXPECT_EQ(result.totals.of(RecordOutcome::Delivered), 3);
  }
  EXPECT_EQ(state_.inventory().records, 0);
  EXPECT_EQ(state_.inventory().delivered, 0);
}

TEST_F(SyncRunTest, WithoutALedgerErrorsAreKeptAndResolved) {
  config_.write.ledger = false;
  config_.checks = {{.that = {.text = ".name != \"B\"", .at = {}}, .say = "no B"}};
  const SyncResult result = run(&SyncRun::full);
  EXPECT_EQ(result.totals.of(RecordOutcome::Delivered), 2);
  EXPECT_EQ(result.totals.of(RecordOutcome::Rejected), 1);
  EXPECT_EQ(result.new_errors, 1);
  write_source({R"({"id":"b","email":"b@x.io","name":"Beth"})"});
  EXPECT_EQ(run(&SyncRun::full).open_errors, 0);
  EXPECT_EQ(last_delivered().at("b@x.io"), "Beth");
}

TEST_F(SyncRunTest, ALedgerThatIsTurnedOnAgainKnowsNothingOld) {
  (void)run(&SyncRun::full);
  config_.write.ledger = false;
  write_source({R"({"id":"a","email":"a@x.io","name":"changed meanwhile"})"});
  (void)run(&SyncRun::full);
  config_.write.ledger = true;
  write_source({R"({"id":"a","email":"a@x.io","name":"A"})"});
  const SyncResult result = run(&SyncRun::incremental);
  EXPECT_TRUE(result.was_full);
  EXPECT_EQ(result.totals.of(RecordOutcome::Delivered), 1);
  EXPECT_EQ(last_delivered().at("a@x.io"), "A");
}

TEST_F(SyncRunTest, APlanWithoutALedgerWritesNothing) {
  config_.write.ledger = false;
  PlanLog plan{PlanOptions{}};
  (void)run(&SyncRun::full, [&plan](SyncContext& context) { context.plan = &plan; });
  EXPECT_EQ(delivered_lines(), 0U);
}

TEST_F(SyncRunTest, ValidateWritesNothingAndFindsDuplicates) {
  write_source({"{\"id\":\"a\",\"email\":\"a@x.io\"}", "{\"id\":\"b\",\"email\":\"a@x.io\"}"});
  const SyncResult result = run(&SyncRun::validate);
  EXPECT_EQ(result.totals.of(RecordOutcome::Rejected), 1);
  EXPECT_EQ(result.open_errors, 1);
  EXPECT_EQ(delivered_lines(), 0U);
}

}  // namespace
}  // namespace sluice::host
