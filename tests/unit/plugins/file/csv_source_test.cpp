// Reading CSV, and compressed files.
#include <gmock/gmock.h>

#include <sluice/error.hpp>

#include "file_fixture.hpp"

namespace file_connector {
namespace {

using sluice::Code;
using sluice::ReadMode;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class CsvSourceTest : public FileTest {
 protected:
  CsvSourceTest() { path = folder / "records.csv"; }
  std::vector<SeenRecord> read(std::string_view options = "") {
    FileSource source{config(options)};
    return walk(context, source, ReadMode::Full).records;
  }
};

TEST_F(CsvSourceTest, NamesTheFieldsByTheHeader) {
  put("\xef\xbb\xbfid,name,amount\r\n1,Ada,001.50\r\n2,\"Love\nlace, \"\"A\"\"\",\r\n");
  const auto seen = read();
  ASSERT_THAT(keys_of(seen), ElementsAre("1", "2"));
  EXPECT_EQ(seen[0].data, R"({"id":"1","name":"Ada","amount":"001.50"})");
  EXPECT_EQ(seen[1].data, R"({"id":"2","name":"Love\nlace, \"A\"","amount":null})");
}

TEST_F(CsvSourceTest, ReadsColumnsThatTheOptionsName) {
  put("c.id;at;rank;gone\n7;2024-05-01T10:00:00Z;3;false\n8;2024-05-01T12:00:00+02:00;4;true\n");
  const auto seen =
      read(R"("delimiter":";","key":"c.id","version":"at","recency":"rank","deleted":"gone")");
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[0].key, "7");
  EXPECT_EQ(seen[0].version, 1714557600000);
  EXPECT_EQ(seen[0].recency, 3);
  EXPECT_EQ(seen[1].op, "delete");
}

TEST_F(CsvSourceTest, ReadsNoRecordsFromAHeaderOrNothing) {
  for (const char* text : {"", "id,name\n", "id,name"}) {
    put(text);
    EXPECT_THAT(read(), IsEmpty());
  }
}

TEST_F(CsvSourceTest, NamesFileAndLineOfARowThatIsNone) {
  const auto refused = [&](std::string_view text) {
    put(text);
    const auto error = error_of([&] { static_cast<void>(read()); });
    EXPECT_EQ(error.code(), Code::SchemaMismatch);
    return std::string{error.what()};
  };
  const auto place = [](int line) { return "records.csv:" + std::to_string(line) + ": "; };
  EXPECT_THAT(refused("id,name\n1,a\n\n\"2\",\"a\nb\"\n3\n"),
              HasSubstr(place(6) + "the row has 1 values, the header 2 columns"));
  EXPECT_THAT(refused("id,name\n1,a,b\n"), HasSubstr(place(2) + "the row has 3 values"));
  EXPECT_THAT(refused("id,id\n1,2\n"), HasSubstr(place(1) + "the header names two columns 'id'"));
  EXPECT_THAT(refused("id,name\n1,\"a\n2,b\n"), HasSubstr(place(2) + "a quote is not closed"));
  EXPECT_THAT(refused("id,name\n1,5\" pipe\n2,6\" pipe\n"), HasSubstr(place(2) + "value 2 has"));
  EXPECT_THAT(refused("id,name\n1,\xe4\n"), HasSubstr(place(2) + "invalid JSON"));
  EXPECT_THAT(refused("number,name\n1,a\n"),
              HasSubstr(place(2) + "the record has no text or whole number 'id'"));
  EXPECT_THAT(refused("id,name\n,a\n"), HasSubstr(place(2)));
}

TEST_F(CsvSourceTest, LeavesBadRowsOutIfToldTo) {
  put("id,name\n1\n2,b\n");
  FileSource source{config(R"("bad_lines":"skip")")};
  const auto seen = walk(context, source, ReadMode::Full);
  EXPECT_THAT(keys_of(seen.records), ElementsAre("2"));
  EXPECT_FALSE(seen.complete);
}

TEST_F(CsvSourceTest, LeavesARowThatIsStillWrittenForTheNextRun) {
  put("id,name\n1,a\n2");
  FileSource source{config()};
  const auto first = walk(context, source, ReadMode::Full);
  EXPECT_THAT(keys_of(first.records), ElementsAre("1"));
  EXPECT_FALSE(first.complete);
  append("2,bb\n");
  const auto second = walk(context, source, ReadMode::Incremental, first.cursors.back());
  ASSERT_THAT(keys_of(second.records), ElementsAre("22"));
}

TEST_F(CsvSourceTest, ContinuesAfterEveryPageAndFindsWhatWasAppended) {
  std::string text = "id,note\n";
  for (int i = 0; i < 7; ++i) text += "k" + std::to_string(i) + ",\"line\nbreak\"\n";
  put(text);
  FileSource source{config(R"("page_records":2)")};
  const auto whole = walk(context, source, ReadMode::Full);
  ASSERT_EQ(whole.records.size(), 7U);
  for (std::size_t page = 0; page + 1 < whole.cursors.size(); ++page) {
    const auto rest = walk(context, source, ReadMode::Full, whole.cursors[page]);
    EXPECT_EQ(rest.records.size(), 7 - 2 * (page + 1));
    EXPECT_TRUE(rest.complete);
  }
  append("k7,\n");
  const auto more = walk(context, source, ReadMode::Incremental, whole.cursors.back());
  EXPECT_THAT(keys_of(more.records), ElementsAre("k7"));
  append("k8\n");
  const auto error = error_of(
      [&] { static_cast<void>(walk(context, source, ReadMode::Full, more.cursors.back())); });
  EXPECT_THAT(error.what(), HasSubstr("records.csv:17: the row has 1 values"));
}

TEST_F(CsvSourceTest, ShowsTheLatestAndLooksUp) {
  put("id,note\na,\"1\n2\"\nb,\"x\"\"\n\"\"y\"\na,3\n");
  FileSource source{config()};
  const auto latest = walk(context, source, ReadMode::Latest, nullptr, 2).records;
  ASSERT_THAT(keys_of(latest), ElementsAre("a", "b"));
  EXPECT_EQ(latest[0].data, R"({"id":"a","note":"3"})");
  EXPECT_EQ(latest[1].data, R"({"id":"b","note":"x\"\n\"y"})");
  const auto all = walk(context, source, ReadMode::Latest, nullptr, 9).records;
  EXPECT_EQ(all.size(), 2U);
  const auto found = records_of(source.lookup(context, {.stream = "records"}, {"b", "z"}));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].op, "delete");
  EXPECT_EQ(found[1].data, R"({"id":"b","note":"x\"\n\"y"})");
}

TEST_F(CsvSourceTest, ReadsWhatIsCompressed) {
  path = folder / "records.csv.gz";
  pack(path, "id,name\n1,Ada\n");
  FileSource source{config()};
  const auto first = walk(context, source, ReadMode::Full);
  ASSERT_EQ(first.records.size(), 1U);
  EXPECT_EQ(first.records[0].data, R"({"id":"1","name":"Ada"})");
  EXPECT_TRUE(first.complete);
  pack(path, "2,Bob\n");
  const auto second = walk(context, source, ReadMode::Incremental, first.cursors.back());
  EXPECT_THAT(keys_of(second.records), ElementsAre("2"));
  EXPECT_THAT(keys_of(walk(context, source, ReadMode::Latest, nullptr, 1).records),
              ElementsAre("2"));
  EXPECT_EQ(source.lookup(context, {.stream = "records"}, {"1"}).size(), 1U);
}

TEST_F(CsvSourceTest, RefusesWhatIsNotCompressedOrCutOff) {
  path = folder / "records.ndjson.gz";
  put("{\"id\":1}\n");
  EXPECT_THAT(error_of([&] { static_cast<void>(read()); }).what(),
              HasSubstr("records.ndjson.gz is not compressed by gzip"));
  std::filesystem::remove(path);
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "{\"id\":" + std::to_string(i * 7919) + "}\n";
  pack(path, text);
  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  const auto cut = error_of([&] { static_cast<void>(read()); });
  EXPECT_EQ(cut.code(), Code::Transient);
  EXPECT_THAT(cut.what(), HasSubstr("records.ndjson.gz: the compressed file ends in the middle"));
}

}  // namespace
}  // namespace file_connector
