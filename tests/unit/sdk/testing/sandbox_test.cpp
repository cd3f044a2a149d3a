#include "sluice/testing/sandbox.hpp"

#include <curl/curl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <thread>

#include "sluice/error.hpp"

namespace sluice::testing {
namespace {

struct Answer {
  CURLcode code = CURLE_OK;
  long status = 0;
  std::string body;
  std::string headers;
};

std::size_t append(char* data, std::size_t size, std::size_t count, void* out) {
  static_cast<std::string*>(out)->append(data, size * count);
  return size * count;
}

// One libcurl handle: requests on it reuse its connection.
class Client {
 public:
  explicit Client(std::string base) : base_{std::move(base)}, curl_{curl_easy_init()} {}
  ~Client() { curl_easy_cleanup(curl_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  Answer send(const std::string& method, const std::string& target, const std::string& body = "",
              const char* accept_encoding = nullptr) {
    Answer answer;
    curl_easy_reset(curl_);
    curl_easy_setopt(curl_, CURLOPT_URL, (base_ + target).c_str());
    curl_easy_setopt(curl_, CURLOPT_CUSTOMREQUEST, method.c_str());
    if (method == "HEAD") curl_easy_setopt(curl_, CURLOPT_NOBODY, 1L);
    if (!body.empty()) {
      curl_easy_setopt(curl_, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
      curl_easy_setopt(curl_, CURLOPT_POSTFIELDS, body.c_str());
    }
    if (accept_encoding != nullptr)
      curl_easy_setopt(curl_, CURLOPT_ACCEPT_ENCODING, accept_encoding);
    curl_easy_setopt(curl_, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl_, CURLOPT_TIMEOUT, 60L);
    curl_easy_setopt(curl_, CURLOPT_WRITEFUNCTION, append);
    curl_easy_setopt(curl_, CURLOPT_WRITEDATA, &answer.body);
    curl_easy_setopt(curl_, CURLOPT_HEADERFUNCTION, append);
    curl_easy_setopt(curl_, CURLOPT_HEADERDATA, &answer.headers);
    answer.code = curl_easy_perform(curl_);
    curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &answer.status);
    return answer;
  }
  long connections_opened() {
    long count = 0;
    curl_easy_getinfo(curl_, CURLINFO_NUM_CONNECTS, &count);
    return count;
  }

 private:
  std::string base_;
  CURL* curl_;
};

class SandboxServerTest : public ::testing::Test {
 protected:
  SandboxServerTest() {
    server.route("GET", "/things/{id}", [](const SandboxRequest& request) {
      return SandboxResponse::json(200, {{"id", request.param("id")}});
    });
    server.route("POST", "/things", [this](const SandboxRequest& request) {
      ++created;
      return SandboxResponse::json(201, {{"bytes", request.body.size()}, {"n", created.load()}});
    });
    server.route("GET", "/long", [](const SandboxRequest&) {
      return SandboxResponse::text(200, "text/plain", std::string(200'000, 'a'));
    });
    server.route("GET", "/boom", [](const SandboxRequest&) -> SandboxResponse {
      throw Error{Code::Internal, "broken on purpose"};
    });
    SandboxHooks hooks;
    hooks.mutate = [this](const json::object& body) -> json::value {
      if (body.contains("refuse")) throw Error{Code::Config, "no"};
      created += 100;
      return {{"created", created.load()}};
    };
    hooks.reset = [this](const json::object&) { created = 0; };
    hooks.dump = [this] { return "{\"created\":" + std::to_string(created) + "}"; };
    hooks.gate = [](const SandboxRequest& request) {
      std::optional<SandboxResponse> refusal;
      if (request.find_query("key") != nullptr) refusal = SandboxResponse::text(401, "", "");
      return refusal;
    };
    hooks.finish = [this](const SandboxRequest&, SandboxResponse& response) {
      response.headers.emplace_back("Date", http_date(clock.now_ms()));
    };
    server.hooks(std::move(hooks));
  }

  Answer get(const std::string& target) { return client().send("GET", target); }
  Client& client() {
    if (!client_) {
      server.start();
      client_ = std::make_unique<Client>(server.url());
    }
    return *client_;
  }
  json::value stats() { return parse_json(get("/_sandbox/stats").body); }
  void add_fault(const std::string& spec) {
    const Answer answer = client().send("POST", "/_sandbox/fault", spec);
    ASSERT_EQ(answer.status, 200) << answer.body;
  }

  SandboxClock clock = SandboxClock::manual(784'111'777'000);
  SandboxServer server{clock};
  std::atomic<int> created{0};

 private:
  std::unique_ptr<Client> client_;
};

TEST_F(SandboxServerTest, AnswersOverOneConnection) {
  for (int i = 0; i < 20; ++i) {
    const Answer answer = get("/things/a%2Fb");
    EXPECT_EQ(answer.body, R"({"id":"a/b"})");
    EXPECT_THAT(answer.headers, ::testing::HasSubstr("Date: Sun, 06 Nov 1994 08:49:37 GMT"));
    EXPECT_EQ(client().connections_opened(), i == 0 ? 1 : 0);
  }
}

TEST_F(SandboxServerTest, TakesLargeFormBodies) {
  const Answer answer = client().send("POST", "/things", "a=" + std::string(300'000, 'x'));
  EXPECT_EQ(answer.body, R"({"bytes":300002,"n":1})");
}

TEST_F(SandboxServerTest, CompressesForClientsThatAsk) {
  const Answer plain = get("/long");
  EXPECT_EQ(plain.body.size(), 200'000U);
  const Answer zipped = client().send("GET", "/long", "", "gzip, br");
  EXPECT_EQ(zipped.body, plain.body);
  EXPECT_THAT(zipped.headers, ::testing::HasSubstr("Content-Encoding: gzip"));
}

TEST_F(SandboxServerTest, AnswersHeadWithoutABody) {
  const Answer answer = client().send("HEAD", "/long");
  EXPECT_EQ(answer.code, CURLE_OK);
  EXPECT_TRUE(answer.body.empty());
  EXPECT_THAT(answer.headers, ::testing::HasSubstr("Content-Length: 200000"));
}

TEST_F(SandboxServerTest, TellsUnknownPathsFromWrongMethods) {
  EXPECT_EQ(get("/nothing").status, 404);
  EXPECT_EQ(client().send("PUT", "/things", "x").status, 405);
  EXPECT_EQ(get("/boom").status, 500);
  EXPECT_EQ(get("/things/1?key=x").status, 401);
}

TEST_F(SandboxServerTest, ServesManyConnectionsAtOnce) {
  const std::string url = (static_cast<void>(client()), server.url());
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 60; ++t) {
    threads.emplace_back([&] {
      Client own{url};
      for (int i = 0; i < 5; ++i) good += own.send("GET", "/things/1").status == 200 ? 1 : 0;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(good, 300);
}

TEST_F(SandboxServerTest, StopsWithIdleConnectionsOpen) {
  EXPECT_EQ(get("/things/1").status, 200);
  server.stop();
  EXPECT_NE(get("/things/1").code, CURLE_OK);
}

TEST_F(SandboxServerTest, CountsRequestsByRouteAndStatus) {
  get("/things/1");
  get("/things/2");
  get("/nothing");
  const auto counted = stats();
  EXPECT_EQ(to_json(counted.at("requests")),
            R"({"GET /nothing":{"404":1},"GET /things/{id}":{"200":2}})");
  EXPECT_EQ(counted.at("total"), 3);
  EXPECT_EQ(counted.at("max_concurrent"), 1);
}

TEST_F(SandboxServerTest, FailsBeforeAndAfterHandling) {
  add_fault(R"({"route":"POST /things","kind":"status","status":503,"times":1,
                "body":{"message":"down"},"headers":{"Retry-After":"3"}})");
  const Answer before = client().send("POST", "/things", "x");
  EXPECT_EQ(before.status, 503);
  EXPECT_EQ(before.body, R"({"message":"down"})");
  EXPECT_THAT(before.headers, ::testing::HasSubstr("Retry-After: 3"));
  EXPECT_EQ(created, 0);
  add_fault(R"({"route":"POST /things","kind":"after_status","times":1})");
  EXPECT_EQ(client().send("POST", "/things", "x").status, 503);
  EXPECT_EQ(created, 1);
  EXPECT_EQ(client().send("POST", "/things", "x").status, 201);
}

TEST_F(SandboxServerTest, ResetsConnectionsBeforeAndAfterHandling) {
  // On fresh connections: libcurl itself repeats a request whose reused connection turns out to be
  // gone.
  add_fault(R"({"route":"POST /things","kind":"reset_before","times":1})");
  EXPECT_EQ(Client{server.url()}.send("POST", "/things", "x").code, CURLE_RECV_ERROR);
  EXPECT_EQ(created, 0);
  add_fault(R"({"route":"POST /things","kind":"reset_after","times":1})");
  EXPECT_EQ(Client{server.url()}.send("POST", "/things", "x").code, CURLE_RECV_ERROR);
  EXPECT_EQ(created, 1);
  EXPECT_EQ(stats().at("requests").at("POST /things").at("0"), 2);
}

TEST_F(SandboxServerTest, CutsAnswersShort) {
  add_fault(R"({"route":"GET /long","kind":"truncate","times":1,"bytes":1000})");
  const Answer answer = get("/long");
  EXPECT_EQ(answer.code, CURLE_PARTIAL_FILE);
  EXPECT_EQ(answer.body.size(), 1000U);
  EXPECT_EQ(get("/long").body.size(), 200'000U);
}

TEST_F(SandboxServerTest, SendsWrongBodies) {
  add_fault(R"({"route":"GET /things","kind":"html200","times":1})");
  EXPECT_THAT(get("/things/1").headers, ::testing::HasSubstr("Content-Type: text/html"));
  add_fault(R"({"route":"GET /things","kind":"empty403","times":1})");
  const Answer empty = get("/things/1");
  EXPECT_EQ(empty.status, 403);
  EXPECT_THAT(empty.headers, ::testing::Not(::testing::HasSubstr("Content-Type")));
  add_fault(R"({"route":"GET /things","kind":"rate_limit","times":1,"retry_after":9})");
  EXPECT_THAT(get("/things/1").headers, ::testing::HasSubstr("Retry-After: 9"));
  EXPECT_EQ(stats().at("rate_limited"), 1);
}

TEST_F(SandboxServerTest, ClearsFaults) {
  add_fault(R"({"route":"GET /things","kind":"status"})");
  EXPECT_EQ(get("/things/1").status, 503);
  EXPECT_EQ(client().send("DELETE", "/_sandbox/fault?id=1").status, 200);
  EXPECT_EQ(get("/things/1").status, 200);
  EXPECT_EQ(client().send("DELETE", "/_sandbox/fault?id=1").status, 404);
  EXPECT_EQ(client().send("POST", "/_sandbox/fault", R"({"kind":"meteor"})").status, 400);
}

TEST_F(SandboxServerTest, HoldsAnswersBackUntilTheFaultIsGone) {
  add_fault(R"({"route":"POST /things","kind":"hold","skip":1})");
  EXPECT_EQ(client().send("POST", "/things", "{}").status, 201);
  std::atomic<bool> answered{false};
  std::thread held{[&] {
    EXPECT_EQ(Client{server.url()}.send("POST", "/things", "{}").body, R"({"bytes":2,"n":2})");
    answered = true;
  }};
  const auto fired = [this] {
    return stats().at("faults").at(0).at("fired").to_number<std::int64_t>();
  };
  while (fired() == 0) std::this_thread::yield();
  EXPECT_EQ(created, 2);
  EXPECT_FALSE(answered);
  EXPECT_EQ(client().send("DELETE", "/_sandbox/fault?id=1").status, 200);
  held.join();
  EXPECT_TRUE(answered);
}

TEST_F(SandboxServerTest, StopsWhileAnAnswerIsHeldBack) {
  add_fault(R"({"route":"POST /things","kind":"hold"})");
  std::thread held{[&] { Client{server.url()}.send("POST", "/things", "{}"); }};
  while (server.in_flight() == 0) std::this_thread::yield();
  server.stop();
  held.join();
}

TEST_F(SandboxServerTest, RunsMutationsAtOnceOrAfterARequest) {
  EXPECT_EQ(client().send("POST", "/_sandbox/mutate", "{}").body, R"({"created":100})");
  EXPECT_EQ(client().send("POST", "/_sandbox/mutate", R"({"refuse":1})").status, 400);
  client().send("POST", "/_sandbox/mutate", R"({"after":{"route":"GET /things","count":2}})");
  get("/things/1");
  EXPECT_EQ(created, 100);
  get("/things/1");
  EXPECT_EQ(created, 200);
  get("/things/1");
  EXPECT_EQ(created, 200);
  client().send("POST", "/_sandbox/mutate", R"({"after":{"route":"GET /things","count":1}})");
  EXPECT_EQ(client().send("DELETE", "/_sandbox/mutate", "").status, 200);
  get("/things/1");
  EXPECT_EQ(created, 200);
  EXPECT_EQ(to_json(stats().at("mutations")), R"([{"id":1,"ran":true,"result":{"created":200}}])");
}

TEST_F(SandboxServerTest, DumpsResetsAndMovesTheClock) {
  client().send("POST", "/things", "x");
  EXPECT_EQ(get("/_sandbox/dump").body, R"({"created":1})");
  EXPECT_EQ(client().send("POST", "/_sandbox/reset", "{}").status, 200);
  EXPECT_EQ(get("/_sandbox/dump").body, R"({"created":0})");
  EXPECT_EQ(stats().at("total"), 0);
  client().send("POST", "/_sandbox/clock", R"({"advance_ms":1000})");
  EXPECT_EQ(clock.now_ms(), 784'111'778'000);
}

TEST_F(SandboxServerTest, AnswersWithoutAConnectionToo) {
  const SandboxResponse response = server.call("GET", "/things/7");
  EXPECT_EQ(response.body, R"({"id":"7"})");
  EXPECT_EQ(server.call("GET", "/_sandbox/dump").body, R"({"created":0})");
}

TEST(SandboxProgram, PrintsItsUrlAndEndsOnSigterm) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    SandboxClock clock;
    SandboxServer server{clock};
    _exit(run_sandbox(server));
  }
  close(ends[1]);
  std::string line;
  for (char c = 0; read(ends[0], &c, 1) == 1 && c != '\n';) line.push_back(c);
  close(ends[0]);
  EXPECT_THAT(line, ::testing::StartsWith("http://127.0.0.1:"));
  EXPECT_EQ(Client{line}.send("GET", "/_sandbox/clock").status, 200);
  ASSERT_EQ(kill(child, SIGTERM), 0);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST_F(SandboxServerTest, SaysWhenThePortIsTaken) {
  client();
  SandboxServer second{clock, {.port = server.port()}};
  EXPECT_THROW(second.start(), Error);
}

}  // namespace
}  // namespace sluice::testing
