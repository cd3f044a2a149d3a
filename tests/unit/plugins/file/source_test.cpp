#include <gmock/gmock.h>

#include <sluice/error.hpp>

#include "file_fixture.hpp"

namespace file_connector {
namespace {

using sluice::Code;
using sluice::ReadMode;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class FileSourceTest : public FileTest {};

TEST_F(FileSourceTest, ShowsEveryLineAsItIs) {
  put("{\"id\":\"a\",\"price\":1.10,\"big\":18446744073709551615}\n\n{\"id\":2}\r\n");
  FileSource source{config()};
  const auto seen = walk(context, source, ReadMode::Full);
  ASSERT_THAT(keys_of(seen.records), ElementsAre("a", "2"));
  EXPECT_EQ(seen.records[0].op, "upsert");
  EXPECT_EQ(seen.records[0].data, R"({"id":"a","price":1.1,"big":18446744073709551615})");
  EXPECT_TRUE(seen.complete);
}

TEST_F(FileSourceTest, PassesTheTextOfALineOnUntouched) {
  put("{ \"id\": \"a\", \"price\": 1.10 }\n");
  FileSource source{config()};
  const auto page = source.open(context, {.stream = "records"})->next(context);
  EXPECT_THAT(page.records.ndjson(), HasSubstr(R"("data":{ "id": "a", "price": 1.10 }})"));
}

TEST_F(FileSourceTest, ReadsMembersThatTheOptionsName) {
  put(R"({"c":{"id":7},"at":"2024-05-01T10:00:00Z","rank":3,"gone":false})"
      "\n"
      R"({"c":{"id":8},"at":"2024-05-01T12:00:00+02:00","rank":4,"gone":true})"
      "\n");
  FileSource source{config(R"("key":"c.id","version":"at","recency":"rank","deleted":"gone")")};
  const auto seen = walk(context, source, ReadMode::Full).records;
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[0].key, "7");
  EXPECT_EQ(seen[0].version, 1714557600000);
  EXPECT_EQ(seen[0].recency, 3);
  EXPECT_EQ(seen[1].op, "delete");
  EXPECT_EQ(seen[1].version, 1714557600000);
  EXPECT_EQ(seen[1].data, "");
}

TEST_F(FileSourceTest, ReadsLaterLinesAsNewer) {
  put("{\"id\":\"a\",\"n\":1}\n{\"id\":\"a\",\"n\":2}\n");
  FileSource source{config()};
  const auto seen = walk(context, source, ReadMode::Full).records;
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_LE(seen[0].version, seen[1].version);
  EXPECT_LT(seen[0].recency, seen[1].recency);
}

TEST_F(FileSourceTest, NeverGivesALowerVersionWhenTheClockGoesBack) {
  put("{\"id\":\"a\"}\n");
  FileSource source{config()};
  const auto first = walk(context, source, ReadMode::Full);
  append("{\"id\":\"a\",\"n\":2}\n");
  host.set_now({});
  const auto second = walk(context, source, ReadMode::Incremental, first.cursors.back());
  ASSERT_EQ(second.records.size(), 1U);
  EXPECT_GE(second.records[0].version, first.records[0].version);
}

TEST_F(FileSourceTest, ContinuesAfterEveryPage) {
  std::string text;
  for (int i = 0; i < 10; ++i) text += "{\"id\":\"k" + std::to_string(i) + "\"}\n";
  put(text);
  FileSource source{config(R"("page_records":3)")};
  const auto whole = walk(context, source, ReadMode::Full);
  ASSERT_EQ(whole.records.size(), 10U);
  for (std::size_t page = 0; page + 1 < whole.cursors.size(); ++page) {
    const auto rest = walk(context, source, ReadMode::Full, whole.cursors[page]);
    const auto shown = (page + 1) * 3;
    EXPECT_EQ(rest.records.size(), 10 - shown);
    EXPECT_EQ(rest.records.empty() ? "" : rest.records.front().key, "k" + std::to_string(shown));
    EXPECT_TRUE(rest.complete) << "a walk that was continued showed everything, too";
  }
}

TEST_F(FileSourceTest, ShowsOnlyWhatWasAppended) {
  put("{\"id\":\"a\"}\n");
  FileSource source{config()};
  auto cursor = walk(context, source, ReadMode::Full).cursors.back();
  const auto nothing = walk(context, source, ReadMode::Incremental, cursor);
  EXPECT_THAT(nothing.records, IsEmpty());
  EXPECT_FALSE(nothing.complete);
  append("{\"id\":\"b\"}\n");
  const auto more = walk(context, source, ReadMode::Incremental, nothing.cursors.back());
  EXPECT_THAT(keys_of(more.records), ElementsAre("b"));
  EXPECT_FALSE(more.complete);
}

TEST_F(FileSourceTest, RefusesTheCursorOfAFileThatWasRewritten) {
  put("{\"id\":\"a\"}\n{\"id\":\"b\"}\n");
  FileSource source{config()};
  const auto cursor = walk(context, source, ReadMode::Full).cursors.back();
  const auto refused = [&] {
    return error_of([&] { walk(context, source, ReadMode::Incremental, cursor); }).code();
  };
  put("{\"id\":\"x\"}\n{\"id\":\"b\"}\n{\"id\":\"c\"}\n");
  EXPECT_EQ(refused(), Code::CursorInvalid);
  put("{\"id\":\"a\"}\n");
  EXPECT_EQ(refused(), Code::CursorInvalid);
}

TEST_F(FileSourceTest, AcceptsAReplacementThatBeginsTheSame) {
  put("{\"id\":\"a\"}\n");
  FileSource source{config()};
  const auto cursor = walk(context, source, ReadMode::Full).cursors.back();
  std::filesystem::remove(path);
  put("{\"id\":\"a\"}\n{\"id\":\"b\"}\n");
  EXPECT_THAT(keys_of(walk(context, source, ReadMode::Incremental, cursor).records),
              ElementsAre("b"));
}

TEST_F(FileSourceTest, NoticesARewriteDuringTheWalk) {
  put("{\"id\":\"a\"}\n{\"id\":\"b\"}\n{\"id\":\"c\"}\n");
  FileSource source{config(R"("page_records":1)")};
  const auto reader = source.open(context, {.stream = "records"});
  EXPECT_EQ(reader->next(context).records.size(), 1U);
  put("{\"id\":\"x\"}\n{\"id\":\"y\"}\n{\"id\":\"z\"}\n{\"id\":\"zz\"}\n");
  const auto error = error_of([&] {
    while (!reader->next(context).end) {
    }
  });
  EXPECT_EQ(error.code(), Code::CursorInvalid);
  EXPECT_THAT(error.what(), HasSubstr("rewritten"));
}

TEST_F(FileSourceTest, ReadsOnWhileSomebodyAppends) {
  put("{\"id\":\"a\"}\n{\"id\":\"b\"}\n");
  FileSource source{config(R"("page_records":1)")};
  const auto reader = source.open(context, {.stream = "records"});
  EXPECT_EQ(reader->next(context).records.size(), 1U);
  append("{\"id\":\"c\"}\n");
  std::size_t count = 1;
  for (;;) {
    const auto page = reader->next(context);
    count += page.records.size();
    if (page.end) {
      EXPECT_TRUE(page.complete);
      break;
    }
  }
  EXPECT_EQ(count, 3U);
}

TEST_F(FileSourceTest, RefusesForeignCursors) {
  put("{\"id\":\"a\"}\n");
  FileSource source{config()};
  for (const char* cursor :
       {"5", "{}", R"({"offset":-1})", R"({"offset":0,"lines":0,"version":0,"whole":1})"}) {
    const auto error =
        error_of([&] { walk(context, source, ReadMode::Incremental, sluice::parse_json(cursor)); });
    EXPECT_EQ(error.code(), Code::CursorInvalid) << cursor;
  }
}

TEST_F(FileSourceTest, TakesALastLineWithoutEnd) {
  put("{\"id\":\"a\"}\n{\"id\":\"b\"}");
  FileSource source{config()};
  const auto seen = walk(context, source, ReadMode::Full);
  EXPECT_THAT(keys_of(seen.records), ElementsAre("a", "b"));
  EXPECT_TRUE(seen.complete);
  append("\n{\"id\":\"c\"}\n");
  EXPECT_THAT(keys_of(walk(context, source, ReadMode::Incremental, seen.cursors.back()).records),
              ElementsAre("c"));
}

TEST_F(FileSourceTest, LeavesAnUnfinishedLineForTheNextRun) {
  put("{\"id\":\"a\"}\n{\"id\":\"b\",\"na");
  FileSource source{config()};
  const auto seen = walk(context, source, ReadMode::Full);
  EXPECT_THAT(keys_of(seen.records), ElementsAre("a"));
  EXPECT_FALSE(seen.complete) << "the unfinished line may be a record's";
  EXPECT_TRUE(host.logged("left for the next run"));
  append("me\":1}\n");
  EXPECT_THAT(keys_of(walk(context, source, ReadMode::Incremental, seen.cursors.back()).records),
              ElementsAre("b"));
}

TEST_F(FileSourceTest, NamesTheBadLineAndFailsAgainUntilItIsCorrected) {
  put("{\"id\":\"a\"}\n{\"id\":}\n{\"id\":\"c\"}\n");
  FileSource source{config()};
  const auto reader = source.open(context, {.stream = "records"});
  for (int attempt = 0; attempt < 2; ++attempt) {
    const auto error = error_of([&] { static_cast<void>(reader->next(context)); });
    EXPECT_EQ(error.code(), Code::SchemaMismatch);
    EXPECT_THAT(error.what(), HasSubstr(path.string() + ":2: invalid JSON"));
  }
  put("{\"id\":\"a\"}\n{\"id\":1}\n{\"id\":\"c\"}\n");
}

TEST_F(FileSourceTest, SkipsBadLinesWhenToldTo) {
  put("{\"id\":\"a\"}\nnonsense\n[1]\n{\"name\":\"no "
      "key\"}\n{\"id\":1.5}\n{\"id\":99999999999999999999}\n{\"id\":\"c\"}\n");
  FileSource source{config(R"("bad_lines":"skip","page_records":2)")};
  const auto seen = walk(context, source, ReadMode::Full);
  EXPECT_THAT(keys_of(seen.records), ElementsAre("a", "c"));
  EXPECT_EQ(host.counter("bad lines skipped"), 5);
  EXPECT_TRUE(host.logged(":2: invalid JSON"));
  EXPECT_FALSE(seen.complete) << "a record may hide in a bad line";
  EXPECT_FALSE(walk(context, source, ReadMode::Full, seen.cursors.front()).complete);
}

TEST_F(FileSourceTest, ChecksThatTheFileCanBeRead) {
  FileSource source{config()};
  EXPECT_EQ(error_of([&] { source.check(context); }).code(), Code::NotFound);
  std::filesystem::create_directory(path);
  EXPECT_EQ(error_of([&] { source.check(context); }).code(), Code::Config);
  std::filesystem::remove(path);
  put("");
  EXPECT_EQ(source.check(context).id, "file:" + std::filesystem::canonical(path).string());
}

TEST_F(FileSourceTest, KnowsOneStream) {
  put("");
  FileSource source{config()};
  ASSERT_EQ(source.discover(context).size(), 1U);
  EXPECT_EQ(source.discover(context)[0].name, "records");
  EXPECT_EQ(error_of([&] { source.open(context, {.stream = "customers"}); }).code(),
            Code::NotFound);
  EXPECT_TRUE(walk(context, source, ReadMode::Full).complete) << "an empty file is complete";
}

TEST_F(FileSourceTest, StopsWithinAPage) {
  put("{\"id\":\"a\"}\n");
  FileSource source{config()};
  const auto reader = source.open(context, {.stream = "records"});
  host.stop();
  EXPECT_EQ(error_of([&] { static_cast<void>(reader->next(context)); }).code(), Code::Cancelled);
}

}  // namespace
}  // namespace file_connector
