#include <map>

#include "state_fixture.hpp"

namespace sluice::host {
namespace {

using Files = std::map<std::string, std::pair<std::uintmax_t, std::filesystem::file_time_type>>;

Files files_in(const std::filesystem::path& directory) {
  Files files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{directory}) {
    if (entry.is_regular_file())
      files[entry.path().string()] = {entry.file_size(), entry.last_write_time()};
  }
  return files;
}

TEST(Scratch, StartsEmptyWhereThereIsNoState) {
  const TemporaryDirectory directory;
  State state = State::scratch(directory.path(), "new");
  EXPECT_EQ(state.lifecycle(), Lifecycle::New);
  const SyncRow row = state.sync("people", "records");
  state.ledger().put_record(row.id, row.object, {.key = "a", .target = "a@x.io"});
  state.commit();
  EXPECT_TRUE(state.ledger().find_record(row.id, "a").has_value());
  EXPECT_TRUE(files_in(directory.path()).empty());
}

TEST(Scratch, CopiesAClosedStateAndLeavesTheDirectoryAsItIs) {
  const TemporaryDirectory directory;
  {
    State real = State::open(directory.path(), "a %?#name", "test");
    real.set_lifecycle(Lifecycle::Active);
    real.commit();
  }
  const Files before = files_in(directory.path());
  {
    State scratch = State::scratch(directory.path(), "a %?#name");
    EXPECT_EQ(scratch.lifecycle(), Lifecycle::Active);
    scratch.set_lifecycle(Lifecycle::Paused);
    scratch.commit();
    EXPECT_EQ(scratch.lifecycle(), Lifecycle::Paused);
  }
  EXPECT_EQ(files_in(directory.path()), before);
  EXPECT_EQ(State::open_read_only(directory.path(), "a %?#name")->lifecycle(), Lifecycle::Active);
}

using BesideARun = StateFixture;

TEST_F(BesideARun, TakesNoLockAndSeesWhatIsCommitted) {
  const SyncRow row = state_.sync("people", "records");
  state_.ledger().put_record(row.id, row.object, {.key = "a", .target = "a@x.io"});
  state_.commit();
  state_.ledger().put_record(row.id, row.object, {.key = "b", .target = "b@x.io"});
  State scratch = State::scratch(directory_.path(), "an integration");
  EXPECT_TRUE(scratch.ledger().find_record(row.id, "a").has_value());
  EXPECT_FALSE(scratch.ledger().find_record(row.id, "b").has_value());
  scratch.ledger().put_record(row.id, row.object, {.key = "c", .target = "c@x.io"});
  scratch.commit();
  state_.commit();
  EXPECT_TRUE(state_.ledger().find_record(row.id, "b").has_value());
  EXPECT_FALSE(state_.ledger().find_record(row.id, "c").has_value());
}

}  // namespace
}  // namespace sluice::host
