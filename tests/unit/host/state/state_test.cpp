#include "state/state.hpp"

#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <sluice/error.hpp>

#include "state_fixture.hpp"

namespace sluice::host {
namespace {

TEST(StateTest, KeepsWhatWasCommittedAndForgetsTheRest) {
  const TemporaryDirectory directory;
  {
    State state = State::open(directory.path(), "x", "test");
    SyncRow row = state.sync("people", "rows");
    row.cursor = R"({"at":1})";
    state.put_sync(row);
    state.commit();
    row.cursor = R"({"at":2})";
    state.put_sync(row);
  }
  State state = State::open(directory.path(), "x", "test");
  EXPECT_EQ(state.find_sync("people")->cursor, R"({"at":1})");
}

TEST(StateTest, SecondWriterIsToldWhoHoldsIt) {
  const TemporaryDirectory directory;
  const State state = State::open(directory.path(), "x", "full");
  try {
    State::open(directory.path(), "x", "incremental");
    FAIL() << "two writers";
  } catch (const Busy& busy) {
    EXPECT_NE(std::string{busy.what()}.find("(full, since"), std::string::npos) << busy.what();
    EXPECT_NE(std::string{busy.what()}.find(std::to_string(::getpid())), std::string::npos);
  }
}

TEST(StateTest, ReadersSeeWhatIsCommittedBesideAWriter) {
  const TemporaryDirectory directory;
  EXPECT_FALSE(State::open_read_only(directory.path(), "x"));
  State state = State::open(directory.path(), "x", "test");
  state.set_lifecycle(Lifecycle::Active);
  auto reader = State::open_read_only(directory.path(), "x");
  ASSERT_TRUE(reader);
  EXPECT_EQ(reader->lifecycle(), Lifecycle::New);
  state.commit();
  EXPECT_EQ(State::open_read_only(directory.path(), "x")->lifecycle(), Lifecycle::Active);
}

TEST(StateTest, RefusesAFileFromANewerVersion) {
  const TemporaryDirectory directory;
  { const State state = State::open(directory.path(), "x", "test"); }
  {
    Database database{directory.path() / "x" / "state.db", Database::Mode::ReadWrite};
    database.execute("PRAGMA user_version=99");
  }
  try {
    State::open(directory.path(), "x", "test");
    FAIL() << "opened";
  } catch (const Error& error) {
    EXPECT_NE(std::string{error.what()}.find("newer sluice"), std::string::npos) << error.what();
  }
}

TEST(StateTest, NamesBecomeFileNamesThatStayInTheirFolder) {
  EXPECT_EQ(file_name("a-b_c.1"), "a-b_c.1");
  EXPECT_EQ(file_name("../x"), "%2E.%2Fx");
}

TEST(StateTest, TotalsCountEveryRowOnce) {
  const TemporaryDirectory directory;
  State state = State::open(directory.path(), "x", "test");
  const std::int64_t sync = state.sync("people", "rows").id;
  const std::int64_t run = state.runs().start("full", 1);
  state.runs().record(run, 1, sync, "a", RecordOutcome::Pending);
  state.runs().record(run, 1, sync, "a", RecordOutcome::Delivered);
  state.runs().record(run, 2, sync, "b", RecordOutcome::Pending);
  state.runs().record(run, 3, sync, "b", RecordOutcome::Pending);
  state.runs().amend(run, sync, "b", RecordOutcome::Deleted);
  const Totals totals = state.runs().totals(run, sync);
  EXPECT_EQ(totals.of(RecordOutcome::Delivered), 1);
  EXPECT_EQ(totals.of(RecordOutcome::Deleted), 1);
  EXPECT_EQ(totals.of(RecordOutcome::Unchanged), 1);
  EXPECT_EQ(totals.sum(), 3);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
std::size_t highest_memory() {
  std::ifstream status{"/proc/self/status"};
  std::size_t kib = 0;
  for (std::string word; status >> word;) {
    if (word == "VmHWM:") status >> kib;
  }
  return kib * 1024;
}

TEST(StateTest, ALongRunIsSummedUpAndAmendedInLittleMemory) {
  const TemporaryDirectory directory;
  State state = State::open(directory.path(), "x", "test");
  const std::int64_t sync = state.sync("people", "rows").id;
  const std::int64_t run = state.runs().start("full", 1);
  Statement fill = state.database().prepare(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<600000) "
      "INSERT INTO run_rows SELECT ?1,i,?2,'key '||(i*7919%600011),1+i%2 FROM n");
  fill.bind(1, run).bind(2, sync).run();
  state.commit();
  // From here on the highest is that of now.
  std::ofstream{"/proc/self/clear_refs"} << 5;
  const std::size_t before = highest_memory();
  EXPECT_EQ(state.runs().totals(run, sync).of(RecordOutcome::Unchanged), 300'000);
  EXPECT_LT(highest_memory() - before, 2'000'000U);
  state.runs().amend(run, sync, "key 7919", RecordOutcome::Deleted);
  EXPECT_EQ(state.runs().totals(run, sync).of(RecordOutcome::Deleted), 1);
  EXPECT_LT(highest_memory() - before, 25'000'000U);
}
#endif

TEST(StateTest, UpgradesAFileOfTheFirstVersion) {
  const TemporaryDirectory directory;
  {
    State state = State::open(directory.path(), "x", "test");
    const auto object = state.sync("people", "rows").object;
    state.ledger().put_target(object, {"b", 1, "2", "r2", "two", "hash2", ""});
    state.ledger().put_target(object, {"a", 1, "1", std::nullopt, "one", "", "hash1"});
    const auto receipt = state.receipts().add(1, 1, "batch", 1, 1);
    for (const char* key : {"z", "a"})
      state.receipts().add_write(1, receipt,
                                 {key, 1, key, "", "line of " + std::string{key}, "", ""});
    state.commit();
  }
  {
    Database database{directory.path() / "x" / "state.db", Database::Mode::ReadWrite};
    database.execute(kToVersion1);
  }
  auto state = State::open_read_only(directory.path(), "x");
  ASSERT_TRUE(state);
  const auto row = state->find_sync("people");
  ASSERT_TRUE(row);
  const auto targets = state->ledger().targets(row->object, "", 10);
  ASSERT_EQ(targets.size(), 2U);
  EXPECT_EQ(targets[0].pending_hash, "hash1");
  EXPECT_EQ(targets[1].remote_id, "r2");
  EXPECT_EQ(targets[1].document, "two");
  const auto writes = state->receipts().writes(state->receipts().open(1).at(0).id);
  ASSERT_EQ(writes.size(), 2U);
  EXPECT_EQ(writes[0].line, "line of z");
  EXPECT_EQ(writes[1].source_key, "a");
  EXPECT_TRUE(state->audit_log().last(1).empty());
}

TEST(StateTest, OldRunsGoButTheLastOfEachKindStays) {
  const TemporaryDirectory directory;
  State state = State::open(directory.path(), "x", "test");
  for (const std::int64_t at : {10, 20, 30}) {
    state.runs().finish(state.runs().start("full", at), "done", {}, at + 1);
    state.runs().finish(state.runs().start("incremental", at), "failed", {}, at + 1);
  }
  state.forget_before({.runs = 1000, .resolved_errors = 0});
  const auto left = state.runs().last(10);
  ASSERT_EQ(left.size(), 2U);
  EXPECT_EQ(left[1].stage, "full");
  EXPECT_EQ(left[1].started, 30);
  EXPECT_EQ(state.runs().last_complete()->id, left[1].id);
}

TEST(StateTest, LooksWhoHoldsItWithoutHoldingIt) {
  const TemporaryDirectory directory;
  EXPECT_EQ(lock_holder(directory.path() / "x"), "");
  {
    const State state = State::open(directory.path(), "x", "full");
    EXPECT_NE(lock_holder(directory.path() / "x").find("(full, since"), std::string::npos);
  }
  EXPECT_EQ(lock_holder(directory.path() / "x"), "");
  EXPECT_EQ(State::all(directory.path()), (std::vector<std::string>{"x"}));
}

// Not a test: what waiting for the disk at each commit costs here.
TEST(StateTest, DISABLED_CostOfACommit) {
  constexpr int kCommits = 300;
  for (const char* synchronous : {"FULL", "NORMAL"}) {
    const TemporaryDirectory directory;
    State state = State::open(directory.path(), "x", "test");
    const SyncRow sync = state.sync("people", "rows");
    state.database().execute(
        (std::string{"COMMIT; PRAGMA synchronous="} + synchronous + "; BEGIN IMMEDIATE").c_str());
    const auto started = std::chrono::steady_clock::now();
    for (int commit = 0; commit < kCommits; ++commit) {
      for (int i = 0; i < 100; ++i) {
        const std::string key = std::to_string(commit * 100 + i);
        state.ledger().put_record(sync.id, sync.object, {.key = key, .target = key + "@x.example"});
      }
      state.commit();
    }
    const std::chrono::duration<double, std::milli> spent =
        std::chrono::steady_clock::now() - started;
    std::printf("synchronous=%s: %.2f ms a commit of 100 records\n", synchronous,
                spent.count() / kCommits);
  }
}

TEST(StateTest, ASecondNameOfTheDirectoryIsTheSameState) {
  const TemporaryDirectory directory;
  const State state = State::open(directory.path() / "real", "x", "full");
  std::filesystem::create_directory_symlink(directory.path() / "real", directory.path() / "link");
  EXPECT_THROW(State::open(directory.path() / "link", "x", "full"), Busy);
  std::filesystem::create_directory(directory.path() / "other");
  std::filesystem::create_directory_symlink(directory.path() / "real" / "x",
                                            directory.path() / "other" / "x");
  EXPECT_THROW(State::open(directory.path() / "other", "x", "full"), Busy);
}

TEST(StateTest, IsFreeAsSoonAsItsHolderIsKilled) {
  const TemporaryDirectory directory;
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const State state = State::open(directory.path(), "x", "full");
    (void)!::write(ready[1], "x", 1);
    ::pause();
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  try {
    State::open(directory.path(), "x", "incremental");
    ADD_FAILURE() << "two writers";
  } catch (const Busy& busy) {
    EXPECT_NE(busy.holder().find("process " + std::to_string(child) + " on "), std::string::npos)
        << busy.holder();
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_NO_THROW(State::open(directory.path(), "x", "incremental"));
}

TEST(StateTest, AWriterWhoseLockFileWasRemovedStillKeepsOthersFromWriting) {
  const TemporaryDirectory directory;
  State state = State::open(directory.path(), "x", "full");
  state.set_meta("a", "b");
  std::filesystem::remove(directory.path() / "x" / "lock");
  EXPECT_THROW(State::open(directory.path(), "x", "incremental"), Busy);
  state.commit();
}

}  // namespace
}  // namespace sluice::host
