// Walking a list: its parameters, offsets that are refused or too old, lists that run in circles.
#include "walk.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "joins.hpp"
#include "sluice/testing/fake_host.hpp"
#include "sluice/testing/scripted_transport.hpp"

namespace chargebee::testing {
namespace {

using sluice::Code;
using sluice::Error;
using sluice::testing::FakeHost;
using sluice::testing::JumpingClock;
using sluice::testing::ScriptedTransport;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kRefused =
    R"({"message":"offset is wrong","api_error_code":"param_wrong_value","param":"offset"})";

struct Walk : ::testing::Test {
  FakeHost host;
  sluice::Context context = host.context();
  std::shared_ptr<ScriptedTransport> transport = std::make_shared<ScriptedTransport>();
  Api api{{.base_url = "https://acme.chargebee.com/api/v2",
           .transport = transport,
           .clock = std::make_shared<JumpingClock>()},
          "acme"};

  static std::string page(const std::string& ids, const std::string& next) {
    std::string rows;
    for (const char id : ids) {
      rows += (rows.empty() ? "" : ",") + std::string{R"({"customer":{"id":")"} + id +
              R"(","created_at":)" + std::to_string(100 + id) + "}}";
    }
    return R"({"list":[)" + rows + "]" + (next.empty() ? "" : R"(,"next_offset":")" + next + "\"") +
           "}";
  }
  std::string last_url() { return transport->sent().back().url; }
  void advance(ListWalk& walk) { walk.accept(walk.fetch(context)); }
};

TEST_F(Walk, AsksAsTheVendorDocuments) {
  transport->answer(200, page("ab", ""));
  ListWalk walk{api, customer_list()};
  const auto step = walk.fetch(context);
  EXPECT_TRUE(step.end);
  EXPECT_EQ(last_url(),
            "https://acme.chargebee.com/api/v2/customers?limit=100&sort_by%5Basc%5D=created_at&"
            "include_deleted=true");
}

TEST_F(Walk, RepeatsAPageUntilItIsAccepted) {
  transport->answer(200, page("ab", "1")).answer(200, page("ab", "1")).answer(200, page("c", ""));
  ListWalk walk{api, customer_list()};
  static_cast<void>(walk.fetch(context));
  advance(walk);
  EXPECT_TRUE(walk.fetch(context).end);
}

TEST_F(Walk, ReopensBeforeTheLastRowWhenTheOffsetIsRefused) {
  transport->answer(200, page("ab", "x")).answer(400, kRefused).answer(200, page("bc", ""));
  ListWalk walk{api, customer_list()};
  advance(walk);
  const auto step = walk.fetch(context);
  EXPECT_EQ(step.page.rows.size(), 2U);
  EXPECT_THAT(last_url(), HasSubstr("created_at%5Bafter%5D=" + std::to_string(100 + 'b' - 1)));
  EXPECT_THAT(last_url(), Not(HasSubstr("offset=")));
  EXPECT_EQ(step.state.after, 100 + 'b' - 1);
}

TEST_F(Walk, ReopensWhenTheOffsetIsOlderThanAnHour) {
  transport->answer(200, page("ab", "x")).answer(200, page("bc", ""));
  ListWalk walk{api, customer_list()};
  advance(walk);
  host.advance(std::chrono::hours{2});
  static_cast<void>(walk.fetch(context));
  EXPECT_THAT(last_url(), HasSubstr("created_at%5Bafter%5D"));
}

TEST_F(Walk, GivesUpWhenEveryOffsetIsRefused) {
  transport->answer(200, page("a", "x"))
      .answer(400, kRefused)
      .answer(200, page("a", "y"))
      .answer(400, kRefused);
  ListWalk walk{api, customer_list()};
  advance(walk);
  advance(walk);
  EXPECT_THROW(static_cast<void>(walk.fetch(context)), Error);
}

TEST_F(Walk, GoesOnFromItsState) {
  transport->answer(200, page("c", ""));
  ListWalk walk{api, customer_list(), {"abc\"é", 1704067200, 50, 60}};
  static_cast<void>(walk.fetch(context));
  EXPECT_THAT(last_url(), HasSubstr("created_at%5Bafter%5D=50&offset=abc%22%C3%A9"));
}

TEST_F(Walk, StopsWhenTheOffsetIsIgnored) {
  transport->handle([](const auto&) { return sluice::testing::answered(200, page("ab", "same")); });
  ListWalk walk{api, customer_list()};
  advance(walk);
  try {
    advance(walk);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::SchemaMismatch);
    EXPECT_THAT(error.what(), HasSubstr("over and over"));
  }
}

TEST_F(Walk, StopsWhenOnlyTheTokenChanges) {
  int token = 0;
  transport->handle([&](const auto&) {
    return sluice::testing::answered(200, page("ab", std::to_string(++token)));
  });
  ListWalk walk{api, customer_list()};
  EXPECT_THROW(
      {
        for (int i = 0; i < 10; ++i) advance(walk);
      },
      Error);
  EXPECT_LT(token, 6);
}

TEST_F(Walk, StopsInALongCircle) {
  int call = 0;
  transport->handle([&](const auto&) {
    const int at = call++ % 5;
    return sluice::testing::answered(
        200, page(std::string(1, static_cast<char>('a' + at)), std::to_string(at)));
  });
  ListWalk walk{api, customer_list()};
  EXPECT_THROW(
      {
        for (int i = 0; i < 100; ++i) advance(walk);
      },
      Error);
}

TEST_F(Walk, AnotherBadParameterIsNoRefusedOffset) {
  transport->answer(200, page("ab", "x"))
      .answer(400, R"({"message":"wrong","api_error_code":"param_wrong_value","param":"limit"})");
  ListWalk walk{api, customer_list()};
  advance(walk);
  try {
    static_cast<void>(walk.fetch(context));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::Rejected);
    EXPECT_THAT(error.what(), HasSubstr("parameter limit"));
  }
}

}  // namespace
}  // namespace chargebee::testing
