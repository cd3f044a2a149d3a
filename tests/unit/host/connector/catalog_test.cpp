#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "connector/connector.hpp"
#include "connector/file_trust.hpp"
#include "plugins.hpp"

namespace sluice::host {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string contents(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

class CatalogTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "catalog_XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path put(const std::string& id, const std::string& bytes, const fs::path& folder) {
    fs::create_directories(folder);
    const fs::path path = folder / ("libsluice_" + id + ".so");
    std::ofstream{path, std::ios::binary} << bytes;
    fs::permissions(path, fs::perms{0755});
    return path;
  }
  fs::path put(const std::string& id, const std::string& bytes) { return put(id, bytes, folder_); }

  static std::string plugin(const std::string& id) {
    return contents(plugin_directory() / ("libsluice_" + id + ".so"));
  }

  // The one problem of the folder.
  std::string problem() {
    const auto catalog = Catalog::scan({folder_});
    EXPECT_THAT(catalog.plugins(), IsEmpty());
    EXPECT_THAT(catalog.problems(), SizeIs(1));
    return catalog.problems().empty() ? "" : catalog.problems().front().message;
  }

  // The problem with a good plugin in which `bytes` stand at `offset`.
  std::string problem_with(std::size_t offset, std::string_view bytes) {
    std::string file = plugin("good");
    file.replace(offset, bytes.size(), bytes);
    put("good", file);
    return problem();
  }

  fs::path folder_;
};

TEST_F(CatalogTest, ReadsTheIdentity) {
  const auto path = put("good", plugin("good"));
  const auto catalog = Catalog::scan({"/nonexistent", folder_});
  ASSERT_THAT(catalog.plugins(), SizeIs(1));
  EXPECT_THAT(catalog.problems(), IsEmpty());
  const auto& found = catalog.find("good");
  EXPECT_EQ(found.path, path);
  EXPECT_EQ(found.id, "good");
  EXPECT_EQ(found.version, "1.2.3");
  EXPECT_EQ(found.sdk_version, "none");
  EXPECT_EQ(found.capabilities, 511U);
}

TEST_F(CatalogTest, IgnoresFilesWithOtherNames) {
  for (const char* name : {"libother.so", "libsluice_.so", "libsluice_x.so.1", "libsluice_x.a"}) {
    std::ofstream{folder_ / name} << "x";
  }
  const auto catalog = Catalog::scan({folder_});
  EXPECT_THAT(catalog.plugins(), IsEmpty());
  EXPECT_THAT(catalog.problems(), IsEmpty());
}

TEST_F(CatalogTest, RefusesWhatIsNoLibrary) {
  put("text", "#!/bin/sh\necho I am a script, and longer than the header of an ELF file is.\n");
  EXPECT_EQ(problem(), "this is not an ELF shared library");
  put("text", "");
  EXPECT_EQ(problem(), "this is not an ELF shared library");
}

TEST_F(CatalogTest, RefusesOtherMachines) {
  EXPECT_EQ(problem_with(4, "\x01"), "this library is built for another kind of machine");
  EXPECT_EQ(problem_with(18, std::string_view{"\x08\x00", 2}),
            "this library is built for another kind of machine");
}

TEST_F(CatalogTest, RefusesDamagedFiles) {
  put("good", plugin("good").substr(0, 5000));
  EXPECT_THAT(problem(), HasSubstr("the file is damaged"));
  EXPECT_THAT(problem_with(40, "\xff\xff\xff\xff"), HasSubstr("the file is damaged"));
  EXPECT_THAT(problem_with(62, "\xff\xff"),
              HasSubstr("the file is damaged: its section names lie nowhere"));
}

TEST_F(CatalogTest, RefusesLibrariesThatAreNoConnector) {
  put("no_note", plugin("no_note"));
  EXPECT_EQ(problem(), "this is not a Sluice connector: the library has no Sluice note");
}

TEST_F(CatalogTest, RefusesIdentitiesThatCannotBeRead) {
  put("bad_note", plugin("bad_note"));
  EXPECT_EQ(problem(), "its identity is not JSON");
}

TEST_F(CatalogTest, RefusesAnotherAbi) {
  put("wrong_abi", plugin("wrong_abi"));
  EXPECT_EQ(
      problem(),
      "built for ABI 7.0, this sluice has 1.0: install a newer sluice, or rebuild it with the "
      "SDK of this version");
}

TEST_F(CatalogTest, RefusesAnotherName) {
  put("other_name", plugin("other_name"));
  EXPECT_EQ(problem(), "it is connector 'another': name the file libsluice_another.so");
}

TEST_F(CatalogTest, RefusesLibrariesWithoutTheEntryPoint) {
  put("no_entry", plugin("no_entry"));
  EXPECT_EQ(problem(), "it does not export sluice_connector_entry");
}

TEST_F(CatalogTest, RefusesWhatEverybodyMayChange) {
  const auto path = put("good", plugin("good"));
  fs::permissions(path, fs::perms{0757});
  EXPECT_EQ(problem(), "the file may be changed by everybody: chmod o-w " + path.string());
  fs::permissions(path, fs::perms{0755});
  fs::permissions(folder_, fs::perms{0777});
  EXPECT_EQ(problem(), "its directory may be changed by everybody: chmod o-w " + folder_.string());
}

// Gives it to a group that is neither root's nor the process's own.
bool give_to_other_group(const fs::path& path) {
  return ::chown(path.c_str(), static_cast<uid_t>(-1), 54'321) == 0;
}

TEST_F(CatalogTest, RefusesWhatAnotherGroupMayChange) {
  const auto path = put("good", plugin("good"));
  fs::permissions(path, fs::perms{0775});
  EXPECT_THAT(Catalog::scan({folder_}).problems(), IsEmpty());
  if (!give_to_other_group(path)) GTEST_SKIP() << "only root can give files to any group";
  fs::permissions(path, fs::perms{0775});
  EXPECT_EQ(problem(),
            "the file may be changed by a group that is neither root's nor the user's (54321): "
            "chmod g-w " +
                path.string());
  fs::permissions(path, fs::perms{0755});
  EXPECT_THAT(Catalog::scan({folder_}).problems(), IsEmpty());
  ASSERT_TRUE(give_to_other_group(folder_));
  fs::permissions(folder_, fs::perms{0770});
  EXPECT_THAT(problem(), HasSubstr("its directory may be changed by a group"));
}

TEST_F(CatalogTest, RefusesWhatBelongsToAStranger) {
  const auto path = put("good", plugin("good"));
  if (::chown(path.c_str(), 54'321, 54'321) != 0) GTEST_SKIP() << "only root can give files away";
  EXPECT_THAT(problem(), HasSubstr("the file belongs to another user (54321)"));
}

TEST_F(CatalogTest, RefusesDirectoriesAndBrokenLinks) {
  fs::create_directory(folder_ / "libsluice_folder.so");
  EXPECT_EQ(problem(), "not a regular file");
  fs::remove(folder_ / "libsluice_folder.so");
  fs::create_symlink("/nonexistent/x", folder_ / "libsluice_link.so");
  EXPECT_EQ(problem(), "No such file or directory");
}

TEST_F(CatalogTest, TakesTheFirstOfTwoWithOneId) {
  const auto first = put("good", plugin("good"), folder_ / "a");
  put("good", plugin("good"), folder_ / "b");
  const auto catalog = Catalog::scan({folder_ / "a", folder_ / "b"});
  EXPECT_EQ(catalog.find("good").path, first);
  ASSERT_THAT(catalog.problems(), SizeIs(1));
  EXPECT_EQ(catalog.problems()[0].message, "connector 'good' is taken from " + first.string());
}

TEST_F(CatalogTest, ListsAFileOnceHoweverItIsReached) {
  put("good", plugin("good"), folder_ / "a");
  fs::create_directory_symlink(folder_ / "a", folder_ / "b");
  const auto catalog = Catalog::scan({folder_ / "a", folder_ / "b", folder_ / "a"});
  EXPECT_THAT(catalog.plugins(), SizeIs(1));
  EXPECT_THAT(catalog.problems(), IsEmpty());
}

TEST_F(CatalogTest, NamesWhatIsThereWhenAConnectorIsNot) {
  put("good", plugin("good"));
  put("reports", plugin("reports"));
  put("no_note", plugin("no_note"));
  const auto catalog = Catalog::scan({folder_});
  const auto message = [&](std::string_view id) {
    const auto error = error_of([&] { (void)catalog.find(id); });
    EXPECT_EQ(error.code(), Code::Config);
    return std::string{error.what()};
  };
  EXPECT_EQ(message("goood"),
            "there is no connector 'goood'; did you mean 'good'? installed: good, reports");
  EXPECT_EQ(message("elephant"), "there is no connector 'elephant'; installed: good, reports");
  EXPECT_EQ(message("no_note"),
            "connector 'no_note' cannot be used: " + (folder_ / "libsluice_no_note.so").string() +
                ": this is not a Sluice connector: the library has no Sluice note");
  const auto nothing = error_of([&] { (void)Catalog::scan({"/nonexistent"}).find("good"); });
  EXPECT_STREQ(nothing.what(),
               "there is no connector 'good': no connectors are installed in /nonexistent");
}

TEST_F(CatalogTest, SurvivesFilesThatAreDamagedAnywhere) {
  const std::string good = plugin("good");
  std::mt19937 random{3};
  for (int round = 0; round < 100; ++round) {
    std::string file = good;
    // The tables at both ends of the file decide what is read.
    for (int changes = 0; changes < 4; ++changes) {
      const std::size_t near = random() % 2500;
      file[random() % 2 == 0 ? near : file.size() - 1 - near] = static_cast<char>(random());
    }
    put("good", file);
    const auto catalog = Catalog::scan({folder_});
    EXPECT_EQ(catalog.plugins().size() + catalog.problems().size(), 1U);
  }
}

TEST(PluginDirectories, ComeFromTheEnvironmentAndThenFromBesideTheProgram) {
  ::setenv("SLUICE_PLUGIN_PATH", "/one::/two", 1);
  const auto directories = default_plugin_directories();
  ::unsetenv("SLUICE_PLUGIN_PATH");
  ASSERT_THAT(directories, SizeIs(3));
  EXPECT_EQ(directories[0], "/one");
  EXPECT_EQ(directories[1], "/two");
  EXPECT_EQ(directories[2], fs::path{SLUICE_BINARY_DIR} / "lib" / "sluice");
}

TEST_F(CatalogTest, TakesOnlyABuildThatIsNamed) {
  const auto path = put("good", plugin("good"));
  const auto digest = sha256_of(path);
  const auto catalog = Catalog::scan({folder_});
  const std::string other(64, '0');
  EXPECT_EQ(catalog.find("good", {}).path, path);
  EXPECT_EQ(catalog.find("good", {other, digest}).path, path);
  const auto error = error_of([&] { static_cast<void>(catalog.find("good", {other})); });
  EXPECT_EQ(error.code(), Code::Config);
  EXPECT_THAT(error.what(), HasSubstr("has the SHA-256 " + digest));
}

TEST_F(CatalogTest, DigestsAreThoseOfTheStandard) {
  const auto path = folder_ / "abc";
  std::ofstream{path} << "abc";
  EXPECT_EQ(sha256_of(path), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(error_of([&] { static_cast<void>(sha256_of(folder_ / "none")); }).code(), Code::Config);
}

TEST_F(CatalogTest, DistrustsADirectoryAboveThatOthersMayChange) {
  put("good", plugin("good"), folder_ / "above" / "below");
  EXPECT_THAT(Catalog::scan({folder_ / "above" / "below"}).problems(), IsEmpty());
  const auto problem_below = [&] {
    const auto catalog = Catalog::scan({folder_ / "above" / "below"});
    return catalog.problems().empty() ? "" : catalog.problems().front().message;
  };
  const auto above = folder_ / "above";
  fs::permissions(above, fs::perms{0777});
  EXPECT_EQ(problem_below(), "the directory " + above.string() +
                                 " may be changed by everybody: chmod o-w " + above.string());
  fs::permissions(above, fs::perms{01777});
  EXPECT_EQ(problem_below(), "");
  fs::permissions(above, fs::perms{0755});
  if (!give_to_other_group(above)) GTEST_SKIP() << "only root can give directories away";
  fs::permissions(above, fs::perms{0775});
  EXPECT_THAT(problem_below(), HasSubstr("above may be changed by a group"));
  fs::permissions(above, fs::perms{0755});
  ASSERT_EQ(::chown(above.c_str(), 54'321, 0), 0);
  EXPECT_THAT(problem_below(), HasSubstr("above belongs to another user (54321)"));
}

}  // namespace
}  // namespace sluice::host
