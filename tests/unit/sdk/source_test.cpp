#include "sluice/source.hpp"

#include <gtest/gtest.h>

#include "errors.hpp"

namespace sluice {
namespace {

using testing::expect_error;

TEST(RecordBatch, WritesOneLineARecord) {
  RecordBatch batch;
  Record record;
  record.key = "a\"1";
  record.version = 5;
  record.recency = -2;
  record.data = {{"name", "J\u00f6rg"}, {"amount", 19.99}, {"big", UINT64_MAX}};
  batch.add(record);
  record.skip = "gift";
  batch.add(record);
  batch.add(Record::removed("b", 9));
  EXPECT_EQ(batch.size(), 3U);
  const std::string data = R"("data":{"name":"Jörg","amount":19.99,"big":18446744073709551615}})";
  EXPECT_EQ(batch.ndjson(),
            R"({"op":"upsert","key":"a\"1","version":5,"recency":-2,)" + data + "\n" +
                R"({"op":"upsert","key":"a\"1","version":5,"recency":-2,"skip":"gift",)" + data +
                "\n" + R"({"op":"delete","key":"b","version":9,"recency":0})" + "\n");
}

TEST(RecordBatch, KeepsRawDataOnOneLine) {
  RecordBatch batch;
  batch.add_raw("k", 1, 2, "{\n  \"a\": \"x\\ny\",\r\n  \"n\": 1.10\n}");
  EXPECT_EQ(batch.ndjson(),
            "{\"op\":\"upsert\",\"key\":\"k\",\"version\":1,\"recency\":2,"
            "\"data\":{   \"a\": \"x\\ny\",    \"n\": 1.10 }}\n");
}

TEST(RecordBatch, HoldsNothingOfARecordThatCannotBeWritten) {
  RecordBatch batch;
  Record record;
  record.key = "a";
  record.data = {{"x", std::numeric_limits<double>::infinity()}};
  EXPECT_THROW(batch.add(record), Error);
  EXPECT_EQ(batch.size(), 0U);
  EXPECT_EQ(batch.ndjson(), "");
}

TEST(Rows, TakeKeysAndVersionsFromTheAnswer) {
  const auto body = parse_json(R"({"list":[{"id":"a","at":3},{"id":12,"at":4}]})").as_object();
  EXPECT_EQ(rows(body, "list", "id", "at").ndjson(),
            R"({"op":"upsert","key":"a","version":3,"recency":0,"data":{"id":"a","at":3}})"
            "\n"
            R"({"op":"upsert","key":"12","version":4,"recency":0,"data":{"id":12,"at":4}})"
            "\n");
}

TEST(Rows, SayWhatIsWrongWithTheAnswer) {
  const auto body =
      parse_json(R"({"list":[{"id":"a"},{"id":""}],"odd":[1],"text":"x"})").as_object();
  expect_error(Code::SchemaMismatch, "no list 'items'",
               [&] { static_cast<void>(rows(body, "items")); });
  expect_error(Code::SchemaMismatch, "no list 'text'",
               [&] { static_cast<void>(rows(body, "text")); });
  expect_error(Code::SchemaMismatch, "item 1 of 'list' has no text or number 'id'",
               [&] { static_cast<void>(rows(body, "list")); });
  expect_error(Code::SchemaMismatch, "item 0 of 'odd' is not an object",
               [&] { static_cast<void>(rows(body, "odd")); });
  expect_error(Code::SchemaMismatch, "no whole number or timestamp 'at'",
               [&] { static_cast<void>(rows(body, "list", "id", "at")); });
}

}  // namespace
}  // namespace sluice
