#include "sluice/detail/codec.hpp"

#include <gtest/gtest.h>

#include "errors.hpp"

namespace sluice::detail {
namespace {

using namespace std::chrono_literals;
using testing::expect_error;

TEST(RequestCodec, ReadsAWalkRequest) {
  const auto request = decode_read_request(
      R"({"stream":"s","mode":"latest","limit":10,"cursor":{"o":1},"options":{"x":true},"later":1})");
  EXPECT_EQ(request.stream, "s");
  EXPECT_EQ(request.mode, ReadMode::Latest);
  EXPECT_EQ(request.limit, 10U);
  EXPECT_EQ(to_json(request.cursor), R"({"o":1})");
  EXPECT_TRUE(request.options.flag("x", false));
}

TEST(RequestCodec, SaysWhatIsWrong) {
  expect_error(Code::SchemaMismatch, "'stream' must be given",
               [] { static_cast<void>(decode_read_request("{}")); });
  expect_error(Code::SchemaMismatch, "'mode' must be full, incremental or latest",
               [] { static_cast<void>(decode_read_request(R"({"stream":"s","mode":"all"})")); });
  expect_error(Code::SchemaMismatch, "'limit' must be",
               [] { static_cast<void>(decode_read_request(R"({"stream":"s","limit":-1})")); });
  expect_error(Code::SchemaMismatch, "'options' must be an object",
               [] { static_cast<void>(decode_read_request(R"({"stream":"s","options":[]})")); });
  expect_error(Code::SchemaMismatch, "not a JSON object",
               [] { static_cast<void>(decode_write_request("[]")); });
}

TEST(RequestCodec, ReadsPrepareAndWriteRequests) {
  const auto prepare = decode_prepare_request(
      R"({"object":"o","fields":[{"name":"F","type":"datetime"}],"options":{},"dry_run":true})");
  ASSERT_EQ(prepare.fields.size(), 1U);
  EXPECT_EQ(prepare.fields[0].type, FieldType::Datetime);
  EXPECT_TRUE(prepare.dry_run);
  expect_error(Code::SchemaMismatch, "a type of field", [] {
    static_cast<void>(
        decode_prepare_request(R"({"object":"o","fields":[{"name":"F","type":"blob"}]})"));
  });
  const auto write = decode_write_request(R"({"object":"o","match":"email","mode":"update"})");
  EXPECT_EQ(write.settle.count(), 0);
  EXPECT_EQ(decode_write_request(R"({"object":"o","settle_ms":900})").settle.count(), 900);
  EXPECT_EQ(decode_write_request(R"({"object":"o","settle_ms":-1})").settle.count(), 0);
  EXPECT_EQ(write.mode, WriteMode::Update);
  EXPECT_EQ(write.match, "email");
}

TEST(RequestCodec, DescribesAnObject) {
  Object object;
  object.name = "people";
  object.match = {"email"};
  object.key_fold_lower = true;
  object.fields = {
      {.name = "tags", .type = FieldType::Options, .set = true},
      {.name = "email", .built_in = true, .required = true, .options = {}, .max_length = 250}};
  object.creates_fields = {FieldType::Text};
  object.delete_actions = {"remove"};
  EXPECT_EQ(to_json(describe(object)),
            R"({"name":"people","match":["email"],"key_fold":"lower","fields":[)"
            R"({"name":"tags","type":"options","set":true},)"
            R"({"name":"email","type":"text","required":true,"built_in":true,"max_length":250}],)"
            R"("creates_fields":["text"],"delete_actions":["remove"],)"
            R"("options":{"type":"object","properties":{},"additionalProperties":false}})");
}

TEST(FieldTypes, HaveNamesThatReadBack) {
  for (int i = 0; i < 8; ++i) {
    const auto type = static_cast<FieldType>(i);
    EXPECT_EQ(field_type(to_string(type)), type);
  }
  EXPECT_FALSE(field_type("blob").has_value());
}

Write full_write() {
  return Write{.op = Write::Op::Upsert,
               .key = "a@b.co",
               .previous_key = "old@b.co",
               .remote_id = "17",
               .delivered = true,
               .fields = {{"Name", "Ann"}, {"Age", 7}, {"Gone", nullptr}},
               .sets = {{"tags", {{"new"}, {"old", "older"}, {"kept"}}}},
               .if_empty = {"Name"},
               .action = "",
               .opted_out = {"3"},
               .withdrawn = {"4"},
               .previous_opted_out = {"5"},
               .previous_withdrawn = {"6"}};
}

TEST(BatchCodec, ReadsWhatItWrites) {
  std::string text;
  encode(text, full_write());
  Write removal;
  removal.op = Write::Op::Delete;
  removal.key = "x";
  removal.action = "unsubscribe";
  encode(text, removal);

  JsonParser parser;
  const auto batch = decode_writes(parser, text);
  ASSERT_EQ(batch.writes.size(), 2U);
  const auto& first = batch.writes[0];
  const auto wanted = full_write();
  EXPECT_EQ(first.key, wanted.key);
  EXPECT_EQ(first.previous_key, wanted.previous_key);
  EXPECT_EQ(first.remote_id, wanted.remote_id);
  EXPECT_TRUE(first.delivered);
  EXPECT_EQ(first.fields, wanted.fields);
  ASSERT_TRUE(first.sets.contains("tags"));
  EXPECT_EQ(first.sets.at("tags").add, wanted.sets.at("tags").add);
  EXPECT_EQ(first.sets.at("tags").remove, wanted.sets.at("tags").remove);
  EXPECT_EQ(first.sets.at("tags").keep, wanted.sets.at("tags").keep);
  EXPECT_EQ(first.if_empty, wanted.if_empty);
  EXPECT_EQ(first.opted_out, wanted.opted_out);
  EXPECT_EQ(first.withdrawn, wanted.withdrawn);
  EXPECT_EQ(first.previous_opted_out, wanted.previous_opted_out);
  EXPECT_EQ(first.previous_withdrawn, wanted.previous_withdrawn);
  EXPECT_EQ(batch.writes[1].op, Write::Op::Delete);
  EXPECT_EQ(batch.writes[1].action, "unsubscribe");
  EXPECT_TRUE(batch.writes[1].fields.empty());
}

TEST(BatchCodec, KeepsFieldsInTheBatchsMemoryAndAliveInCopies) {
  JsonParser parser;
  std::optional<Write> kept;
  {
    const auto batch = decode_writes(
        parser, R"({"op":"upsert","key":"k","fields":{"long":"0123456789012345678901234567890"}})");
    EXPECT_EQ(batch.writes[0].fields.storage().get(), batch.storage.get());
    kept = batch.writes[0];
  }
  EXPECT_EQ(kept->fields.at("long").as_string(), "0123456789012345678901234567890");
}

TEST(BatchCodec, NamesTheLineThatIsWrong) {
  JsonParser parser;
  expect_error(Code::SchemaMismatch, "line 2: invalid JSON", [&] {
    static_cast<void>(decode_writes(parser, "{\"op\":\"upsert\",\"key\":\"k\"}\n{\"op\n"));
  });
  expect_error(Code::SchemaMismatch, "line 1: 'op' must be upsert or delete",
               [&] { static_cast<void>(decode_writes(parser, R"({"op":"merge","key":"k"})")); });
  expect_error(Code::SchemaMismatch, "line 1: set 'tags': 'add' must be a list of texts", [&] {
    static_cast<void>(
        decode_writes(parser, R"({"op":"upsert","key":"k","sets":{"tags":{"add":[1]}}})"));
  });
}

TEST(BatchCodec, ReadsAPoll) {
  JsonParser parser;
  const auto poll = decode_poll(
      parser,
      "{\"receipt\":\"r1\",\"age_ms\":1500,\"overdue\":true}\n{\"op\":\"upsert\",\"key\":\"k\"}\n");
  EXPECT_EQ(poll.receipt.id, "r1");
  EXPECT_EQ(poll.receipt.age, 1500ms);
  EXPECT_TRUE(poll.receipt.overdue);
  ASSERT_EQ(poll.batch.writes.size(), 1U);
  EXPECT_TRUE(decode_poll(parser, R"({"receipt":"r1"})").batch.writes.empty());
}

TEST(BatchCodec, AnswersEveryIndexOnce) {
  auto ok = Outcome::ok(Effect::Created, "9");
  ok.rekeyed = false;
  ok.opted_out = std::vector<std::string>{};
  ok.previous_opted_out = std::vector<std::string>{"3"};
  const std::vector<Outcome> outcomes{ok, Outcome::rejected("duplicate", "taken", "email"),
                                      Outcome::retry(250ms, "busy"), Outcome::pending("r", 10ms)};
  const auto text = encode_outcomes(outcomes, 5);
  EXPECT_EQ(
      text,
      R"({"index":0,"status":"ok","effect":"created","remote_id":"9","rekeyed":false,"opted_out":[],"previous_opted_out":["3"]})"
      "\n"
      R"({"index":1,"status":"rejected","code":"duplicate","message":"taken","field":"email"})"
      "\n"
      R"({"index":2,"status":"retry","message":"busy","after_ms":250})"
      "\n"
      R"({"index":3,"status":"pending","after_ms":10,"receipt":"r"})"
      "\n"
      R"({"index":4,"status":"unconfirmed","message":"the connector said nothing about this record"})"
      "\n");
  const auto back = decode_outcomes(text, 5);
  EXPECT_EQ(back[0].effect, Effect::Created);
  EXPECT_FALSE(back[0].rekeyed);
  EXPECT_TRUE(back[0].opted_out.has_value());
  EXPECT_EQ(back[0].previous_opted_out, ok.previous_opted_out);
  EXPECT_FALSE(back[1].opted_out.has_value());
  EXPECT_EQ(back[2].after, 250ms);
  EXPECT_EQ(back[3].receipt, "r");
  EXPECT_EQ(back[4].status, Outcome::Status::Unconfirmed);
}

TEST(BatchCodec, RefusesOutcomesThatBelongToNoWrite) {
  expect_error(Code::Internal, "2 outcomes for 1 writes", [] {
    static_cast<void>(encode_outcomes({Outcome{}, Outcome{}}, 1));
  });
  expect_error(Code::SchemaMismatch, "'index'",
               [] { static_cast<void>(decode_outcomes(R"({"index":1,"status":"ok"})", 1)); });
}

TEST(BatchCodec, CarriesRows) {
  RemoteRow row;
  row.key = "a";
  row.found = true;
  row.remote_id = "5";
  row.fields = {{"Name", "Ann"}};
  row.sets = {{"tags", {"x"}}};
  row.opted_out = {"3"};
  RemoteRow missing;
  missing.key = "b";
  const auto text = encode_rows({row, missing});
  EXPECT_EQ(
      text,
      R"({"key":"a","found":true,"remote_id":"5","fields":{"Name":"Ann"},"sets":{"tags":["x"]},"opted_out":["3"]})"
      "\n"
      R"({"key":"b","found":false})"
      "\n");
  const auto back = decode_rows(text);
  ASSERT_EQ(back.size(), 2U);
  EXPECT_EQ(back[0].fields, row.fields);
  EXPECT_EQ(back[0].sets, row.sets);
  EXPECT_FALSE(back[1].found);
}

}  // namespace
}  // namespace sluice::detail
