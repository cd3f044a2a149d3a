#include <gtest/gtest.h>

#include "sandbox_fault.hpp"
#include "sandbox_router.hpp"
#include "sandbox_transport.hpp"
#include "sluice/error.hpp"

namespace sluice::testing {
namespace {

SandboxRequest request_for(const std::string& method, const std::string& target) {
  SandboxRequest request;
  request.method = method;
  set_target(request, target);
  return request;
}

TEST(SandboxForm, DecodesBracketsPlusAndKeepsOrder) {
  const auto pairs = parse_form("id%5Bin%5D=%5B%22a%22%5D&b=1+2&b=%2B&flag&=x");
  const SandboxPairs expected = {
      {"id[in]", "[\"a\"]"}, {"b", "1 2"}, {"b", "+"}, {"flag", ""}, {"", "x"}};
  EXPECT_EQ(pairs, expected);
  EXPECT_EQ(*find_pair(pairs, "b"), "+");
  EXPECT_EQ(find_pair(pairs, "c"), nullptr);
}

TEST(SandboxForm, LeavesBrokenEscapesAlone) {
  EXPECT_EQ(percent_decode("100%", false), "100%");
  EXPECT_EQ(percent_decode("%zz%4", false), "%zz%4");
  EXPECT_EQ(percent_decode(percent_encode("a b/ü%"), false), "a b/ü%");
}

TEST(SandboxRouter, DecodesSegmentsAfterSplitting) {
  SandboxRouter router;
  router.add("GET", "/c/{id}", {});
  auto request = request_for("GET", "/c/a%2Fb%20c?x=1");
  EXPECT_NE(router.find(request).handler, nullptr);
  EXPECT_EQ(request.param("id"), "a/b c");
  EXPECT_EQ(request.route, "/c/{id}");
}

TEST(SandboxRouter, TakesManySegmentsBeforeALiteralOne) {
  SandboxRouter router;
  router.add("GET", "/c/{id+}/contacts", {});
  router.add("GET", "/c/{id+}", {});
  auto contacts = request_for("GET", "/c/a/b/contacts/");
  ASSERT_NE(router.find(contacts).handler, nullptr);
  EXPECT_EQ(contacts.route, "/c/{id+}/contacts");
  EXPECT_EQ(contacts.param("id"), "a/b");
  auto plain = request_for("GET", "/c/a/b");
  ASSERT_NE(router.find(plain).handler, nullptr);
  EXPECT_EQ(plain.param("id"), "a/b");
}

TEST(SandboxRouter, TellsAWrongMethodFromAnUnknownPath) {
  SandboxRouter router;
  router.add("POST", "/c", {});
  auto wrong = request_for("GET", "/c");
  EXPECT_TRUE(router.find(wrong).wrong_method);
  auto unknown = request_for("GET", "/d");
  EXPECT_FALSE(router.find(unknown).wrong_method);
  EXPECT_EQ(router.find(unknown).handler, nullptr);
}

TEST(SandboxClock, ManualClockMovesOnlyByHand) {
  SandboxClock clock = SandboxClock::manual(1000);
  EXPECT_EQ(clock.now_ms(), 1000);
  clock.advance(500);
  EXPECT_EQ(clock.now_ms(), 1500);
  clock.set(7);
  EXPECT_EQ(clock.now_ms(), 7);
}

TEST(SandboxClock, ScaledClockShortensRealWaits) {
  const SandboxClock clock{60};
  EXPECT_EQ(clock.to_real_ms(60'000), 1000);
}

TEST(SlidingWindow, AllowsTheLimitInAnyWindow) {
  SlidingWindow window{2, 60'000};
  EXPECT_EQ(window.acquire(0), 0);
  EXPECT_EQ(window.acquire(30'000), 0);
  EXPECT_EQ(window.acquire(59'000), 1000);
  EXPECT_EQ(window.acquire(60'000), 0);
  EXPECT_EQ(window.acquire(60'001), 29'999);
  EXPECT_EQ(window.remaining(90'000), 1);
}

TEST(FixedWindow, StartsAfreshAtTheBoundary) {
  FixedWindow window{2, 1000};
  EXPECT_EQ(window.acquire(900), 0);
  EXPECT_EQ(window.acquire(950), 0);
  EXPECT_EQ(window.acquire(990), 10);
  EXPECT_EQ(window.acquire(1000), 0);
  EXPECT_EQ(window.remaining(1001), 1);
}

json::object fault(const char* text) {
  return parse_json(text).get_object();
}

TEST(FaultBook, CountsSkipTimesAndEvery) {
  FaultBook book;
  book.add(fault(R"({"route":"GET /a","kind":"status","status":500,"skip":1,"every":2,"times":2})"),
           {});
  const auto request = request_for("GET", "/a/b");
  std::string fired;
  for (int i = 0; i < 9; ++i) fired += book.meet(request, {}).answer ? 'x' : '.';
  EXPECT_EQ(fired, "..x.x....");
  EXPECT_EQ(book.fired(), 2);
}

TEST(FaultBook, AnswersBlanksWithoutBeingGivenThem) {
  FaultBook book;
  book.add(fault(R"({"route":"GET /","kind":"body","blanks":3})"), {});
  const FaultAction action = book.meet(request_for("GET", "/"), {});
  ASSERT_TRUE(action.answer);
  EXPECT_EQ(action.answer->status, 200);
  EXPECT_EQ(action.answer->body, "   ");
}

TEST(FaultBook, MatchesPrefixRegexAndQuery) {
  FaultBook book;
  book.add(fault(R"({"route":"(GET|POST) /a$","query":"offset=","kind":"empty403"})"), {});
  EXPECT_TRUE(book.meet(request_for("POST", "/a?offset=1"), {}).answer);
  EXPECT_FALSE(book.meet(request_for("POST", "/a"), {}).answer);
  EXPECT_FALSE(book.meet(request_for("GET", "/a/b?offset=1"), {}).answer);
  EXPECT_FALSE(book.meet(request_for("GET", "/b/GET /a?offset=1"), {}).answer);
}

TEST(FaultBook, LooksIntoTheRequestsBody) {
  FaultBook book;
  book.add(fault(R"({"route":"POST /a","request_contains":"\"status\":2","kind":"empty403"})"), {});
  auto request = request_for("POST", "/a");
  request.body = R"({"status":1})";
  EXPECT_FALSE(book.meet(request, {}).answer);
  request.body = R"({"list":1,"status":2})";
  EXPECT_TRUE(book.meet(request, {}).answer);
}

TEST(FaultBook, IsDeterministicForASeed) {
  const auto run = [] {
    FaultBook book;
    book.add(fault(R"({"route":"GET /","kind":"reset_before","probability":0.3,"seed":5})"), {});
    std::string fired;
    for (int i = 0; i < 200; ++i)
      fired += book.meet(request_for("GET", "/"), {}).answer ? 'x' : '.';
    return fired;
  };
  EXPECT_EQ(run(), run());
  const std::string fired = run();
  const auto count = std::count(fired.begin(), fired.end(), 'x');
  EXPECT_GT(count, 30);
  EXPECT_LT(count, 90);
}

TEST(FaultBook, DelaysAddToTheFirstOtherFault) {
  FaultBook book;
  book.add(fault(R"({"route":"GET /","kind":"status","status":500,"delay_ms":5})"), {});
  book.add(fault(R"({"route":"GET /","kind":"status","status":501})"), {});
  book.add(fault(R"({"route":"GET /","kind":"delay","delay_ms":7})"), {});
  const FaultAction action = book.meet(request_for("GET", "/"), {});
  ASSERT_TRUE(action.answer);
  EXPECT_EQ(action.answer->status, 500);
  EXPECT_EQ(action.delay_ms, 12);
}

TEST(FaultBook, RefusesNonsenseWhenAdded) {
  FaultBook book;
  EXPECT_THROW(book.add(fault(R"({"route":"GET /","kind":"meteor"})"), {}), Error);
  EXPECT_THROW(book.add(fault(R"({"route":"GET /(","kind":"status"})"), {}), Error);
  EXPECT_THROW(book.add(fault(R"({"route":"GET /","kind":"status","status":"x"})"), {}), Error);
  EXPECT_THROW(book.add(fault(R"({"route":"GET /","kind":"status","times":-1})"), {}), Error);
}

TEST(FaultBook, AsksTheVendorForItsOwnKinds) {
  const FaultBook::VendorFault vendor = [](const json::object& spec, const SandboxRequest&) {
    std::optional<SandboxResponse> answer;
    if (spec.at("kind") == "rate_limit") answer = SandboxResponse::text(429, "", "slow down");
    return answer;
  };
  FaultBook book;
  book.add(fault(R"({"route":"GET /","kind":"rate_limit","headers":{"X-A":"1"}})"), vendor);
  const auto action = book.meet(request_for("GET", "/"), vendor);
  ASSERT_TRUE(action.answer);
  EXPECT_EQ(action.answer->body, "slow down");
  EXPECT_TRUE(action.answer->rate_limited);
  EXPECT_EQ(action.answer->headers.at(0).first, "X-A");
}

TEST(HttpDate, WritesHttpsForm) {
  EXPECT_EQ(http_date(784111777000), "Sun, 06 Nov 1994 08:49:37 GMT");
}

}  // namespace
}  // namespace sluice::testing
