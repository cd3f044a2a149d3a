#include "serve/new_files.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "serve/http.hpp"

namespace sluice::host::serve {
namespace {

namespace fs = std::filesystem;

class NewFilesTest : public ::testing::Test {
 protected:
  NewFilesTest() {
    std::string pattern = (fs::temp_directory_path() / "sluice-XXXXXX").string();
    if (mkdtemp(pattern.data()) != nullptr) folder_ = pattern;
  }
  ~NewFilesTest() override { fs::remove_all(folder_); }

  static std::string text_of(const fs::path& file) {
    std::ifstream in{file};
    return {std::istreambuf_iterator<char>{in}, {}};
  }
  static unsigned mode_of(const fs::path& file) {
    struct stat found {};
    EXPECT_EQ(::stat(file.c_str(), &found), 0);
    return found.st_mode & 0777U;
  }
  [[nodiscard]] std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::recursive_directory_iterator{folder_},
                                                  fs::recursive_directory_iterator{}));
  }
  fs::path folder_;
};

TEST_F(NewFilesTest, StayOnceTheyAreKept) {
  NewFiles files_;
  files_.write_secret(folder_ / "secrets" / "key", "s3cret\n");
  files_.write(folder_ / "x.yaml", "a: 1\n");
  files_.keep();
  EXPECT_EQ(text_of(folder_ / "secrets" / "key"), "s3cret\n");
  EXPECT_EQ(mode_of(folder_ / "secrets" / "key"), 0600U);
  EXPECT_EQ(mode_of(folder_ / "secrets"), 0700U);
  EXPECT_EQ(text_of(folder_ / "x.yaml"), "a: 1\n");
  EXPECT_EQ(mode_of(folder_ / "x.yaml"), 0640U);
  EXPECT_EQ(files(), 3U) << "nothing else is left";
}

TEST_F(NewFilesTest, NeverTakeThePlaceOfAnotherAndGoWithTheOneThatFailed) {
  std::ofstream{folder_ / "x.yaml"} << "theirs";
  fs::create_symlink("/nowhere", folder_ / "y.yaml");
  for (const char* name : {"x.yaml", "y.yaml"}) {
    NewFiles files_;
    files_.write_secret(folder_ / "secrets" / "key", "s3cret\n");
    try {
      files_.write(folder_ / name, "ours");
      FAIL() << name;
    } catch (const Problem& problem) {
      EXPECT_EQ(problem.status(), 409);
    }
  }
  EXPECT_EQ(text_of(folder_ / "x.yaml"), "theirs");
  EXPECT_EQ(files(), 3U) << "the two that were there, and an empty folder";
}

TEST_F(NewFilesTest, SaysWhyAFolderCannotBeWrittenTo) {
  NewFiles files_;
  try {
    files_.write(folder_ / "nowhere" / "x.yaml", "a: 1\n");
    FAIL();
  } catch (const Problem& problem) {
    EXPECT_EQ(problem.status(), 409);
    EXPECT_NE(std::string{problem.what()}.find("No such file"), std::string::npos);
  }
}

}  // namespace
}  // namespace sluice::host::serve
