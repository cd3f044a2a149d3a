#include "pipeline/wire.hpp"

#include <gtest/gtest.h>

#include <sluice/error.hpp>

namespace sluice::host {
namespace {

TEST(WireTest, SetsAreWrittenAsTheDifferenceToWhatStandsThere) {
  Document wanted, delivered;
  wanted.sets["tags"] = {"b", "c"};
  delivered.sets["tags"] = {"a", "b"};
  delivered.sets["groups"] = {"x"};
  WriteLine line;
  line.key = "k";
  line.document = &wanted;
  line.delivered_document = &delivered;
  EXPECT_EQ(encode_write(line),
            "{\"op\":\"upsert\",\"key\":\"k\",\"fields\":{},\"sets\":{\"tags\":{\"add\":[\"c\"],"
            "\"remove\":[\"a\"],\"keep\":[\"b\"]},"
            "\"groups\":{\"add\":[],\"remove\":[\"x\"]}}}\n");
}

TEST(WireTest, AllMembersAreAddedAgainWhereNobodyKnowsWhatStandsThere) {
  Document wanted, delivered;
  wanted.sets["tags"] = {"b", "c"};
  delivered.sets["tags"] = {"a", "b"};
  WriteLine line;
  line.key = "k";
  line.document = &wanted;
  line.delivered_document = &delivered;
  line.doubtful = true;
  EXPECT_EQ(
      encode_write(line),
      "{\"op\":\"upsert\",\"key\":\"k\",\"fields\":{},\"sets\":{\"tags\":{\"add\":[\"b\",\"c\"],"
      "\"remove\":[\"a\"]}}}\n");
}

TEST(WireTest, AChangedKeyTellsWhatWasDecidedUnderEither) {
  Document document;
  WriteLine line;
  line.key = "new";
  line.previous_key = "old";
  line.document = &document;
  line.standing = {{"a"}, {"c"}};
  line.previous_standing = {{"a", "b"}, {"d"}};
  EXPECT_EQ(encode_write(line),
            "{\"op\":\"upsert\",\"key\":\"new\",\"previous_key\":\"old\",\"fields\":{},"
            "\"opted_out\":[\"a\"],\"withdrawn\":[\"c\"],"
            "\"previous_opted_out\":[\"a\",\"b\"],\"previous_withdrawn\":[\"d\"]}\n");
}

TEST(WireTest, AWriteThatTheAnswerDoesNotNameStaysUnconfirmed) {
  const auto results =
      decode_outcomes("{\"index\":1,\"status\":\"ok\",\"remote_id\":\"7\"}\n", 2, "x", true);
  EXPECT_EQ(results[0].status, WriteResult::Status::Unconfirmed);
  EXPECT_EQ(results[1].status, WriteResult::Status::Ok);
  EXPECT_EQ(results[1].remote_id, "7");
}

TEST(WireTest, AnswersThatBreakTheContractAreRefused) {
  for (const char* answer :
       {"{\"index\":2,\"status\":\"ok\"}\n", "{\"index\":-1,\"status\":\"ok\"}\n",
        "{\"status\":\"ok\"}\n", "{\"index\":0,\"status\":\"fine\"}\n",
        "{\"index\":0,\"status\":\"pending\"}\n", "[]\n", "nonsense\n",
        "{\"index\":0,\"status\":\"ok\"}\n{\"index\":0,\"status\":\"ok\"}\n"}) {
    try {
      (void)decode_outcomes(answer, 2, "x", true);
      ADD_FAILURE() << answer;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::Internal) << answer;
    }
  }
}

TEST(WireTest, OnlyAConnectorThatDeclaresReceiptsMayAnswerPending) {
  const std::string_view answer = "{\"index\":0,\"status\":\"pending\",\"receipt\":\"r\"}\n";
  EXPECT_EQ(decode_outcomes(answer, 1, "x", true)[0].receipt, "r");
  try {
    (void)decode_outcomes(answer, 1, "x", false);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::Internal);
    EXPECT_NE(std::string_view{error.what()}.find(
                  "connector 'x' broke its contract: a pending outcome, though it declares no "
                  "receipts (kReceipts in its destination class"),
              std::string_view::npos)
        << error.what();
  }
}

TEST(WireTest, APauseIsAtMostADay) {
  const auto pause = [](const std::string& text) {
    return decode_outcomes(R"({"index":0,"status":"retry","after_ms":)" + text + "}\n", 1, "x",
                           true)[0]
        .after_ms;
  };
  EXPECT_EQ(pause("9223372036854775807"), kMaxPauseMs);
  EXPECT_EQ(pause("-5"), 0);
  EXPECT_EQ(pause("1500"), 1500);
}

TEST(WireTest, ARecordThatIsNotJsonIsTheConnectorsFault) {
  JsonParser parser;
  try {
    (void)decode_record(parser, "{\"op\":", "x");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::Internal);
  }
}

TEST(WireTest, RecordsWithoutKeyOrOperationAreRefused) {
  JsonParser parser;
  EXPECT_THROW((void)decode_record(parser, R"({"op":"upsert","data":{}})", "x"), Error);
  EXPECT_THROW((void)decode_record(parser, R"({"key":"a","data":{}})", "x"), Error);
  EXPECT_EQ(decode_record(parser, R"({"op":"delete","key":"a","version":3})", "x").version, 3);
}

TEST(WireTest, ALineSaysOnceThatItIsRepeated) {
  const std::string once = as_repeated("{\"op\":\"upsert\",\"key\":\"a\"}\n");
  EXPECT_EQ(once, "{\"op\":\"upsert\",\"key\":\"a\",\"repeated\":true}\n");
  EXPECT_EQ(as_repeated(once), once);
  WriteLine line;
  line.key = "a";
  line.repeated = true;
  EXPECT_EQ(as_repeated(encode_write(line)), encode_write(line));
}

TEST(WireTest, RefusalsAreReadByKey) {
  const auto refusals = decode_refusals(
      "{\"key\":\"a\",\"code\":\"excluded\",\"message\":\"no\",\"field\":\"mail\"}\n"
      "{\"key\":\"b\"}\n",
      "x");
  EXPECT_EQ(refusals.at("a").code, "excluded");
  EXPECT_EQ(refusals.at("a").field, "mail");
  EXPECT_EQ(refusals.at("b").code, "refused");
  EXPECT_FALSE(refusals.at("b").message.empty());
  EXPECT_THROW((void)decode_refusals("{\"code\":\"x\"}\n", "x"), Error);
}

TEST(WireTest, EveryWriteHasItsDifference) {
  const auto differences = decode_differences(
      "{\"index\":1,\"found\":false,\"key\":\"b2\"}\n"
      "{\"index\":0,\"found\":true,\"remote_id\":\"7\",\"differs\":[\"name\"],\"opted_out\":[]}\n",
      2, "x");
  EXPECT_TRUE(differences[0].found);
  EXPECT_EQ(differences[0].names, std::vector<std::string>{"name"});
  EXPECT_TRUE(differences[0].opted_out.has_value());
  EXPECT_FALSE(differences[0].withdrawn.has_value());
  EXPECT_EQ(differences[1].key, "b2");
  EXPECT_THROW((void)decode_differences("{\"index\":0,\"found\":true}\n", 2, "x"), Error);
}

}  // namespace
}  // namespace sluice::host
