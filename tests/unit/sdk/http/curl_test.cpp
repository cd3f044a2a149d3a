// The libcurl transport against a real server on the loopback interface.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "recording_host.hpp"
#include "sluice/http.hpp"
#include "sluice/testing/sandbox.hpp"

namespace sluice::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using ::testing::HasSubstr;

struct Curl : ::testing::Test {
  RecordingHost host;
  std::stop_source stop;
  Context context{host, stop.get_token()};
  SandboxClock clock;
  SandboxServer server{clock};
  HttpOptions options;
  std::atomic<int> handled = 0;

  void SetUp() override {
    server.route("GET", "/echo", [this](const SandboxRequest& request) {
      ++handled;
      return SandboxResponse::json(200,
                                   json::object{{"query", request.raw_query},
                                                {"encoding", request.header("accept-encoding")}});
    });
    server.route("POST", "/echo", [this](const SandboxRequest& request) {
      ++handled;
      return SandboxResponse::text(200, std::string{request.header("content-type")}, request.body);
    });
    server.route("PATCH", "/echo", [](const SandboxRequest& request) {
      return SandboxResponse::text(200, "text/plain", request.method + request.body);
    });
    server.route("GET", "/large", [](const SandboxRequest&) {
      return SandboxResponse::text(200, "text/plain", std::string(1'000'000, 'x'));
    });
    server.route("GET", "/slow", [](const SandboxRequest&) {
      auto response = SandboxResponse::text(200, "text/plain", "late");
      response.delay_ms = 3000;
      return response;
    });
    server.route("GET", "/moved", [](const SandboxRequest&) {
      auto response = SandboxResponse::text(302, "text/plain", "");
      response.headers = {{"Location", "/echo"}};
      return response;
    });
    server.start();
    options.base_url = server.url();
    options.retry_base = milliseconds{1};
    options.auth = BasicAuth{"key"};
  }

  void fault(const char* spec) {
    ASSERT_EQ(server.call("POST", "/_sandbox/fault", {}, spec).status, 200);
  }
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
};

TEST_F(Curl, SendsMethodsBodiesAndTypes) {
  EXPECT_THAT(send({.path = "/echo", .query = {{"a[b]", "c d"}}}).body,
              HasSubstr("a%5Bb%5D=c%20d"));
  const auto posted = send({.method = "POST", .path = "/echo", .body = "{\"a\":1}"});
  EXPECT_EQ(posted.body, "{\"a\":1}");
  EXPECT_THAT(posted.header("Content-Type"), HasSubstr("application/json"));
  EXPECT_EQ(send({.method = "PATCH", .path = "/echo", .body = "x"}).body, "PATCHx");
  EXPECT_EQ(send({.method = "POST", .path = "/echo"}).body, "");
}

TEST_F(Curl, AsksForGzipAndUnpacksIt) {
  const auto response = send({.path = "/large"});
  EXPECT_EQ(response.header("content-encoding"), "gzip");
  EXPECT_EQ(response.body.size(), 1'000'000U);
}

TEST_F(Curl, CapsTheBody) {
  options.max_body_bytes = 999'999;
  const auto error = failure({.path = "/large"});
  EXPECT_EQ(error.code(), Code::Rejected);
  EXPECT_THAT(error.what(), HasSubstr("larger than 999999 bytes"));
}

TEST_F(Curl, ManyRequestsShareFewConnections) {
  options.max_in_flight = 8;
  std::vector<HttpRequest> requests(500, HttpRequest{.path = "/echo"});
  const auto results = HttpClient{options}.send_all(context, std::move(requests));
  for (const auto& result : results) ASSERT_EQ(result.response->status, 200);
  EXPECT_EQ(handled, 500);
  const auto stats = server.call("GET", "/_sandbox/stats").body;
  EXPECT_LE(parse_json(stats).as_object().at("max_concurrent").to_number<int>(), 8);
}

TEST_F(Curl, RedirectIsAnAnswer) {
  EXPECT_EQ(send({.path = "/moved"}).status, 302);
  EXPECT_EQ(handled, 0);
}

TEST_F(Curl, TruncatedAnswerIsTransient) {
  fault(R"({"route":"GET /large","kind":"truncate"})");
  EXPECT_EQ(failure({.path = "/large"}).code(), Code::Transient);
  EXPECT_EQ(host.counters["retries"], 3);
}

TEST_F(Curl, RecoversFromOneTruncatedAnswer) {
  fault(R"({"route":"GET /large","kind":"truncate","times":1})");
  EXPECT_EQ(send({.path = "/large"}).body.size(), 1'000'000U);
}

TEST_F(Curl, RecoversFromAReset) {
  fault(R"({"route":"GET /echo","kind":"reset_before","times":2})");
  EXPECT_EQ(send({.path = "/echo"}).status, 200);
}

TEST_F(Curl, NeverRepeatsAPostWhoseAnswerWasLost) {
  HttpClient client{options};
  // The connection is already in use, when libcurl by itself would send the request again.
  ASSERT_EQ(client.send(context, {.method = "POST", .path = "/echo", .body = "1"}).status, 200);
  fault(R"({"route":"POST /echo","kind":"reset_after","times":1})");
  try {
    static_cast<void>(client.send(context, {.method = "POST", .path = "/echo", .body = "2"}));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::Transient);
  }
  EXPECT_EQ(handled, 2);
  EXPECT_EQ(client.send(context, {.method = "POST", .path = "/echo", .body = "3"}).status, 200);
}

TEST_F(Curl, SlowAnswerTimesOut) {
  options.timeout = milliseconds{50};
  options.max_attempts = 2;
  const auto error = failure({.path = "/slow"});
  EXPECT_EQ(error.code(), Code::Transient);
  EXPECT_THAT(error.what(), HasSubstr("in time"));
}

TEST_F(Curl, StopsWhileTheServerIsSlow) {
  std::jthread stopper{[this] {
    std::this_thread::sleep_for(milliseconds{30});
    stop.request_stop();
  }};
  const auto begun = steady_clock::now();
  EXPECT_EQ(failure({.path = "/slow"}).code(), Code::Cancelled);
  EXPECT_LT(steady_clock::now() - begun, milliseconds{1000});
}

TEST_F(Curl, RefusedPortSaysSo) {
  // A port that was just bound and is closed again: nothing listens there.
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  ASSERT_EQ(::bind(socket, reinterpret_cast<sockaddr*>(&address), length), 0);
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length);
  options.base_url = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  const auto error = failure({.method = "POST", .path = "/x"});
  ::close(socket);
  EXPECT_EQ(error.code(), Code::Transient);
  EXPECT_THAT(error.what(), HasSubstr("cannot connect to " + options.base_url));
  EXPECT_EQ(host.counters["retries"], 3);  // even a POST: it never left
}

TEST_F(Curl, UnknownHostSaysSo) {
  options.base_url = "https://sluice-no-such-host.invalid";
  const auto error = failure({.path = "/x"});
  EXPECT_EQ(error.code(), Code::Transient);
  EXPECT_THAT(error.what(), HasSubstr("resolve"));
}

TEST_F(Curl, TlsToAPlainServerFails) {
  options.base_url = "https" + server.url().substr(4);
  EXPECT_THAT(failure({.path = "/echo"}).what(), HasSubstr("127.0.0.1"));
}

TEST_F(Curl, DestructionEndsWhatIsUnderWay) {
  std::jthread stopper{[this] {
    std::this_thread::sleep_for(milliseconds{10});
    stop.request_stop();
  }};
  {
    HttpClient client{options};
    EXPECT_THROW(static_cast<void>(client.send_all(
                     context, std::vector<HttpRequest>(20, HttpRequest{.path = "/slow"}))),
                 Error);
  }
}

}  // namespace
}  // namespace sluice::testing
