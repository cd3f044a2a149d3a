#include "connector/secrets.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plugins.hpp"

namespace sluice::host {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const json::value& schema() {
  static const json::value value = parse_json(R"({
    "type": "object",
    "properties": {
      "site": {"type": "string"},
      "api_key": {"type": "string", "writeOnly": true},
      "auth": {"type": "object", "properties": {"password": {"writeOnly": true}, "user": {}}},
      "tokens": {"type": "array", "items": {"type": "string", "writeOnly": true}},
      "pin": {"writeOnly": true}}})");
  return value;
}

TEST(Secrets, AreTheWriteOnlyOptionsAtAnyDepth) {
  const auto config = parse_json(
      R"({"site":"acme-site","api_key":"key-1","auth":{"user":"me-me","password":"pass-word"},
    "tokens":["token-a-long","token"],"pin":"1","unknown":"nothing"})");
  EXPECT_THAT(secret_values(schema().as_object(), config.as_object()),
              ElementsAre("token-a-long", "pass-word", "key-1", "token"));
  EXPECT_THAT(secret_values({}, config.as_object()), IsEmpty());
  std::vector<std::string> options;
  for (const auto& secret : secrets_in(schema().as_object(), config.as_object()))
    options.push_back(secret.option);
  EXPECT_THAT(options, ElementsAre("tokens", "auth.password", "api_key", "tokens"));
}

TEST(Secrets, AreReplacedTheLongerOnesFirst) {
  EXPECT_EQ(redact("key-1-long and key-1, key-1", {"key-1-long", "key-1"}), "*** and ***, ***");
  EXPECT_EQ(redact("nothing here", {}), "nothing here");
}

TEST(Secrets, AreReplacedInWhatAnAnswerTellsPeopleOnly) {
  const std::string fine = "{\"index\":0,\"status\":\"ok\",\"remote_id\":\"s3cr3t\"}\n";
  EXPECT_EQ(redact_answer(fine, {"s3cr3t"}), fine);
  EXPECT_EQ(redact_answer(fine + "{\"index\":1,\"message\":\"s3cr3t?\",\"field\":\"a s3cr3t\"}\n",
                          {"s3cr3t"}),
            fine + "{\"index\":1,\"message\":\"***?\",\"field\":\"a ***\"}\n");
  EXPECT_EQ(redact_answer(R"({"message":"say \"it\""})", {"\"it\""}), R"({"message":"say ***"})");
  EXPECT_EQ(redact_answer(R"({"fields":[{"message":"s3cr3t"}]})", {"s3cr3t"}),
            R"({"fields":[{"message":"***"}]})");
  EXPECT_EQ(redact_answer("no JSON s3cr3t\n", {"s3cr3t"}), "no JSON ***\n");
}

TEST(Secrets, DoNotReachTheLogOnceTheyAreKnown) {
  RecordingServices services;
  GuardedServices guarded{services};
  guarded.hide({"s3cr3t"});
  guarded.log(LogLevel::Warn, "the key\nis s3cr3t");
  EXPECT_THAT(services.lines(), ElementsAre("2 the key is ***"));
}

}  // namespace
}  // namespace sluice::host
