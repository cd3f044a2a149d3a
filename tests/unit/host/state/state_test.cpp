#include "state/state.hpp"

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

}  // namespace
}  // namespace sluice::host
