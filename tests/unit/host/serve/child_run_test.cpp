#include "serve/child_run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <fstream>
#include <future>
#include <iterator>

namespace sluice::host::serve {
namespace {

namespace fs = std::filesystem;

class ChildRunTest : public testing::Test {
 protected:
  ChildRunTest() {
    std::string name = (fs::temp_directory_path() / "sluice-child-XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
  }
  ~ChildRunTest() override { fs::remove_all(directory_); }

  std::unique_ptr<ChildRun> start(std::vector<std::string> command, std::string input = {}) {
    return std::make_unique<ChildRun>(
        std::move(command), directory_ / "logs" / "run.log", "ann",
        ChildRun::Calls{[this](const json::object& progress) {
                          progress_.push_back(progress);
                          if (progress_.size() == 1) first_.set_value();
                        },
                        [this](const ChildEnd& end) { end_.set_value(end); }},
        std::move(input));
  }
  std::unique_ptr<ChildRun> shell(const std::string& script) {
    return start({"/bin/sh", "-c", script});
  }
  ChildEnd end() { return end_.get_future().get(); }

  fs::path directory_;
  std::vector<json::object> progress_;
  std::promise<void> first_;
  std::promise<ChildEnd> end_;
};

TEST_F(ChildRunTest, TellsProgressReportAndCode) {
  const auto run = shell(R"(echo '{"progress": {"read": 1}}'; echo '{"progress": {"read": 2}}'
      echo 'a log line' >&2; echo '{"integration": "x"}'; exit 1)");
  const ChildEnd ended = end();
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_EQ(ended.message, "");
  EXPECT_EQ(ended.document.at("integration").as_string(), "x");
  ASSERT_EQ(progress_.size(), 2U);
  EXPECT_EQ(progress_[1].at("read").as_int64(), 2);
  std::ifstream log{directory_ / "logs" / "run.log"};
  EXPECT_EQ((std::string{std::istreambuf_iterator<char>{log}, {}}), "a log line\n");
}

TEST_F(ChildRunTest, GivesAnInputThatIsLongerThanAPipeHolds) {
  const std::string input(1 << 20, 'x');
  const auto run = start({"/bin/sh", "-c", R"x(printf '{"bytes": %d}\n' "$(wc -c)")x"}, input);
  EXPECT_EQ(end().document.at("bytes").as_int64(), 1 << 20);
}

TEST_F(ChildRunTest, HasAnEmptyInputWhenNoneIsGiven) {
  const auto run = shell(R"x(printf '{"bytes": %d}\n' "$(wc -c)")x");
  EXPECT_EQ(end().document.at("bytes").as_int64(), 0);
}

TEST_F(ChildRunTest, TellsWhatTheRunSaysAgainstItself) {
  const auto run = shell(R"(echo '{"error": "credentials refused", "exit_code": 3}'; exit 3)");
  const ChildEnd ended = end();
  EXPECT_EQ(ended.exit_code, 3);
  EXPECT_EQ(ended.message, "credentials refused");
}

TEST_F(ChildRunTest, SaysWhomItActsFor) {
  const auto run = shell(R"(echo "{\"actor\": \"$SLUICE_ACTOR\"}")");
  EXPECT_EQ(end().document.at("actor").as_string(), "ann");
}

TEST_F(ChildRunTest, ACrashIsAnError) {
  const auto run = shell("kill -SEGV $$");
  const ChildEnd ended = end();
  EXPECT_EQ(ended.exit_code, 70);
  EXPECT_THAT(ended.message, testing::HasSubstr("signal"));
}

TEST_F(ChildRunTest, AProgramThatIsNotThereIsAnError) {
  const auto run = start({"/nowhere/sluice"});
  const ChildEnd ended = end();
  EXPECT_EQ(ended.exit_code, 70);
  EXPECT_THAT(ended.message, testing::HasSubstr("/nowhere/sluice"));
}

TEST_F(ChildRunTest, CanBeStopped) {
  const auto run =
      shell(R"(trap 'exit 4' TERM; echo '{"progress": {}}'; while :; do sleep 0.02; done)");
  first_.get_future().wait();
  run->signal(SIGTERM);
  EXPECT_EQ(end().exit_code, 4);
  run->signal(SIGTERM);
}

}  // namespace
}  // namespace sluice::host::serve
