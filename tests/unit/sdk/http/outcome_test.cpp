#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sluice/destination.hpp"
#include "sluice/http.hpp"
#include "sluice/testing/fake_host.hpp"
#include "sluice/testing/scripted_transport.hpp"

namespace sluice::testing {
namespace {

using ::testing::HasSubstr;
using Status = Outcome::Status;

Code thrown_by(const HttpResult& result) {
  try {
    static_cast<void>(outcome_of(result));
  } catch (const Error& error) {
    return error.code();
  }
  return Code::Ok;
}

HttpResult failed(Code code, bool unsent = false) {
  return {.error = Error{code, "why", 700}, .unsent = unsent};
}

TEST(OutcomeOf, KeepsTheVendorsWordsOfARefusal) {
  const Outcome outcome = outcome_of(answered(422, R"({"message":"no such plan"})"));
  EXPECT_EQ(outcome.status, Status::Rejected);
  EXPECT_EQ(outcome.code, "http_422");
  EXPECT_THAT(outcome.message, HasSubstr("no such plan"));
  EXPECT_EQ(outcome_of(answered(404)).status, Status::Rejected);
}

TEST(OutcomeOf, RetriesWhatCertainlyDidNotHappen) {
  const Outcome limited = outcome_of(answered(429, "", {{"Retry-After", "3"}}));
  EXPECT_EQ(limited.status, Status::Retry);
  EXPECT_EQ(limited.after, std::chrono::seconds{3});
  EXPECT_EQ(outcome_of(failed(Code::Transient, true)).status, Status::Retry);
  EXPECT_EQ(outcome_of(failed(Code::RateLimited)).after, std::chrono::milliseconds{700});
}

TEST(OutcomeOf, SaysWhenNobodyKnows) {
  EXPECT_EQ(outcome_of(answered(503)).status, Status::Unconfirmed);
  EXPECT_EQ(outcome_of(failed(Code::Transient)).status, Status::Unconfirmed);
}

TEST(OutcomeOf, ThrowsWhatConcernsAllRecords) {
  EXPECT_EQ(thrown_by(answered(401)), Code::Auth);
  EXPECT_EQ(thrown_by(answered(301)), Code::Config);
  EXPECT_EQ(thrown_by(failed(Code::Cancelled)), Code::Cancelled);
}

TEST(WriteEach, AnswersEveryWriteAtItsIndex) {
  const auto transport = std::make_shared<ScriptedTransport>();
  transport->handle([](const Transport::Exchange& exchange) {
    if (exchange.method == "DELETE") return answered(404);
    return exchange.url.ends_with("bad") ? answered(400, "bad") : answered(200);
  });
  HttpClient http{{.base_url = "https://vendor.test", .transport = transport}};
  const auto writer =
      write_each(http,
                 [](const Write& write) {
                   return HttpRequest{.method = write.op == Write::Op::Delete ? "DELETE" : "PUT",
                                      .path = "/rows/" + write.key};
                 },
                 {.preferred_records = 7});
  std::vector<Write> batch(3);
  batch[0].key = "good";
  batch[1].key = "bad";
  batch[2].key = "gone";
  batch[2].op = Write::Op::Delete;
  FakeHost host;
  auto context = host.context();
  const auto outcomes = writer->write(context, batch);
  ASSERT_EQ(outcomes.size(), 3U);
  EXPECT_EQ(outcomes[0].status, Status::Ok);
  EXPECT_EQ(outcomes[1].status, Status::Rejected);
  EXPECT_EQ(outcomes[2].effect, Effect::Unchanged);
  EXPECT_EQ(writer->limits().preferred_records, 7U);
}

}  // namespace
}  // namespace sluice::testing
