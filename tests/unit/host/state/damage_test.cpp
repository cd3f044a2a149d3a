// A state that cannot be used is refused, with the way out, and never replaced by an empty one.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <functional>

#include "state/state_error.hpp"
#include "state_fixture.hpp"
#include "state_scenario.hpp"

namespace sluice::host {
namespace {

class DamageTest : public ::testing::Test {
 protected:
  DamageTest() { make_scenario(root()); }
  [[nodiscard]] const std::filesystem::path& root() const { return directory_.path(); }
  [[nodiscard]] std::filesystem::path file() const { return scenario_file(root()); }
  [[nodiscard]] std::filesystem::path log() const { return file().string() + "-wal"; }

  void expect_refused(const std::function<void()>& call, const std::string& problem) {
    try {
      call();
      ADD_FAILURE() << "opened, although " << problem;
    } catch (const StateError& error) {
      const std::string text = error.what();
      EXPECT_EQ(error.kind(), StateError::Kind::Unusable);
      EXPECT_NE(text.find(file().string()), std::string::npos) << text;
      EXPECT_NE(text.find(problem), std::string::npos) << text;
      EXPECT_NE(text.find("Nothing was changed"), std::string::npos) << text;
    }
  }
  void expect_refused_everywhere(const std::string& problem) {
    expect_refused([this] { State::open(root(), kScenario, "test"); }, problem);
    expect_refused([this] { (void)State::open_read_only(root(), kScenario); }, problem);
    expect_refused([this] { (void)State::scratch(root(), kScenario); }, problem);
  }
  void overwrite(const std::filesystem::path& path, std::streamoff at, const std::string& bytes) {
    std::fstream out{path, std::ios::in | std::ios::out | std::ios::binary};
    out.seekp(at) << bytes;
  }
  void replace(const std::string& content) {
    std::ofstream{file(), std::ios::binary | std::ios::trunc} << content;
  }
  // As a process that is killed leaves it: what was committed stands in the log.
  void leave_a_log(std::int64_t steps) {
    const pid_t child = ::fork();
    if (child == 0) {
      State state = State::open(root(), kScenario, "killed");
      for (std::int64_t step = 4; step < 4 + steps; ++step) {
        write_step(state, step);
        state.commit();
      }
      ::kill(::getpid(), SIGKILL);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status));
    ASSERT_GT(std::filesystem::file_size(log()), 0U);
  }

  TemporaryDirectory directory_;
};

TEST_F(DamageTest, AnEmptyFile) {
  replace("");
  expect_refused_everywhere("it is empty");
  EXPECT_EQ(std::filesystem::file_size(file()), 0U);
}

TEST_F(DamageTest, AFileThatIsNoDatabase) {
  for (const std::size_t size : {1U, 200U, 5000U}) {
    replace(std::string(size, 'x'));
    expect_refused_everywhere("is not a database");
  }
}

TEST_F(DamageTest, ADamagedHeader) {
  overwrite(file(), 0, "garbage");
  expect_refused_everywhere("file is not a database");
}

TEST_F(DamageTest, AFileThatWasCutOff) {
  std::filesystem::resize_file(file(), std::filesystem::file_size(file()) / 2);
  expect_refused([this] { State::open(root(), kScenario, "test"); }, "malformed");
}

TEST_F(DamageTest, ADamagedPage) {
  // The pages of the ledger, not that of the schema.
  const auto size = static_cast<std::streamoff>(std::filesystem::file_size(file()));
  for (std::streamoff at = 4096; at < size; at += 4096)
    overwrite(file(), at, std::string(64, '\x7f'));
  expect_refused(
      [this] {
        State state = State::open(root(), kScenario, "test");
        write_step(state, 4);
        state.commit();
      },
      "malformed");
}

TEST_F(DamageTest, AnotherProgramsDatabase) {
  std::filesystem::remove(file());
  {
    Database other{file(), Database::Mode::ReadWrite};
    other.execute("CREATE TABLE meta(a); PRAGMA journal_mode=DELETE");
  }
  expect_refused_everywhere("not a state of Sluice");
  {
    Database other{file(), Database::Mode::ReadWrite};
    other.execute("PRAGMA user_version=3; PRAGMA journal_mode=DELETE");
  }
  expect_refused_everywhere("not a state of Sluice");
}

TEST_F(DamageTest, AFileFromANewerVersion) {
  {
    Database database{file(), Database::Mode::ReadWrite};
    database.execute("PRAGMA user_version=99");
  }
  expect_refused_everywhere("written by a newer sluice (state version 99");
}

TEST_F(DamageTest, ADirectoryALinkAndASecondName) {
  const auto aside = root() / "aside.db";
  std::filesystem::rename(file(), aside);
  std::filesystem::create_directory(file());
  expect_refused_everywhere("it is not a file");
  std::filesystem::remove(file());
  std::filesystem::create_symlink(aside, file());
  expect_refused_everywhere("symbolic link");
  std::filesystem::remove(file());
  std::filesystem::create_hard_link(aside, file());
  expect_refused_everywhere("second name");
}

TEST_F(DamageTest, AFileThatHasVanished) {
  std::filesystem::remove(file());
  expect_refused_everywhere("it is missing");
  std::filesystem::remove_all(root() / kScenario);
  EXPECT_EQ(State::open(root(), kScenario, "test").lifecycle(), Lifecycle::New);
}

TEST_F(DamageTest, AFileThatMayNotBeRead) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may read everything";
  std::filesystem::permissions(file(), std::filesystem::perms::none);
  EXPECT_THROW(State::open(root(), kScenario, "test"), StateError);
  std::filesystem::permissions(file(), std::filesystem::perms::owner_read);
  EXPECT_THROW(State::open(root(), kScenario, "test"), StateError);
}

TEST_F(DamageTest, TheLogOfAKilledProcessIsTakenUp) {
  leave_a_log(3);
  EXPECT_EQ(State::open(root(), kScenario, "test").find_sync("people")->cursor, R"({"at":6})");
}

TEST_F(DamageTest, GarbageInTheLog) {
  leave_a_log(3);
  const auto size = static_cast<std::streamoff>(std::filesystem::file_size(log()));
  overwrite(log(), 0, "garbage");
  expect_refused_everywhere("what was last committed stands there");
  EXPECT_EQ(static_cast<std::streamoff>(std::filesystem::file_size(log())), size);
}

TEST_F(DamageTest, ADamagedTransactionInTheLog) {
  leave_a_log(3);
  overwrite(log(), 32 + 24 + 100, "garbage");
  expect_refused_everywhere("what was last committed stands there");
}

TEST_F(DamageTest, ALogWhoseLastTransactionIsTornIsWhatAPowerCutLeaves) {
  leave_a_log(1);
  const std::string before = [this] {
    Database database{file(), Database::Mode::Frozen};
    return dump(database);
  }();
  overwrite(log(), static_cast<std::streamoff>(std::filesystem::file_size(log())) - 100, "torn");
  EXPECT_EQ(State::open(root(), kScenario, "test").find_sync("people")->cursor, R"({"at":3})");
  EXPECT_EQ(dump_state(root()), before);
}

// What limits a file's size looks like a full disk.
TEST_F(DamageTest, ALimitOnTheSizeOfFilesIsToldLikeAFullDisk) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{20'000, 20'000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    int code = 1;
    try {
      State state = State::open(root(), kScenario, "test");
      for (std::int64_t step = 4; step < 20; ++step) {
        write_step(state, step);
        state.commit();
      }
    } catch (const StateError& error) {
      if (error.kind() == StateError::Kind::Full) code = 42;
    }
    ::_exit(code);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 42);
  State state = State::open(root(), kScenario, "test");
  write_step(state, 30);
  state.commit();
}

}  // namespace
}  // namespace sluice::host
