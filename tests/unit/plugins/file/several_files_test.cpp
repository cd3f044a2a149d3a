// Several files as one source.
#include <gmock/gmock.h>

#include <sluice/error.hpp>

#include "file_fixture.hpp"

namespace file_connector {
namespace {

namespace fs = std::filesystem;
using sluice::Code;
using sluice::ReadMode;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SeveralFilesTest : public FileTest {
 protected:
  void put_file(const std::string& name, std::string_view text) const {
    std::ofstream{folder / name} << text;
  }
  void append_to(const std::string& name, std::string_view text) const {
    std::ofstream{folder / name, std::ios::app} << text;
  }
};

TEST_F(SeveralFilesTest, AreReadInTheOrderOfTheirNames) {
  put_file("b.csv", "id\nb1\nb2\n");
  pack(folder / "a.csv.gz", "id\na1\n");
  put_file("c.csv", "id\nc1\n");
  put_file(".hidden.csv", "id\nx\n");
  fs::create_directory(folder / "d.csv");
  FileSource source{config_of_files("*.csv*")};
  const auto seen = walk(context, source, ReadMode::Full);
  EXPECT_THAT(keys_of(seen.records), ElementsAre("a1", "b1", "b2", "c1"));
  EXPECT_TRUE(seen.complete);
  for (std::size_t i = 1; i < seen.records.size(); ++i) {
    EXPECT_LT(seen.records[i - 1].recency, seen.records[i].recency);
  }
  EXPECT_THAT(keys_of(walk(context, source, ReadMode::Latest, nullptr, 3).records),
              ElementsAre("c1", "b2", "b1"));
}

TEST_F(SeveralFilesTest, ContinueAfterEveryPage) {
  put_file("a", "{\"id\":1}\n{\"id\":2}\n{\"id\":3}\n");
  put_file("b", "");
  put_file("c", "{\"id\":4}\n{\"id\":5}\n");
  FileSource source{config_of_files("[a-c]", R"("page_records":2)")};
  const auto whole = walk(context, source, ReadMode::Full);
  EXPECT_THAT(keys_of(whole.records), ElementsAre("1", "2", "3", "4", "5"));
  std::size_t shown = 0;
  for (std::size_t page = 0; page + 1 < whole.cursors.size(); ++page) {
    shown += 2;
    const auto rest = walk(context, source, ReadMode::Full, whole.cursors[page]);
    EXPECT_EQ(rest.records.size(), 5 - std::min<std::size_t>(shown, 5));
    EXPECT_TRUE(rest.complete);
  }
}

TEST_F(SeveralFilesTest, ShowWhatCameSince) {
  put_file("2.ndjson", "{\"id\":\"b\"}\n");
  put_file("4.ndjson", "{\"id\":\"d\"}\n");
  FileSource source{config_of_files("*.ndjson")};
  auto last = walk(context, source, ReadMode::Full).cursors.back();
  const auto changes = [&] {
    const auto seen = walk(context, source, ReadMode::Incremental, last);
    last = seen.cursors.back();
    return keys_of(seen.records);
  };
  EXPECT_THAT(changes(), IsEmpty());
  append_to("2.ndjson", "{\"id\":\"b2\"}\n");
  put_file("1.ndjson", "{\"id\":\"a\"}\n");
  put_file("5.ndjson", "{\"id\":\"e\"}\n");
  EXPECT_THAT(changes(), ElementsAre("a", "b2", "e"));
  EXPECT_THAT(changes(), IsEmpty());
  put_file("4.ndjson", "{\"id\":\"other\"}\n");
  EXPECT_EQ(error_of([&] { static_cast<void>(changes()); }).code(), Code::CursorInvalid);
}

TEST_F(SeveralFilesTest, AreWalkedAnewWhenOneHasGone) {
  put_file("a.csv", "id\n1\n");
  put_file("b.csv", "id\n2\n");
  FileSource source{config_of_files("*.csv")};
  const auto first = walk(context, source, ReadMode::Full);
  fs::remove(folder / "a.csv");
  const auto error = error_of([&] {
    static_cast<void>(walk(context, source, ReadMode::Incremental, first.cursors.back()));
  });
  EXPECT_EQ(error.code(), Code::CursorInvalid);
  EXPECT_STREQ(error.what(), "a.csv has gone");
}

TEST_F(SeveralFilesTest, GiveThePageAgainAfterAnError) {
  put_file("a", "{\"id\":1}\n");
  put_file("b", "{\"id\":2}\n");
  put_file("c", "nonsense\n");
  FileSource source{config_of_files("?")};
  const auto reader = source.open(context, {.stream = "records"});
  EXPECT_THAT(error_of([&] { static_cast<void>(reader->next(context)); }).what(),
              HasSubstr("c:1: invalid JSON"));
  put_file("c", "{\"id\":3}\n");
  const auto page = reader->next(context);
  EXPECT_THAT(keys_of(records_of(page.records)), ElementsAre("1", "2", "3"));
  EXPECT_TRUE(page.end);
}

TEST_F(SeveralFilesTest, LookUpTheLastFilesLine) {
  put_file("a.csv", "id,n\n1,old\n2,two\n");
  put_file("b.csv", "id,n\n1,new\n");
  FileSource source{config_of_files("*.csv")};
  const auto seen = records_of(source.lookup(context, {.stream = "records"}, {"1", "2"}));
  ASSERT_THAT(keys_of(seen), ElementsAre("2", "1"));
  EXPECT_EQ(seen[1].data, R"({"id":"1","n":"new"})");
}

TEST_F(SeveralFilesTest, MustBeNamedAndThere) {
  const auto refused = [&](std::string_view options) {
    return error_of([&] {
      FileSource source{sluice::Config{sluice::parse_json(options).as_object()}};
      static_cast<void>(source.check(context));
    });
  };
  EXPECT_THAT(refused("{}").what(), HasSubstr("no file is named: set 'path'"));
  EXPECT_THAT(refused(R"({"path":"x","files":"y"})").what(), HasSubstr("not both"));
  EXPECT_THAT(refused(R"({"files":"y"})").what(), HasSubstr("option 'directory' is missing"));
  EXPECT_THAT(refused(R"({"directory":"."})").what(), HasSubstr("option 'files' is missing"));
  EXPECT_THAT(refused(R"({"directory":".","files":"../x"})").what(), HasSubstr("leads out"));
  EXPECT_EQ(refused(R"({"directory":"/nonexistent","files":"*"})").code(), Code::NotFound);
  const std::string here = " (in " + std::filesystem::current_path().string() + ")";
  EXPECT_THAT(refused(R"({"path":"absent"})").what(), HasSubstr("absent" + here + ": cannot read"));
  EXPECT_THAT(refused(R"({"directory":"absent","files":"*"})").what(),
              HasSubstr("absent" + here + " is no directory"));
  FileSource source{config_of_files("*.csv")};
  const auto error = error_of([&] { static_cast<void>(source.check(context)); });
  EXPECT_EQ(error.code(), Code::NotFound);
  EXPECT_THAT(error.what(), HasSubstr("matches '*.csv'"));
}

TEST_F(SeveralFilesTest, MayStandInADirectoryWithAnyName) {
  folder /= "a[1]*";
  fs::create_directory(folder);
  put_file("x.csv", "id\n1\n");
  FileSource source{config_of_files("x.*")};
  EXPECT_EQ(walk(context, source, ReadMode::Full).records.size(), 1U);
  folder = folder.parent_path();
}

}  // namespace
}  // namespace file_connector
