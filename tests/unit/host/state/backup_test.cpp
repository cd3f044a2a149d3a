#include "state/backup.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "state/state_error.hpp"
#include "state_fixture.hpp"
#include "state_scenario.hpp"

namespace sluice::host {
namespace {

class BackupTest : public ::testing::Test {
 protected:
  BackupTest() { make_scenario(root()); }
  [[nodiscard]] const std::filesystem::path& root() const { return directory_.path(); }
  [[nodiscard]] std::filesystem::path backup() const { return root() / "backup.db"; }
  Restored restore_backup() { return restore(root(), kScenario, backup(), "because", 9000); }
  std::vector<StateProblem> problems() {
    Database database{scenario_file(root()), Database::Mode::ReadOnly};
    return problems_of(database, kScenario);
  }
  void change(const char* sql) {
    Database database{scenario_file(root()), Database::Mode::ReadWrite};
    database.execute(sql);
  }

  TemporaryDirectory directory_;
};

TEST_F(BackupTest, CopiesWhatIsCommittedBesideARunIntoOnePrivateFile) {
  State run = State::open(root(), kScenario, "full");
  write_step(run, 4);
  run.commit();
  write_step(run, 5);
  const Backup made = back_up(root(), kScenario, backup(), 7000);
  EXPECT_TRUE(made.problems.empty());
  EXPECT_EQ(made.bytes, std::filesystem::file_size(backup()));
  struct stat info {};
  ASSERT_EQ(::stat(backup().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
  for (const char* part : {"-wal", "-shm", "-journal", ".new", ".partial", ".new.partial"})
    EXPECT_FALSE(std::filesystem::exists(backup().string() + part)) << part;
  Database copy{backup(), Database::Mode::Frozen};
  EXPECT_EQ(copy.scalar("SELECT cursor->>'$.at' FROM syncs"), 4);
  run.commit();
}

TEST_F(BackupTest, ReplacesNothingAndNamesItselfInADirectory) {
  EXPECT_EQ(back_up(root(), kScenario, root(), 7000).file.filename(),
            "scenario-19700101T000007Z.db");
  EXPECT_THROW((void)back_up(root(), kScenario, root(), 7000), Error);
  EXPECT_THROW((void)back_up(root(), "unknown", backup(), 7000), Error);
}

TEST_F(BackupTest, ARestoredStateDoubtsEverythingThatWasDelivered) {
  (void)back_up(root(), kScenario, backup(), 7000);
  {
    State state = State::open(root(), kScenario, "test");
    write_step(state, 4);
    state.commit();
  }
  const Restored restored = restore_backup();
  EXPECT_EQ(restored.as_of, 7000);
  EXPECT_TRUE(problems().empty());
  State state = State::open(root(), kScenario, "test");
  const auto sync = *state.find_sync("people");
  EXPECT_EQ(sync.cursor, R"({"at":3})");
  EXPECT_TRUE(sync.is_restored());
  EXPECT_FALSE(sync.walking);
  EXPECT_TRUE(state.receipts().open(sync.id).empty());
  for (const auto& target : state.ledger().targets(sync.object, "", 100)) {
    EXPECT_EQ(target.hash, kUnknownHash) << target.key;
    EXPECT_TRUE(target.pending_hash.empty()) << target.key;
    EXPECT_FALSE(target.document.empty()) << target.key;
  }
  EXPECT_EQ(state.audit_log().last(1).at(0).action, "restore");
  EXPECT_NE(state.audit_log().last(1).at(0).detail.find("because"), std::string::npos);
  Database aside{restored.replaced / kStateFile, Database::Mode::Frozen};
  EXPECT_EQ(aside.scalar("SELECT cursor->>'$.at' FROM syncs"), 4);
}

TEST_F(BackupTest, AWriteUnderWayThatChangedAKeyLeavesItsOldKeyToBeSettled) {
  change(
      "UPDATE pending_writes SET previous_target='p4@x.example',source_key='p4';"
      "UPDATE targets SET owner='p4' WHERE key='p4@x.example'; DELETE FROM orphans");
  (void)back_up(root(), kScenario, backup(), 7000);
  (void)restore_backup();
  State state = State::open(root(), kScenario, "test");
  const auto orphans = state.ledger().orphans(state.find_sync("people")->id);
  ASSERT_EQ(orphans.size(), 1U);
  EXPECT_EQ(orphans[0].target, "p4@x.example");
  EXPECT_EQ(orphans[0].reason, OrphanReason::Moved);
}

TEST_F(BackupTest, WhatPeopleDecidedSinceIsNotForgotten) {
  (void)back_up(root(), kScenario, backup(), 7000);
  std::int64_t object = 0;
  {
    State state = State::open(root(), kScenario, "test");
    object = state.find_sync("people")->object;
    state.ledger().put_standing(object, "late@x.example", std::vector<std::string>{"news"}, {});
    state.ledger().put_standing(object, "p2@x.example", std::vector<std::string>{}, {});
    state.audit_log().add(
        {.at = 8000, .who = "w", .action = "forget", .detail = "d", .affected = 1, .decision = {}});
    state.commit();
  }
  const Restored restored = restore_backup();
  EXPECT_TRUE(restored.kept_decisions);
  EXPECT_EQ(restored.erasures_since, 1);
  State state = State::open(root(), kScenario, "test");
  EXPECT_EQ(state.ledger().standing(object, "late@x.example").opted_out,
            (std::vector<std::string>{"news"}));
  EXPECT_TRUE(state.ledger().standing(object, "p2@x.example").opted_out.empty());
  const auto audit = state.audit_log().last(10);
  ASSERT_EQ(audit.size(), 2U);
  EXPECT_EQ(audit[1].action, "forget");
}

TEST_F(BackupTest, RestoresOverWhateverIsDamagedAndKeepsItAside) {
  (void)back_up(root(), kScenario, backup(), 7000);
  std::ofstream{scenario_file(root()), std::ios::trunc} << "garbage";
  std::ofstream{scenario_file(root()).string() + "-wal"} << "garbage of another kind";
  const Restored restored = restore_backup();
  EXPECT_FALSE(restored.kept_decisions);
  EXPECT_TRUE(std::filesystem::exists(restored.replaced / "state.db-wal"));
  EXPECT_EQ(State::open(root(), kScenario, "test").find_sync("people")->cursor, R"({"at":3})");
}

TEST_F(BackupTest, RestoresWhereNothingIsLeft) {
  (void)back_up(root(), kScenario, backup(), 7000);
  std::filesystem::remove_all(root() / kScenario);
  EXPECT_TRUE(restore_backup().replaced.empty());
  EXPECT_EQ(State::open(root(), kScenario, "test").find_sync("people")->cursor, R"({"at":3})");
}

TEST_F(BackupTest, TheFileWithoutItsDamagedLogIsABackupOfLastResort) {
  const auto file = scenario_file(root());
  std::ofstream{file.string() + "-wal"} << std::string(5000, 'x');
  EXPECT_THROW(State::open(root(), kScenario, "test"), StateError);
  const Restored restored = restore(root(), kScenario, file, "", 9000);
  EXPECT_TRUE(std::filesystem::exists(restored.replaced / "state.db-wal"));
  EXPECT_TRUE(State::open(root(), kScenario, "test").find_sync("people")->is_restored());
}

TEST_F(BackupTest, RefusesWhatIsNoBackupOfThisIntegrationAndChangesNothing) {
  const std::string before = dump_state(root());
  const auto expect_refused = [&](const std::string& problem) {
    try {
      (void)restore_backup();
      ADD_FAILURE() << "restored, although " << problem;
    } catch (const Error& error) {
      EXPECT_NE(std::string{error.what()}.find(problem), std::string::npos) << error.what();
    }
    EXPECT_EQ(dump_state(root()), before);
    EXPECT_FALSE(is_being_restored(root() / kScenario));
  };
  expect_refused("there is no file");
  std::ofstream{backup()} << "";
  expect_refused("is empty");
  std::ofstream{backup()} << std::string(3000, 'x');
  expect_refused("not a database");
  std::filesystem::remove(backup());
  { const State other = State::open(root(), "other", "test"); }
  std::filesystem::copy_file(root() / "other" / kStateFile, backup());
  expect_refused("another integration (other)");
  std::filesystem::remove(backup());
  (void)back_up(root(), kScenario, backup(), 7000);
  {
    Database database{backup(), Database::Mode::ReadWrite};
    database.execute("UPDATE pending_writes SET receipt=99; PRAGMA journal_mode=DELETE");
  }
  expect_refused("receipts without writes");
  {
    Database database{backup(), Database::Mode::ReadWrite};
    database.execute("PRAGMA user_version=99; PRAGMA journal_mode=DELETE");
  }
  expect_refused("newer sluice");
}

TEST_F(BackupTest, IsRefusedWhileARunHoldsTheState) {
  (void)back_up(root(), kScenario, backup(), 7000);
  const State run = State::open(root(), kScenario, "full");
  EXPECT_THROW((void)restore_backup(), Busy);
}

TEST_F(BackupTest, WhoeverOpensTheStateNextCompletesARestoreThatWasCutOff) {
  (void)back_up(root(), kScenario, backup(), 7000);
  {
    State state = State::open(root(), kScenario, "test");
    write_step(state, 4);
    state.commit();
  }
  const auto directory = root() / kScenario;
  const auto live = root() / "live";
  std::filesystem::copy(directory, live, std::filesystem::copy_options::recursive);
  const Restored restored = restore_backup();
  const auto ready = root() / "ready.db";
  std::filesystem::rename(directory / kStateFile, ready);
  // Everything that a kill may leave: nothing put away yet, the state put away, all of it.
  for (const bool put_away : {false, true}) {
    std::filesystem::remove_all(directory);
    std::filesystem::remove_all(restored.replaced);
    std::filesystem::copy(live, directory);
    std::filesystem::copy_file(ready, directory / "restored.db");
    if (put_away) {
      std::filesystem::create_directories(restored.replaced);
      std::filesystem::rename(directory / kStateFile, restored.replaced / kStateFile);
    }
    auto state = State::open_read_only(root(), kScenario);
    ASSERT_TRUE(state);
    EXPECT_EQ(state->find_sync("people")->cursor, R"({"at":3})");
    EXPECT_FALSE(is_being_restored(directory));
    Database aside{restored.replaced / kStateFile, Database::Mode::Frozen};
    EXPECT_EQ(aside.scalar("SELECT cursor->>'$.at' FROM syncs"), 4);
  }
}

TEST_F(BackupTest, TheCheckFindsWhatDoesNotFitTogether) {
  EXPECT_TRUE(problems().empty());
  const struct {
    const char* sql;
    const char* what;
  } cases[] = {
      {"UPDATE syncs SET cursor=NULL", "no cursor to go on from"},
      {"UPDATE syncs SET cursor='{'", "not JSON"},
      {"UPDATE records SET sync=9", "records of a sync"},
      {"UPDATE records SET target=NULL WHERE key='p4'", "claim no destination key"},
      {"DELETE FROM records WHERE key='p4'", "owner is not known"},
      {"UPDATE targets SET hash=x'0102'", "hash of the wrong length"},
      {"DELETE FROM receipts; DELETE FROM pending_writes", "await a receipt"},
      {"DELETE FROM pending_writes", "receipts without writes"},
      {"DELETE FROM receipts", "writes under way without a receipt"},
      {"INSERT INTO pending_writes SELECT id+1,receipt,sync,source_key,row,target,previous_target,"
       "hash,line,document FROM pending_writes",
       "two writes under way"},
      {"UPDATE errors SET state=7", "errors in a state"},
      {"UPDATE runs SET summary='{\"syncs\":[{\"read\":3,\"delivered\":2}]}'", "sum is off"},
      {"UPDATE targets SET document=x'ffff' WHERE key='p4@x.example'", "cannot be unpacked"},
      {"DELETE FROM meta WHERE key='standing_key'", "key of its hashes"},
      {"PRAGMA writable_schema=ON", ""},
  };
  const auto whole = root() / "whole.db";
  std::filesystem::copy_file(scenario_file(root()), whole);
  for (const auto& [sql, what] : cases) {
    std::filesystem::copy_file(whole, scenario_file(root()),
                               std::filesystem::copy_options::overwrite_existing);
    change(sql);
    const auto found = problems();
    const bool told = std::any_of(found.begin(), found.end(), [&](const StateProblem& problem) {
      return problem.what.find(what) != std::string::npos;
    });
    EXPECT_EQ(told, *what != 0) << sql;
  }
}

}  // namespace
}  // namespace sluice::host
