#include "pipeline/side.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "../state/state_fixture.hpp"

namespace sluice::host {
namespace {

// The file connector in workers, whose starts are counted.
class SideTest : public ::testing::Test {
 protected:
  SideTest() {
    const auto worker = directory_.path() / "worker";
    std::ofstream{worker} << "#!/bin/sh\necho >> '" << starts_.string() << "'\nexec '"
                          << SLUICE_BINARY_DIR "/bin/sluice-worker"
                          << "' \"$@\"\n";
    std::filesystem::permissions(worker, std::filesystem::perms::owner_all);
    ::setenv("SLUICE_WORKER", worker.c_str(), 1);
    connection_.connector = "file";
  }
  ~SideTest() override { ::unsetenv("SLUICE_WORKER"); }

  Side side() { return {"source", catalog_.find("file"), connection_, budget_, RunMode::Worker}; }
  [[nodiscard]] std::string path() const { return (directory_.path() / "in.ndjson").string(); }
  [[nodiscard]] std::uintmax_t starts() const { return std::filesystem::file_size(starts_); }

  TemporaryDirectory directory_;
  std::filesystem::path starts_ = directory_.path() / "starts";
  Catalog catalog_ = Catalog::scan({std::filesystem::path{SLUICE_BINARY_DIR} / "lib" / "sluice"});
  Connection connection_;
  RateBudget budget_{directory_.path() / "rates", system_wall_clock()};
};

TEST_F(SideTest, TheWorkerThatToldTheSpecBecomesTheConnector) {
  Side side = this->side();
  EXPECT_EQ(side.spec().at("id"), "file");
  side.configure({{"path", path()}, {"key", "id"}}, {});
  EXPECT_TRUE(side.connector()->alive());
  EXPECT_EQ(side.connector(), side.connector());
  EXPECT_EQ(starts(), 1U);
}

TEST_F(SideTest, OneThatIsToUseFilesIsStartedAnew) {
  std::ofstream{path()} << "{\"id\":\"a\"}\n";
  Side side = this->side();
  (void)side.spec();
  side.configure({{"path", path()}, {"key", "id"}}, {{path()}});
  EXPECT_FALSE(side.connector()->check().empty());
  EXPECT_EQ(starts(), 2U);
}

TEST_F(SideTest, FilesThatTheConnectionGrantsAreKnownBeforeTheSpec) {
  std::ofstream{path()} << "{\"id\":\"a\"}\n";
  connection_.worker.read = {path()};
  Side side = this->side();
  (void)side.spec();
  side.configure({{"path", path()}, {"key", "id"}}, {{path()}});
  EXPECT_FALSE(side.connector()->check().empty());
  EXPECT_EQ(starts(), 1U);
}

TEST_F(SideTest, OptionsThatAreRefusedLeaveNothingBehind) {
  // A connector of two roles would look at its options only when one of them is used.
  connection_.connector = "chargebee";
  Side side{"source", catalog_.find("chargebee"), connection_, budget_, RunMode::Worker};
  (void)side.spec();
  side.configure({{"site", 7}}, {});
  EXPECT_THROW((void)side.connector(), Error);
  EXPECT_THROW((void)side.connector(), Error);
  EXPECT_EQ(starts(), 2U);
}

}  // namespace
}  // namespace sluice::host
