#include "connector/confinement.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "connector/private_directory.hpp"
#include "connector/system_files.hpp"
#include "plugins.hpp"

namespace sluice::host {
namespace {

namespace fs = std::filesystem;

const json::object& schema() {
  static const json::object schema = parse_json(R"({"type":"object","properties":{
    "path":{"type":"string","format":"file-path"},
    "folder":{"type":"string","format":"directory-path","default":"/etc"},
    "certificate":{"type":"string","format":"file-path","access":"read"},
    "site":{"type":"string"},
    "more":{"type":"array","items":{"type":"object","properties":{
      "file":{"type":"string","format":"file-path"}}}}}})")
                                         .as_object();
  return schema;
}

std::vector<std::string> granted(const json::object& options, bool is_destination,
                                 const WorkerConfig& worker = {}) {
  std::vector<std::string> out;
  for (const auto& file : granted_files(schema(), options, is_destination, worker)) {
    out.push_back(file.path.string() + (file.write ? " write" : " read") +
                  (file.create ? " create" : ""));
  }
  return out;
}

using Paths = std::vector<std::string>;

TEST(Confinement, GrantsWhatOptionsOfPathsName) {
  const json::object options{{"path", "/data/in.ndjson"}, {"site", "/etc/shadow"}};
  EXPECT_EQ(granted(options, false), Paths{"/data/in.ndjson read"});
  EXPECT_EQ(granted(options, true), Paths{"/data/in.ndjson write create"});
  EXPECT_EQ(granted({{"folder", "/data"}}, true), Paths{"/data write"});
  EXPECT_EQ(granted({{"certificate", "/c.pem"}}, true), Paths{"/c.pem read"});
  EXPECT_EQ(granted({{"more", json::array{json::object{{"file", "/a"}}}}}, false),
            Paths{"/a read"});
}

TEST(Confinement, GrantsNothingThatNobodyWrote) {
  EXPECT_EQ(granted({}, true), Paths{});
  EXPECT_EQ(granted({{"path", ""}}, true), Paths{});
  EXPECT_EQ(granted({{"path", 7}}, true), Paths{});
}

TEST(Confinement, GrantsWhatTheFileAdds) {
  WorkerConfig worker;
  worker.read = {"/etc/hosts"};
  worker.write = {"/tmp"};
  EXPECT_EQ(granted({}, false, worker), (Paths{"/etc/hosts read", "/tmp write"}));
}

TEST(Confinement, TakesRelativePathsFromHere) {
  EXPECT_EQ(granted({{"path", "in.ndjson"}}, false),
            Paths{(fs::current_path() / "in.ndjson").string() + " read"});
}

TEST(Confinement, SeesWhenAFileIsReplaced) {
  const PrivateDirectory directory;
  const fs::path path = directory.path() / "file";
  const std::vector<FileGrant> files{{path, true, true}};
  const auto missing = identity_of(files);
  create_missing(files);
  const auto first = identity_of(files);
  EXPECT_NE(first, missing);
  std::ofstream{path} << "more";
  create_missing(files);
  EXPECT_EQ(identity_of(files), first);
  EXPECT_EQ(fs::file_size(path), 4U);
  std::ofstream{directory.path() / "other"} << "x";
  fs::rename(directory.path() / "other", path);
  EXPECT_NE(identity_of(files), first);
}

TEST(Confinement, CreatesOnlyWhatIsToBeCreated) {
  const PrivateDirectory directory;
  create_missing({{directory.path() / "read", false, false},
                  {directory.path() / "folder", true, false},
                  {directory.path() / "nowhere" / "file", true, true}});
  EXPECT_TRUE(fs::is_empty(directory.path()));
}

TEST(Confinement, TravelsWhole) {
  Confinement confinement;
  confinement.limits.confinement = Confine::Required;
  confinement.limits.memory = std::uint64_t{5} << 40;
  confinement.limits.file_size = 7;
  confinement.limits.descriptors = 99;
  confinement.files = {{"/a b", true, false}, {"/c", false, true}};
  confinement.temporary = "/tmp/x";
  const std::string text = encode_confinement(confinement);
  EXPECT_EQ(encode_confinement(decode_confinement(text)), text);
  const std::string report = encode_report({{"files"}, {"system calls: none"}});
  EXPECT_EQ(encode_report(decode_report(report)), report);
  EXPECT_EQ(error_of([] { (void)decode_confinement("{}"); }).code(), Code::Internal);
  EXPECT_EQ(error_of([] { (void)decode_report("[]"); }).code(), Code::Internal);
}

TEST(PrivateDirectoryTest, IsOfThisUserAloneAndGoesWithAllItContains) {
  fs::path path;
  {
    const PrivateDirectory directory;
    path = directory.path();
    std::ofstream{path / "left behind"} << "x";
    EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_all);
    EXPECT_NE(path, PrivateDirectory{}.path());
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST(SystemFiles, AreNoSecrets) {
  const auto files = system_files();
  for (const char* path : {"/", "/etc", "/etc/ssl", "/etc/ssl/private", "/proc", "/run", "/home",
                           "/root", "/var", "/tmp", "/dev"}) {
    EXPECT_EQ(std::count(files.begin(), files.end(), fs::path{path}), 0) << path;
  }
}

}  // namespace
}  // namespace sluice::host
