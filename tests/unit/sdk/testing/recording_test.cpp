#include "sluice/testing/recording.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "errors.hpp"
#include "sluice/testing/fake_host.hpp"
#include "sluice/testing/scripted_transport.hpp"

namespace sluice::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Recording : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "recording_XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    file_ = std::filesystem::path{name} / "tape.ndjson";
  }
  void TearDown() override { std::filesystem::remove_all(file_.parent_path()); }

  HttpClient client(std::shared_ptr<Transport> transport, const std::string& key = "s3cr3t-key") {
    return HttpClient{{.base_url = "https://vendor.test/api",
                       .auth = BasicAuth{key},
                       .max_attempts = 1,
                       .transport = std::move(transport)}};
  }

  // One page and one refusal, recorded.
  void record() {
    const auto vendor = std::make_shared<ScriptedTransport>();
    vendor
        ->answer(200, R"({"list":[{"email":"ada@example.com","key":"s3cr3t-key"}]})",
                 {{"Set-Cookie", "session"}, {"X-Page", "1"}, {"X-Page", "2"}})
        .answer(422, "no")
        .fail(Error{Code::Transient, "the connection broke"}, true);
    const auto recorder = std::make_shared<RecordingTransport>(vendor, file_, redaction_);
    auto http = client(recorder);
    auto context = host_.context();
    static_cast<void>(
        http.send(context, {.path = "/items", .query = {{"token", "t0ken"}, {"page", "1"}}}));
    static_cast<void>(
        http.send(context, {.method = "POST", .path = "/items", .body = R"({"email":"x@y.z"})"}));
    expect_error(Code::Transient, "broke",
                 [&] { static_cast<void>(http.send(context, {.path = "/gone"})); });
    recorder->save();
  }

  std::string tape() {
    std::ifstream in{file_};
    return {std::istreambuf_iterator<char>{in}, {}};
  }

  FakeHost host_;
  std::filesystem::path file_;
  const Redaction redaction_{.secrets = {"s3cr3t-key"}, .members = {"email"}, .query = {"token"}};
};

TEST_F(Recording, WritesNothingThatIsSecret) {
  record();
  for (const auto* secret : {"s3cr3t", "ada@", "x@y.z", "session", "t0ken", "Basic "})
    EXPECT_THAT(tape(), Not(HasSubstr(secret)));
  EXPECT_THAT(tape(), HasSubstr("page=1"));
  EXPECT_THAT(tape(), Not(HasSubstr("vendor.test")));
}

TEST_F(Recording, IsReplayedWhateverTheKeyAndTheOrder) {
  record();
  const auto replay = std::make_shared<ReplayTransport>(file_, redaction_);
  EXPECT_EQ(replay->unused(), 3U);
  auto http = client(replay, "another key");
  auto context = host_.context();
  const auto refused =
      http.send(context, {.method = "POST", .path = "/items", .body = R"({"email":"o@p.q"})"});
  EXPECT_EQ(refused.status, 422);
  const auto page =
      http.send(context, {.path = "/items", .query = {{"token", "new"}, {"page", "1"}}});
  EXPECT_EQ(page.header("x-page"), "1");
  EXPECT_EQ(page.json().at("list").at(0).at("email"), json::value("REDACTED"));
  expect_error(Code::Transient, "the connection broke",
               [&] { static_cast<void>(http.send(context, {.path = "/gone"})); });
  EXPECT_EQ(replay->unused(), 0U);
}

TEST_F(Recording, NamesWhatWasNotRecorded) {
  record();
  auto http = client(std::make_shared<ReplayTransport>(file_, redaction_));
  auto context = host_.context();
  expect_error(Code::Internal, "GET /api/others was not recorded",
               [&] { static_cast<void>(http.send(context, {.path = "/others"})); });
  static_cast<void>(
      http.send(context, {.method = "POST", .path = "/items", .body = R"({"email":"o@p.q"})"}));
  expect_error(Code::Internal, "POST /api/items is sent more often", [&] {
    static_cast<void>(
        http.send(context, {.method = "POST", .path = "/items", .body = R"({"email":"o@p.q"})"}));
  });
}

TEST_F(Recording, RefusesAFileThatIsNone) {
  expect_error(Code::Config, "cannot be read", [&] { ReplayTransport{file_}; });
  std::ofstream{file_} << "{}\n";
  expect_error(Code::Config, "tape.ndjson:1: is no recorded exchange",
               [&] { ReplayTransport{file_}; });
}

TEST_F(Recording, RefusesBytesThatAreNoText) {
  const auto vendor = std::make_shared<ScriptedTransport>();
  vendor->answer(200, "\xFF\xFE");
  RecordingTransport recorder{vendor, file_};
  recorder.start({.method = "GET", .url = "https://vendor.test/picture"}, {},
                 [](const HttpResult&) {});
  expect_error(Code::Config, "the answer to /picture is no UTF-8 text", [&] { recorder.save(); });
}

}  // namespace
}  // namespace sluice::testing
