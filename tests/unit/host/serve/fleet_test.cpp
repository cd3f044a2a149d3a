#include "serve/fleet.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace sluice::host::serve {
namespace {

namespace fs = std::filesystem;

class FleetTest : public testing::Test {
 protected:
  FleetTest() {
    std::string name = (fs::temp_directory_path() / "sluice-fleet-XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
  }
  ~FleetTest() override { fs::remove_all(directory_); }

  // Put in place as a whole, so that every write is another file.
  void write(const std::string& file, const std::string& text) {
    std::ofstream{directory_ / ".new"} << text;
    fs::rename(directory_ / ".new", directory_ / file);
  }
  static std::string integration(const std::string& name, const std::string& more = "") {
    return "integration: " + name +
           "\nsource: {connector: file, path: \"${NOT_SET_ANYWHERE}\", key: id}\n"
           "destination: {connector: file, path: out.ndjson}\n" +
           more +
           "syncs: {people: {read: {stream: records}, write: {object: records, match: email}, "
           "fields: {email: .email}}}\n";
  }

  fs::path directory_;
};

TEST_F(FleetTest, ReadsWhatIsThereAndTellsWhatIsWrong) {
  write("a.yaml", integration("first", "schedule: {every: 90s}\n"));
  write("b.yml", "integration: second\nsyncs: 3\n");
  write("notes.txt", "nothing");
  write("c.yaml", integration("first"));
  Fleet fleet{directory_, {}};
  EXPECT_TRUE(fleet.refresh());
  ASSERT_EQ(fleet.members().size(), 3U);
  const auto& [a, b, c] = std::tie(fleet.members()[0], fleet.members()[1], fleet.members()[2]);
  EXPECT_FALSE(a.broken);
  EXPECT_EQ(a.name, "first");
  EXPECT_EQ(a.source, "file");
  EXPECT_EQ(a.schedule.every, std::chrono::seconds{90});
  EXPECT_THAT(a.syncs, testing::ElementsAre("people"));
  EXPECT_TRUE(b.broken);
  EXPECT_FALSE(b.findings.empty());
  EXPECT_TRUE(c.broken);
  EXPECT_THAT(c.findings.back().message, testing::HasSubstr("a.yaml"));
  EXPECT_FALSE(fleet.refresh());
}

TEST_F(FleetTest, ABrokenFileTakesNoNameFromAWholeOne) {
  write("a.yaml", "integration: first\nsyncs: 3\n");
  write("b.yaml", integration("first"));
  Fleet fleet{directory_, {}};
  fleet.refresh();
  EXPECT_TRUE(fleet.members()[0].broken);
  EXPECT_FALSE(fleet.members()[1].broken);
  EXPECT_THAT(fleet.members()[1].problem, testing::HasSubstr("NOT_SET_ANYWHERE"));
}

TEST_F(FleetTest, FollowsChanges) {
  write("a.yaml", integration("first"));
  write("b.yaml", integration("second"));
  Fleet fleet{directory_, {}};
  fleet.refresh();
  write("a.yaml", "integration: [\n");
  EXPECT_TRUE(fleet.refresh());
  EXPECT_TRUE(fleet.members()[0].broken);
  EXPECT_FALSE(fleet.members()[1].broken);
  write("a.yaml", integration("first"));
  EXPECT_TRUE(fleet.refresh());
  EXPECT_FALSE(fleet.members()[0].broken);
  fs::remove(directory_ / "a.yaml");
  EXPECT_TRUE(fleet.refresh());
  ASSERT_EQ(fleet.members().size(), 1U);
  EXPECT_EQ(fleet.members()[0].name, "second");
}

TEST_F(FleetTest, ADirectoryThatIsAwayForAMomentKeepsItsFiles) {
  write("a.yaml", integration("first"));
  Fleet fleet{directory_, {}};
  fleet.refresh();
  const fs::path elsewhere = directory_.string() + "-moved";
  fs::rename(directory_, elsewhere);
  EXPECT_TRUE(fleet.refresh());
  EXPECT_THAT(fleet.problem(), testing::HasSubstr(directory_.string()));
  EXPECT_EQ(fleet.members().size(), 1U);
  fs::rename(elsewhere, directory_);
  fleet.refresh();
  EXPECT_EQ(fleet.problem(), "");
}

}  // namespace
}  // namespace sluice::host::serve
