// Whatever call a process is killed at, the next one finds the state before or after, and whole.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "die_at.hpp"
#include "state/backup.hpp"
#include "state/decision.hpp"
#include "state/erasure.hpp"
#include "state/integrity.hpp"
#include "state_fixture.hpp"
#include "state_scenario.hpp"

namespace sluice::host {
namespace {

class KillTest : public ::testing::Test {
 protected:
  KillTest() {
    make_scenario(base());
    before_ = dump_state(base());
  }
  [[nodiscard]] std::filesystem::path base() const { return directory_.path() / "base"; }
  [[nodiscard]] std::filesystem::path root() const { return directory_.path() / "work"; }

  // Does the work again and again on the same beginning, killed at each of its calls in turn.
  void kill_everywhere(const std::function<void()>& work, const std::function<void()>& verify) {
    std::int64_t n = 1;
    for (bool killed = true; killed && !HasFailure(); ++n) {
      std::filesystem::remove_all(root());
      std::filesystem::copy(base(), root(), std::filesystem::copy_options::recursive);
      SCOPED_TRACE("call " + std::to_string(n));
      killed = killed_at(n, work);
      verify();
    }
    RecordProperty("calls", static_cast<int>(n - 1));
    EXPECT_GT(n, 4);
  }
  State reopen() {
    State state = State::open(root(), kScenario, "next");
    for (const auto& problem : problems_of(state.database(), kScenario))
      ADD_FAILURE() << problem.what;
    return state;
  }
  static std::string cursor_of(State& state) {
    const auto sync = state.find_sync("people");
    return sync ? sync->cursor.value_or("") : "";
  }

  TemporaryDirectory directory_;
  std::string before_;
};

TEST_F(KillTest, MakingAState) {
  kill_everywhere(
      [this] {
        std::filesystem::remove_all(root() / kScenario);
        State state = State::open(root(), kScenario, "first");
        write_step(state, 1);
        state.commit();
      },
      [this] {
        State state = reopen();
        const std::string cursor = cursor_of(state);
        EXPECT_TRUE(cursor.empty() || cursor == R"({"at":1})") << cursor;
      });
}

TEST_F(KillTest, ACheckpointThatTakesADecision) {
  Decision pause;
  pause.id = "1";
  pause.action = Decision::Action::Pause;
  pause.who = "tester";
  pause.at = 5;
  std::set<std::string> cursors;
  kill_everywhere(
      [this, &pause] {
        State state = State::open(root(), kScenario, "full");
        write_step(state, 4);
        Inbox{state.directory()}.put(pause);
        state.commit();
        write_step(state, 5);
        (void)state.compact();
      },
      [this, &cursors] {
        State state = reopen();
        cursors.insert(cursor_of(state));
        EXPECT_LE(state.audit_log().last(9).size(), 1U);
        EXPECT_EQ(state.lifecycle() == Lifecycle::Paused, state.audit_log().last(9).size() == 1U);
      });
  EXPECT_EQ(cursors, (std::set<std::string>{R"({"at":3})", R"({"at":4})", R"({"at":5})"}));
}

TEST_F(KillTest, UpgradingAnOlderState) {
  {
    Database database{scenario_file(base()), Database::Mode::ReadWrite};
    database.execute(kToVersion1);
  }
  kill_everywhere([this] { State::open(root(), kScenario, "upgrade"); },
                  [this] {
                    State state = reopen();
                    EXPECT_EQ(dump(state.database()), before_);
                  });
}

TEST_F(KillTest, UnlinkingLeavesAWholeStateOrAWholeArchive) {
  const auto archive = archive_file(root(), kScenario, 1000);
  kill_everywhere([this, &archive] { State::open(root(), kScenario, "unlink").unlink(archive); },
                  [this, &archive] {
                    State state = reopen();
                    if (std::filesystem::exists(archive)) {
                      Database copy{archive, Database::Mode::Frozen};
                      EXPECT_EQ(dump(copy), before_);
                    }
                    if (state.lifecycle() == Lifecycle::Unlinked) {
                      EXPECT_TRUE(std::filesystem::exists(archive));
                      EXPECT_EQ(state.inventory().records, 0);
                    } else {
                      EXPECT_EQ(dump(state.database()), before_);
                    }
                  });
}

TEST_F(KillTest, ABackupIsWholeOrNotThere) {
  const auto backup = root() / "backup.db";
  kill_everywhere([this, &backup] { (void)back_up(root(), kScenario, backup, 7000); },
                  [this, &backup] {
                    if (std::filesystem::exists(backup)) {
                      Database copy{backup, Database::Mode::Frozen};
                      EXPECT_TRUE(problems_of(copy, kScenario).empty());
                      EXPECT_EQ(copy.scalar("SELECT cursor->>'$.at' FROM syncs"), 3);
                    }
                    EXPECT_EQ(dump_state(root()), before_);
                  });
}

TEST_F(KillTest, ARestoreHappensAsAWholeOrNotAtAll) {
  const auto backup = base() / "backup.db";
  (void)back_up(base(), kScenario, backup, 7000);
  {
    State state = State::open(base(), kScenario, "test");
    write_step(state, 4);
    state.commit();
  }
  const std::string now = dump_state(base());
  std::set<bool> outcomes;
  kill_everywhere([this] { (void)restore(root(), kScenario, root() / "backup.db", "", 9000); },
                  [this, &now, &outcomes] {
                    State state = reopen();
                    const bool restored = state.find_sync("people")->is_restored();
                    outcomes.insert(restored);
                    const auto aside =
                        root() / ".replaced" / "scenario-19700101T000009Z" / kStateFile;
                    EXPECT_EQ(std::filesystem::exists(aside), restored);
                    if (restored) {
                      EXPECT_EQ(cursor_of(state), R"({"at":3})");
                      Database old{aside, Database::Mode::ReadOnly};
                      EXPECT_EQ(dump(old), now);
                    } else {
                      EXPECT_EQ(dump(state.database()), now);
                    }
                  });
  EXPECT_EQ(outcomes.size(), 2U);
}

}  // namespace
}  // namespace sluice::host
