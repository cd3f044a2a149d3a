// A checkpoint is there as a whole or not at all, and what was acknowledged stays, wherever the
// disk or the process fails.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "fault_vfs.hpp"
#include "state/decision.hpp"
#include "state/integrity.hpp"
#include "state/state_error.hpp"
#include "state/state_file.hpp"
#include "state_fixture.hpp"
#include "state_scenario.hpp"

namespace sluice::host {
namespace {

constexpr std::int64_t kFirst = 4;  // after those of make_scenario
constexpr std::int64_t kLast = 5;

class DurabilityTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    base_ = new TemporaryDirectory;
    make_scenario(base_->path());
    Decision ignore;
    ignore.id = "1";
    ignore.action = Decision::Action::Ignore;
    ignore.errors.code = "no_email";
    ignore.who = "tester";
    ignore.at = 7;
    inbox_file_ = Inbox{base_->path() / kScenario};
    inbox_file_.put(ignore);
  }
  static void TearDownTestSuite() { delete base_; }

  DurabilityTest() {
    // What is there after each commit, when nothing fails. The first one takes the decision.
    fresh();
    snapshots_.push_back(dump_state(work()));
    checkpoints("FULL", [this] { snapshots_.push_back(dump_state(work())); });
    changes_ = disk_.changes();
  }

  [[nodiscard]] std::filesystem::path work() const { return work_.path() / "w"; }
  void fresh() {
    std::filesystem::remove_all(work());
    std::filesystem::copy(base_->path(), work(), std::filesystem::copy_options::recursive);
    disk_.forget_files();
  }

  // Opens the state and commits step after step, with checkpoints of SQLite in between, until the
  // disk fails. Returns how many commits were acknowledged, that of the opening included.
  std::size_t checkpoints(const std::string& synchronous, const std::function<void()>& committed) {
    std::size_t acknowledged = 0;
    const auto acknowledge = [&] {
      ++acknowledged;
      if (committed) committed();
    };
    try {
      State state = State::open(work(), kScenario, "test");
      acknowledge();
      state.database().execute(("PRAGMA wal_autocheckpoint=12;PRAGMA cache_size=10;COMMIT;"
                                "PRAGMA synchronous=" +
                                synchronous + ";BEGIN IMMEDIATE")
                                   .c_str());
      for (std::int64_t step = kFirst; step <= kLast; ++step) {
        write_step(state, step);
        state.commit();
        acknowledge();
      }
    } catch (const Error&) {
      // The run ends here.
    }
    return acknowledged;
  }

  // The number of the snapshot that is there now; checks that the file is whole.
  std::size_t found(const std::string& where) {
    std::size_t index = snapshots_.size();
    try {
      require_whole_log(scenario_file(work()));
      Database database{scenario_file(work()), Database::Mode::ReadOnly};
      const auto at = std::find(snapshots_.begin(), snapshots_.end(), dump(database));
      EXPECT_NE(at, snapshots_.end()) << where << ": a state that never was";
      index = static_cast<std::size_t>(at - snapshots_.begin());
      for (const auto& problem : problems_of(database, kScenario))
        ADD_FAILURE() << where << ": " << problem.what;
    } catch (const Error& error) {
      ADD_FAILURE() << where << ": " << error.what();
    }
    return index;
  }

  void expect_kept(std::size_t acknowledged, const std::string& where) {
    const std::size_t index = found(where);
    EXPECT_GE(index, acknowledged) << where << ": an acknowledged checkpoint is lost";
    EXPECT_LE(index, acknowledged + 1) << where;
    // The next run opens it and goes on; the decision is carried out once.
    disk_.arm(FaultVfs::Fault::None, 0);
    disk_.forget_files();
    State state = State::open(work(), kScenario, "next");
    EXPECT_TRUE(state.audit_log().find("1")) << where;
    EXPECT_EQ(state.audit_log().last(10).size(), 1U) << where;
  }

  void strike_everywhere(FaultVfs::Fault fault, std::size_t power_cuts) {
    for (std::int64_t n = 1; n <= changes_; ++n) {
      for (std::size_t seed = 0; seed < std::max<std::size_t>(1, power_cuts); ++seed) {
        fresh();
        disk_.arm(fault, n);
        const std::size_t acknowledged = checkpoints("FULL", {});
        EXPECT_TRUE(disk_.struck()) << n;
        if (power_cuts > 0) disk_.cut_power(seed * 1'000'003 + static_cast<std::size_t>(n));
        expect_kept(acknowledged, "change " + std::to_string(n) + ", seed " + std::to_string(seed));
        if (HasFailure()) return;
      }
    }
  }

  static inline TemporaryDirectory* base_ = nullptr;
  static inline Inbox inbox_file_{""};
  TemporaryDirectory work_;
  FaultVfs disk_;
  std::vector<std::string> snapshots_;
  std::int64_t changes_ = 0;
};

TEST_F(DurabilityTest, TheScenarioChangesTheDiskOftenAndEachCheckpointDiffers) {
  EXPECT_EQ(snapshots_.size(), 4U);
  for (std::size_t i = 1; i < snapshots_.size(); ++i) EXPECT_NE(snapshots_[i], snapshots_[i - 1]);
  EXPECT_GT(changes_, 100);
}

TEST_F(DurabilityTest, KilledAtAnyWrite) {
  strike_everywhere(FaultVfs::Fault::Stop, 0);
}

TEST_F(DurabilityTest, PowerCutAtAnyWrite) {
  strike_everywhere(FaultVfs::Fault::Stop, 4);
}

TEST_F(DurabilityTest, WriteErrorFromAnyWriteOn) {
  strike_everywhere(FaultVfs::Fault::Error, 0);
}

TEST_F(DurabilityTest, DiskFullFromAnyWriteOn) {
  strike_everywhere(FaultVfs::Fault::Full, 0);
}

// The model can lose what a weaker setting does not sync: else the tests above would prove nothing.
TEST_F(DurabilityTest, WithoutASyncAtEachCommitAPowerCutLosesAcknowledgedCheckpoints) {
  int lost = 0;
  for (std::int64_t n = 1; n <= changes_ && lost == 0; ++n) {
    for (std::size_t seed = 0; seed < 4 && lost == 0; ++seed) {
      fresh();
      disk_.arm(FaultVfs::Fault::Stop, n);
      const std::size_t acknowledged = checkpoints("NORMAL", {});
      disk_.cut_power(seed);
      Database database{scenario_file(work()), Database::Mode::ReadOnly};
      const auto at = std::find(snapshots_.begin(), snapshots_.end(), dump(database));
      if (static_cast<std::size_t>(at - snapshots_.begin()) < acknowledged) ++lost;
    }
  }
  EXPECT_EQ(lost, 1);
}

TEST_F(DurabilityTest, AFullDiskNamesTheFileAndNothingIsWrittenAfterHalfATransaction) {
  fresh();
  State state = State::open(work(), kScenario, "test");
  state.database().execute("PRAGMA cache_size=1; PRAGMA cache_spill=1");
  disk_.arm(FaultVfs::Fault::Full, 1);
  try {
    for (std::int64_t step = kFirst; step < 400; ++step) write_step(state, step);
    state.commit();
    FAIL() << "the disk is not full";
  } catch (const StateError& error) {
    EXPECT_EQ(error.kind(), StateError::Kind::Full);
    EXPECT_NE(std::string{error.what()}.find(scenario_file(work()).string()), std::string::npos);
    EXPECT_NE(std::string{error.what()}.find("make room"), std::string::npos) << error.what();
  }
  disk_.arm(FaultVfs::Fault::None, 0);
  // The transaction is gone: what belongs to it must not be written on its own.
  EXPECT_THROW(state.set_meta("half", "a record"), Error);
  EXPECT_THROW(state.commit(), Error);
  state.roll_back();
  state.set_meta("whole", "a record");
  state.commit();
  EXPECT_FALSE(state.meta("half"));
}

}  // namespace
}  // namespace sluice::host
