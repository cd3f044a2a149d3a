#include "state/private_files.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <functional>

#include "state/decision.hpp"
#include "state/rate_budget.hpp"
#include "state/state_error.hpp"
#include "state_fixture.hpp"

namespace sluice::host {
namespace {

using ::testing::HasSubstr;

class PrivateFiles : public ::testing::Test {
 protected:
  ~PrivateFiles() override { ::umask(before_); }

  static unsigned mode(const std::filesystem::path& path) {
    struct stat found {};
    EXPECT_EQ(::lstat(path.c_str(), &found), 0) << path;
    return found.st_mode & 07777U;
  }
  // Every file and directory below, and that there are as many as these.
  void expect_private(std::size_t least) {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{root_}) {
      EXPECT_EQ(mode(entry.path()), entry.is_directory() ? 0700U : 0600U) << entry.path();
      ++count;
    }
    EXPECT_GE(count, least);
  }
  static Decision decision() {
    Decision decision;
    decision.id = "1";
    return decision;
  }
  static std::string refusal(const std::function<void()>& call) {
    try {
      call();
    } catch (const StateError& error) {
      return error.what();
    }
    return {};
  }

  mode_t before_ = ::umask(022);
  TemporaryDirectory directory_;
  std::filesystem::path root_ = directory_.path() / "a" / "b";
};

TEST_F(PrivateFiles, AllOfTheStateWhateverTheUmask) {
  for (const mode_t mask : std::initializer_list<mode_t>{0, 022, 0277, 0777}) {
    ::umask(mask);
    std::filesystem::remove_all(directory_.path() / "a");
    {
      State state = State::open(root_, "people", "test");
      RateBudget budget{root_ / "rates", system_wall_clock()};
      static_cast<void>(budget.acquire({.account = "acme", .name = "general", .requests = 5}, 1));
      Inbox{root_ / "people"}.put(decision());
      // With its log and shared memory open.
      expect_private(8);
      state.unlink(root_ / ".unlinked" / "people-1" / "state.db");
    }
    expect_private(8);
    EXPECT_EQ(mode(root_), 0700U);
    EXPECT_EQ(mode(root_.parent_path()), 0700U);
  }
}

TEST_F(PrivateFiles, WhatAnEarlierVersionMadeIsClosed) {
  { State::open(root_, "people", "test"); }
  ::chmod((root_ / "people").c_str(), 0755);
  ::chmod((root_ / "people" / "state.db").c_str(), 0644);
  { State::open(root_, "people", "test"); }
  EXPECT_EQ(mode(root_ / "people"), 0700U);
  EXPECT_EQ(mode(root_ / "people" / "state.db"), 0600U);
}

TEST_F(PrivateFiles, FollowsNoLinkThatWasPlaced) {
  const auto target = directory_.path() / "precious";
  std::ofstream{target} << "precious";
  for (const char* name : {"state.db", "lock"}) {
    make_private_directory(root_ / name);
    std::filesystem::create_symlink(target, root_ / name / name);
    EXPECT_THAT(refusal([&] { State::open(root_, name, "test"); }), HasSubstr(name));
  }
  make_private_directory(root_ / "people" / "inbox");
  std::filesystem::create_symlink(target, root_ / "people" / "inbox" / "1.json.partial");
  EXPECT_NE(refusal([&] { Inbox{root_ / "people"}.put(decision()); }), "");
  std::string text;
  std::ifstream{target} >> text;
  EXPECT_EQ(text, "precious");
}

TEST_F(PrivateFiles, RefusesADirectoryOfAnotherUser) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a directory away";
  make_private_directory(root_ / "people");
  ASSERT_EQ(::chown((root_ / "people").c_str(), 65534, 65534), 0);
  EXPECT_THAT(refusal([&] { State::open(root_, "people", "test"); }),
              HasSubstr("belongs to another user (65534)"));
}

}  // namespace
}  // namespace sluice::host
