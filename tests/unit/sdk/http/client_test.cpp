#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "recording_host.hpp"
#include "sluice/http.hpp"
#include "sluice/testing/scripted_transport.hpp"

namespace sluice::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using ::testing::HasSubstr;
using ::testing::Not;

struct Client : ::testing::Test {
  RecordingHost host;
  std::stop_source stop;
  Context context{host, stop.get_token()};
  std::shared_ptr<ScriptedTransport> transport = std::make_shared<ScriptedTransport>();
  std::shared_ptr<JumpingClock> clock = std::make_shared<JumpingClock>();
  HttpOptions options{
      .base_url = "https://vendor.test/api/", .transport = transport, .clock = clock};

  HttpResponse send(HttpRequest request) {
    return HttpClient{options}.send(context, std::move(request));
  }
  Error failure(HttpRequest request) {
    try {
      const auto response = send(std::move(request));
      ADD_FAILURE() << "answered " << response.status;
    } catch (const Error& error) {
      return error;
    }
    return Error{Code::Ok, ""};
  }
  HttpRequest post() { return {.method = "POST", .path = "/contact", .body = "{}"}; }
};

TEST_F(Client, JoinsUrlAndEncodesQuery) {
  transport->answer(200, "{}");
  send({.path = "/customers",
        .query = {{"sort_by[asc]", "created_at"}, {"id[in]", R"(["a","b c"])"}}});
  EXPECT_EQ(transport->sent()[0].url,
            "https://vendor.test/api/customers?sort_by%5Basc%5D=created_at&"
            "id%5Bin%5D=%5B%22a%22%2C%22b%20c%22%5D");
}

TEST_F(Client, SendsCredentialsWithoutLoggingThem) {
  options.auth = BasicAuth{"secret-key"};
  transport->answer(200);
  send({.path = "/x", .query = {{"email", "person@example.com"}}});
  const auto headers = transport->sent()[0].headers;
  EXPECT_THAT(headers,
              ::testing::Contains(::testing::Pair("Authorization", "Basic c2VjcmV0LWtleTo=")));
  ASSERT_EQ(host.lines.size(), 1U);
  EXPECT_THAT(host.lines[0], HasSubstr("GET /x: 200 in "));
  EXPECT_THAT(host.lines[0], Not(HasSubstr("person")));
  EXPECT_THAT(host.lines[0], Not(HasSubstr("c2Vj")));
}

TEST_F(Client, RefusesCredentialsWithLineBreaks) {
  options.auth = HeaderAuth{"Api-Token", "abc\nHost: evil"};
  try {
    HttpClient client{options};
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::Config);
    EXPECT_THAT(error.what(), Not(HasSubstr("evil")));
  }
}

TEST_F(Client, CountsUnderTheLabel) {
  transport->answer(503).answer(200);
  send({.path = "/contacts/17", .label = "GET /contacts/{id}"});
  EXPECT_EQ(host.counters["requests GET /contacts/{id}"], 2);
  EXPECT_EQ(host.counters["retries"], 1);
  EXPECT_EQ(host.counters["answers 503 GET /contacts/{id}"], 1);
  EXPECT_EQ(host.counters["answers 200 GET /contacts/{id}"], 1);
  EXPECT_EQ(host.counters["latency 50"], 2);
}

TEST_F(Client, RepeatsPassingFaultsWithGrowingPauses) {
  transport->answer(500).answer(502).answer(504).answer(200, "ok");
  EXPECT_EQ(send({.path = "/x"}).body, "ok");
  // Half (the clock's chance) of 200, 400 and 800 ms, each rounded up.
  EXPECT_EQ(clock->elapsed(), milliseconds{101 + 201 + 401});
}

TEST_F(Client, GivesUpAfterMaxAttempts) {
  options.max_attempts = 3;
  transport->answer(503).answer(503).answer(503, R"({"message":"maintenance"})",
                                            {{"Retry-After", "7"}});
  const auto error = failure({.path = "/x"});
  EXPECT_EQ(error.code(), Code::Transient);
  EXPECT_EQ(error.retry_after_ms(), 7000);
  EXPECT_THAT(error.what(), HasSubstr("GET /x was answered 503: maintenance"));
  EXPECT_EQ(transport->sent().size(), 3U);
}

TEST_F(Client, FinalStatusIsAnAnswer) {
  transport->answer(404, "gone");
  EXPECT_EQ(send({.path = "/x"}).status, 404);
}

TEST_F(Client, HonoursRetryAfterForEverybody) {
  options.rates = {{.account = "vendor.test", .name = "general", .requests = 5}};
  transport->answer(429, "{}", {{"retry-after", "3"}}).answer(200);
  EXPECT_EQ(send(post()).status, 200);
  EXPECT_EQ(clock->elapsed(), milliseconds{3000});
  EXPECT_THAT(host.pauses["general"], ::testing::ElementsAre(milliseconds{3000}));
  EXPECT_EQ(host.counters["rate limit answers"], 1);
  EXPECT_EQ(host.acquired["general"], 2U);
}

TEST_F(Client, OutlastsOthersWhoSpendTheSameLimit) {
  options.max_attempts = 2;
  for (int i = 0; i < 20; ++i) transport->answer(429, "{}", {{"retry-after", "20"}});
  transport->answer(503).answer(429, "{}", {{"retry-after", "100"}}).answer(200);
  EXPECT_EQ(send({.path = "/x"}).status, 200);
  EXPECT_EQ(host.counters["rate limit answers"], 21);
}

TEST_F(Client, DoesNotOutlastThemForEver) {
  options.max_attempts = 2;
  for (int i = 0; i < 31; ++i) transport->answer(429, "{}", {{"retry-after", "20"}});
  const auto error = failure({.path = "/x"});
  EXPECT_EQ(error.code(), Code::RateLimited);
  EXPECT_EQ(error.retry_after_ms(), 20'000);
  EXPECT_EQ(clock->elapsed(), options.max_limited);
  EXPECT_EQ(transport->sent().size(), 31U);
}

TEST_F(Client, UnderstandsRetryAfterAsDate) {
  transport->answer(503, "", {{"Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT"}}).answer(200);
  EXPECT_EQ(send({.path = "/x"}).status, 200);
}

TEST_F(Client, HandsOverALongPauseInsteadOfWaiting) {
  transport->answer(429, "{}", {{"Retry-After", "3600"}});
  const auto error = failure({.path = "/x"});
  EXPECT_EQ(error.code(), Code::RateLimited);
  EXPECT_EQ(error.retry_after_ms(), 3'600'000);
  EXPECT_EQ(clock->elapsed(), milliseconds{0});
}

TEST_F(Client, LimitWithoutRetryAfterIsAnAnswerUnlessTheConnectorKnowsBetter) {
  transport->answer(429);
  EXPECT_EQ(send({.path = "/x"}).status, 429);
  options.retry_after = [](const HttpRequest&, const HttpResponse& response) {
    return response.status == 429 ? std::optional{milliseconds{5000}} : std::nullopt;
  };
  transport->answer(429).answer(200);
  EXPECT_EQ(send({.path = "/x"}).status, 200);
  EXPECT_EQ(clock->elapsed(), milliseconds{5000});
}

TEST_F(Client, DoesNotRepeatWhatMayHaveHappened) {
  transport->answer(500);
  EXPECT_EQ(failure(post()).code(), Code::Transient);
  transport->fail(Error{Code::Transient, "connection lost"});
  EXPECT_EQ(failure(post()).code(), Code::Transient);
  EXPECT_EQ(transport->sent().size(), 2U);
}

TEST_F(Client, RepeatsWhatNeverLeft) {
  transport->fail(Error{Code::Transient, "refused"}, true).answer(201);
  EXPECT_EQ(send(post()).status, 201);
}

TEST_F(Client, RepeatsAPostThatIsDeclaredIdempotent) {
  auto request = post();
  request.idempotent = true;
  transport->answer(500).fail(Error{Code::Transient, "lost"}).answer(200);
  EXPECT_EQ(send(request).status, 200);
}

TEST_F(Client, WaitsForRoomInTheRateClass) {
  options.rates = {{.account = "vendor.test", .name = "general", .requests = 5},
                   {.account = "vendor.test", .name = "bulk", .requests = 1}};
  host.room["bulk"] = milliseconds{60'000};
  transport->handle([](const auto&) { return answered(200); });
  std::vector<HttpRequest> requests;
  requests.push_back({.path = "/bulk", .rate_class = "bulk"});
  for (int i = 0; i < 3; ++i) requests.push_back({.path = "/general"});
  const auto results = HttpClient{options}.send_all(context, requests);
  EXPECT_EQ(clock->elapsed(), milliseconds{60'000});
  EXPECT_THAT(transport->sent().back().url, HasSubstr("/bulk"));  // the others did not wait for it
  EXPECT_EQ(host.acquired["bulk"], 1U);
  EXPECT_EQ(host.acquired["general"], 3U);
}

TEST_F(Client, ARequestOfAnotherClassTakesRoomOfTheFirstWhenItLeaves) {
  options.rates = {{.account = "vendor.test", .name = "general", .requests = 5},
                   {.account = "vendor.test", .name = "bulk", .requests = 1}};
  options.first_rate_counts_all = true;
  host.room["bulk"] = milliseconds{60'000};
  host.room["general"] = milliseconds{1'000};
  transport->answer(200);
  std::vector<HttpRequest> requests;
  requests.push_back({.path = "/bulk", .rate_class = "bulk"});
  const auto results = HttpClient{options}.send_all(context, requests);
  EXPECT_EQ(clock->elapsed(), milliseconds{61'000});
  EXPECT_EQ(host.acquired["bulk"], 1U);
  EXPECT_EQ(host.acquired["general"], 1U);
}

TEST_F(Client, AnswersStandAtTheirRequestsIndex) {
  transport->handle([](const Transport::Exchange& exchange) {
    if (exchange.url.ends_with("/7")) {
      return HttpResult{.response = {}, .error = Error{Code::Config, "no"}, .unsent = true};
    }
    return answered(200, exchange.url.substr(exchange.url.rfind('/') + 1));
  });
  std::vector<HttpRequest> requests;
  for (int i = 0; i < 30; ++i) requests.push_back({.path = "/" + std::to_string(i)});
  const auto results = HttpClient{options}.send_all(context, requests);
  ASSERT_EQ(results.size(), 30U);
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (i == 7) {
      EXPECT_EQ(results[i].error->code(), Code::Config);
    } else {
      EXPECT_EQ(results[i].response->body, std::to_string(i));
    }
  }
}

TEST_F(Client, OneBadHeaderFailsOneRequest) {
  transport->handle([](const auto&) { return answered(200); });
  const auto results = HttpClient{options}.send_all(
      context, {{.path = "/a", .headers = {{"X", "a\r\nb"}}}, {.path = "/b"}});
  EXPECT_EQ(results[0].error->code(), Code::Config);
  EXPECT_EQ(results[1].response->status, 200);
}

TEST_F(Client, StopsWithinASecondInARequestAndInAPause) {
  options.clock = nullptr;
  for (const bool pausing : {false, true}) {
    std::stop_source source;
    Context own{host, source.get_token()};
    if (pausing) {
      transport->answer(429, "", {{"Retry-After", "100"}});
    } else {
      transport->hang();
    }
    std::jthread stopper{[&] {
      std::this_thread::sleep_for(milliseconds{20});
      source.request_stop();
    }};
    const auto begun = steady_clock::now();
    try {
      static_cast<void>(HttpClient{options}.send(own, {.path = "/x"}));
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::Cancelled);
    }
    EXPECT_LT(steady_clock::now() - begun, milliseconds{1000});
  }
}

TEST_F(Client, ThreadsShareTheLimitOfRequestsInFlight) {
  options.max_in_flight = 2;
  std::atomic<int> flying = 0;
  std::atomic<int> most = 0;
  transport->handle([&](const auto&) {
    most = std::max(most.load(), ++flying);
    std::this_thread::sleep_for(milliseconds{1});
    --flying;
    return answered(200);
  });
  options.clock = nullptr;
  HttpClient client{options};
  std::vector<std::jthread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 20; ++j) static_cast<void>(client.send(context, {.path = "/x"}));
    });
  }
  threads.clear();
  EXPECT_EQ(transport->sent().size(), 120U);
  EXPECT_LE(most.load(), 2);
}

TEST_F(Client, GetMapsStatusToCode) {
  const std::vector<std::pair<int, Code>> expected{
      {301, Code::Config},   {400, Code::Rejected},    {401, Code::Auth},     {403, Code::Auth},
      {404, Code::NotFound}, {429, Code::RateLimited}, {501, Code::Transient}};
  for (const auto& [status, code] : expected) {
    transport->answer(status, R"({"message":"vendor says"})",
                      {{"Location", "https://else.test/p?key=1"}});
    try {
      static_cast<void>(HttpClient{options}.get(context, "/x"));
      FAIL() << status;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code) << status;
      EXPECT_THAT(error.what(),
                  HasSubstr(code == Code::Config ? "https://else.test/p" : "vendor says"));
      EXPECT_THAT(error.what(), Not(HasSubstr("key=1")));
    }
  }
}

}  // namespace
}  // namespace sluice::testing
