#include <gmock/gmock.h>

#include <sluice/error.hpp>

#include "document_store.hpp"
#include "file_fixture.hpp"
#include "file_writer.hpp"

namespace file_connector {
namespace {

using sluice::Effect;
using sluice::Outcome;
using sluice::Write;
using sluice::WriteMode;

class WriterTest : public FileTest {
 protected:
  // Writes lines as they cross from the host.
  std::vector<Outcome> write(FileWriter& writer, std::string_view ndjson) {
    sluice::JsonParser parser;
    const auto batch = sluice::detail::decode_writes(parser, ndjson);
    return writer.write(context, batch.writes);
  }
  Outcome write_one(std::string_view line, WriteMode mode = WriteMode::Upsert) {
    FileWriter writer{std::make_unique<DocumentStore>(path, "email"), "email", mode, "mark"};
    return write(writer, line).at(0);
  }
};

TEST_F(WriterTest, AppendsADocumentALine) {
  FileWriter writer{std::make_unique<DocumentStore>(path, "email"), "email", WriteMode::Upsert,
                    "mark"};
  const auto outcomes =
      write(writer,
            "{\"op\":\"upsert\",\"key\":\"a@b\",\"fields\":{\"email\":\"a@b\",\"Name\":\"Ann\"}}\n"
            "{\"op\":\"upsert\",\"key\":\"c@d\",\"fields\":{\"Age\":7}}\n");
  ASSERT_EQ(outcomes.size(), 2U);
  EXPECT_EQ(outcomes[0].effect, Effect::Created);
  EXPECT_EQ(contents(), "{\"email\":\"a@b\",\"Name\":\"Ann\"}\n{\"Age\":7,\"email\":\"c@d\"}\n");
  writer.flush(context);
}

TEST_F(WriterTest, KeepsFieldsThatAreNotWritten) {
  write_one(R"({"op":"upsert","key":"k","fields":{"email":"k","a":1,"b":"x","c":true}})");
  const auto outcome =
      write_one(R"({"op":"upsert","key":"k","fields":{"a":2,"b":null,"new":"y"}})");
  EXPECT_EQ(outcome.effect, Effect::Updated);
  EXPECT_THAT(contents(),
              ::testing::EndsWith("{\"email\":\"k\",\"a\":2,\"c\":true,\"new\":\"y\"}\n"));
}

TEST_F(WriterTest, AddsNothingWhenItIsReplayed) {
  const auto line =
      R"({"op":"upsert","key":"k","fields":{"a":1,"n":null},"sets":{"tags":{"add":["x"],"remove":["y"]}}})";
  EXPECT_EQ(write_one(line).effect, Effect::Created);
  const auto before = contents();
  EXPECT_EQ(write_one(line).effect, Effect::Unchanged);
  EXPECT_EQ(contents(), before);
}

TEST_F(WriterTest, ChangesSetsByMember) {
  write_one(R"({"op":"upsert","key":"k","fields":{},"sets":{"tags":{"add":["own"]}}})");
  append("{\"email\":\"k\",\"tags\":[\"own\",\"foreign\"]}\n");
  write_one(
      R"({"op":"upsert","key":"k","fields":{},"sets":{"tags":{"add":["new"],"remove":["own","absent"]}}})");
  EXPECT_THAT(contents(),
              ::testing::EndsWith("{\"email\":\"k\",\"tags\":[\"foreign\",\"new\"]}\n"));
}

TEST_F(WriterTest, SetsSomeFieldsOnlyWhereThereIsNoValue) {
  append("{\"email\":\"k\",\"full\":\"kept\",\"empty\":\"\",\"none\":null}\n");
  write_one(
      R"({"op":"upsert","key":"k","fields":{"full":"1","empty":"2","none":"3","absent":"4"},"if_empty":["full","empty","none","absent"]})");
  EXPECT_THAT(contents(), ::testing::EndsWith(
                              R"({"email":"k","full":"kept","empty":"2","none":"3","absent":"4"})"
                              "\n"));
}

TEST_F(WriterTest, HoldsToItsMode) {
  const auto line = R"({"op":"upsert","key":"k","fields":{"a":1}})";
  EXPECT_EQ(write_one(line, WriteMode::Update).code, "not_found");
  EXPECT_EQ(write_one(line, WriteMode::Create).effect, Effect::Created);
  EXPECT_EQ(write_one(line, WriteMode::Create).code, "exists");
}

TEST_F(WriterTest, MarksDeletions) {
  write_one(R"({"op":"upsert","key":"k","fields":{"email":"k"}})");
  const auto gone = R"({"op":"delete","key":"k","action":"mark"})";
  EXPECT_EQ(write_one(gone).effect, Effect::Deleted);
  EXPECT_THAT(contents(), ::testing::EndsWith("{\"email\":\"k\",\"_deleted\":true}\n"));
  EXPECT_EQ(write_one(gone).effect, Effect::Unchanged);
  EXPECT_EQ(write_one(R"({"op":"delete","key":"k","action":"shred"})").status,
            Outcome::Status::Rejected);
  EXPECT_EQ(write_one(R"({"op":"upsert","key":"k","fields":{"email":"k"}})").effect,
            Effect::Created);
}

TEST_F(WriterTest, ChangesAKey) {
  write_one(R"({"op":"upsert","key":"old","fields":{"email":"old","a":1}})");
  const auto outcome =
      write_one(R"({"op":"upsert","key":"new","previous_key":"old","fields":{"email":"new"}})");
  EXPECT_EQ(outcome.effect, Effect::Updated);
  EXPECT_TRUE(outcome.rekeyed);
  EXPECT_THAT(contents(), ::testing::EndsWith("{\"email\":\"old\",\"_deleted\":true}\n"
                                              "{\"email\":\"new\",\"a\":1}\n"));
  const auto again =
      write_one(R"({"op":"upsert","key":"new","previous_key":"old","fields":{"email":"new"}})");
  EXPECT_EQ(again.effect, Effect::Unchanged);
  EXPECT_TRUE(again.rekeyed);
}

TEST_F(WriterTest, LeavesThePreviousKeyWhenTheNewOneExists) {
  write_one(R"({"op":"upsert","key":"old","fields":{"a":1}})");
  write_one(R"({"op":"upsert","key":"new","fields":{"a":2}})");
  const auto outcome =
      write_one(R"({"op":"upsert","key":"new","previous_key":"old","fields":{"b":3}})");
  EXPECT_FALSE(outcome.rekeyed);
  FileWriter writer{std::make_unique<DocumentStore>(path, "email"), "email", WriteMode::Upsert,
                    "mark"};
  const auto rows = writer.lookup(context, {"old", "new"}, false);
  EXPECT_EQ(sluice::to_json(rows[0].fields), R"({"a":1,"email":"old"})");
  EXPECT_EQ(sluice::to_json(rows[1].fields), R"({"a":2,"email":"new","b":3})");
}

TEST_F(WriterTest, RejectsOneRecordWithoutItsNeighbours) {
  FileWriter writer{std::make_unique<DocumentStore>(path, "email"), "email", WriteMode::Upsert,
                    "mark"};
  const auto outcomes = write(writer,
                              "{\"op\":\"upsert\",\"key\":\"\",\"fields\":{}}\n"
                              "{\"op\":\"upsert\",\"key\":\"a\",\"fields\":{\"_deleted\":true}}\n"
                              "{\"op\":\"upsert\",\"key\":\"b\",\"fields\":{}}\n");
  EXPECT_EQ(outcomes[0].status, Outcome::Status::Rejected);
  EXPECT_EQ(outcomes[1].field, "_deleted");
  EXPECT_EQ(outcomes[2].effect, Effect::Created);
  EXPECT_EQ(contents(), "{\"email\":\"b\"}\n");
}

TEST_F(WriterTest, ReadsBack) {
  write_one(R"({"op":"upsert","key":"k","fields":{"a":1},"sets":{"tags":{"add":["x","y"]}}})");
  FileWriter writer{std::make_unique<DocumentStore>(path, "email"), "email", WriteMode::Upsert,
                    "mark"};
  const auto rows = writer.lookup(context, {"k", "absent"}, false);
  EXPECT_TRUE(rows[0].found);
  EXPECT_EQ(rows[0].fields.at("a"), 1);
  EXPECT_EQ(rows[0].sets.at("tags"), (std::vector<std::string>{"x", "y"}));
  EXPECT_FALSE(rows[1].found);
  EXPECT_EQ(error_of([&] { writer.lookup(context, {"1"}, true); }).code(),
            sluice::Code::Unsupported);
}

TEST_F(WriterTest, IsTheOnlyOneToWriteButNotToRead) {
  FileWriter first{std::make_unique<DocumentStore>(path, "email"), "email", WriteMode::Upsert,
                   "mark"};
  write(first, R"({"op":"upsert","key":"k","fields":{"a":1}})");
  FileWriter second{std::make_unique<DocumentStore>(path, "email"), "email", WriteMode::Upsert,
                    "mark"};
  EXPECT_TRUE(second.lookup(context, {"k"}, false)[0].found);
  EXPECT_EQ(
      error_of([&] { write(second, R"({"op":"upsert","key":"k","fields":{"a":2}})"); }).code(),
      sluice::Code::Transient);
}

TEST_F(WriterTest, WritesOnIntoANewFileAfterRotation) {
  FileWriter writer{std::make_unique<DocumentStore>(path, "email"), "email", WriteMode::Upsert,
                    "mark"};
  write(writer, R"({"op":"upsert","key":"k","fields":{"a":1}})");
  std::filesystem::rename(path, folder / "old.ndjson");
  EXPECT_EQ(write(writer, R"({"op":"upsert","key":"k","fields":{"a":1}})")[0].effect,
            Effect::Created);
  EXPECT_EQ(contents(), "{\"a\":1,\"email\":\"k\"}\n");
}

TEST_F(WriterTest, ReadsWhatItWroteAsASource) {
  write_one(R"({"op":"upsert","key":"a","fields":{"n":1}})");
  write_one(R"({"op":"upsert","key":"b","fields":{"n":2}})");
  write_one(R"({"op":"delete","key":"a","action":"mark"})");
  FileSource source{config(R"("key":"email","deleted":"_deleted")")};
  const auto seen = walk(context, source, sluice::ReadMode::Full).records;
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen[2].op, "delete");
  EXPECT_EQ(seen[2].key, "a");
}

TEST_F(WriterTest, TellsWhatAWriteWouldChange) {
  write_one(
      R"({"op":"upsert","key":"a","fields":{"n":1,"own":2},"sets":{"tags":{"add":["x","y"]}}})");
  FileWriter writer{std::make_unique<DocumentStore>(path, "email"), "email", WriteMode::Upsert,
                    "mark"};
  const auto differences = [&](const std::string& lines) {
    sluice::JsonParser parser;
    const auto batch = sluice::detail::decode_writes(parser, lines);
    return writer.verify(context, batch.writes);
  };
  const auto same = differences(
      "{\"op\":\"upsert\",\"key\":\"a\",\"fields\":{\"n\":1,\"gone\":null,\"own\":7},"
      "\"if_empty\":[\"own\"],\"sets\":{\"tags\":{\"add\":[\"x\"]}}}\n"
      "{\"op\":\"upsert\",\"key\":\"b\",\"fields\":{}}\n");
  EXPECT_TRUE(same[0].found);
  EXPECT_TRUE(same[0].names.empty());
  EXPECT_FALSE(same[1].found);
  const auto other = differences(
      "{\"op\":\"upsert\",\"key\":\"a\",\"fields\":{\"n\":2,\"own\":2},"
      "\"sets\":{\"tags\":{\"add\":[\"z\"]}}}\n");
  EXPECT_EQ(other[0].names, (std::vector<std::string>{"n", "tags"}));
}

TEST_F(WriterTest, ModeCreateKnowsItsOwnWorkAgain) {
  FileWriter writer{std::make_unique<DocumentStore>(path, "email"), "email", WriteMode::Create,
                    "mark"};
  write(writer, R"({"op":"upsert","key":"a","fields":{"n":1}})");
  EXPECT_EQ(
      write(writer, R"({"op":"upsert","key":"a","repeated":true,"fields":{"n":1}})")[0].effect,
      Effect::Created);
  EXPECT_EQ(write(writer, R"({"op":"upsert","key":"a","repeated":true,"fields":{"n":2}})")[0].code,
            "exists");
  EXPECT_EQ(write(writer, R"({"op":"upsert","key":"a","fields":{"n":1}})")[0].code, "exists");
}

}  // namespace
}  // namespace file_connector
