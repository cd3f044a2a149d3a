// The connector against a scripted vendor: what it asks, in which order, and what it makes of the
// answers.
#include "connector.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "customers_reader.hpp"
#include "sluice/testing/fake_host.hpp"
#include "sluice/testing/scripted_transport.hpp"

namespace chargebee::testing {
namespace {

using sluice::Code;
using sluice::Error;
using sluice::ReadMode;
using sluice::testing::answered;
using sluice::testing::FakeHost;
using sluice::testing::JumpingClock;
using sluice::testing::ScriptedTransport;
using ::testing::HasSubstr;

constexpr const char* kDate = "Mon, 01 Jan 2024 00:00:00 GMT";  // 1704067200
constexpr std::int64_t kT0 = 1704067200;

struct Connector : ::testing::Test {
  FakeHost host;
  std::shared_ptr<ScriptedTransport> transport = std::make_shared<ScriptedTransport>();
  // First part of the URL behind the base that occurs decides; the rest is an empty list.
  std::vector<std::pair<std::string, std::string>> answers{
      {"/configurations",
       R"({"configurations":[{"domain":"acme","product_catalog_version":"v2"}]})"}};
  std::set<std::string> failing;
  Chargebee connector{read_settings(sluice::Config{
                          {{"site", "acme"}, {"api_key", "k"}, {"requests_per_minute", 0}}}),
                      {.transport = transport, .clock = std::make_shared<JumpingClock>()}};

  void SetUp() override {
    transport->handle([this](const auto& exchange) {
      for (const auto& part : failing) {
        if (exchange.url.find(part) != std::string::npos) return answered(500, "{}");
      }
      for (const auto& [part, body] : answers) {
        if (exchange.url.find(part) != std::string::npos)
          return answered(200, body, {{"Date", kDate}});
      }
      return answered(200, R"({"list":[]})", {{"Date", kDate}});
    });
  }
  void given(std::string part, std::string body) {
    answers.emplace_back(std::move(part), std::move(body));
  }
  std::size_t asked(const std::string& part) {
    std::size_t count = 0;
    for (const auto& exchange : transport->sent())
      count += exchange.url.find(part) != std::string::npos;
    return count;
  }
  std::unique_ptr<sluice::Reader> open(ReadMode mode, json::value cursor = {}) {
    auto context = host.context();
    return connector.open(context,
                          {.stream = kCustomers, .mode = mode, .cursor = std::move(cursor)});
  }
  // Everything that a walk answers, as lines of NDJSON, and its last cursor.
  std::pair<std::string, json::value> drain(sluice::Reader& reader) {
    auto context = host.context();
    std::string lines;
    for (;;) {
      const auto page = reader.next(context);
      lines += page.records.ndjson();
      if (page.end) return {lines, page.cursor};
    }
  }
  static json::value bookmark(std::int64_t at) {
    return json::object{
        {"chargebee", 1}, {"stream", kCustomers}, {"kind", "incremental"}, {"bookmark", at}};
  }
};

TEST_F(Connector, FullEndsWithTheBookmarkOfItsStart) {
  auto reader = open(ReadMode::Full);
  EXPECT_EQ(drain(*reader).second, bookmark(kT0 - 300));
}

TEST_F(Connector, IncrementalAsksOpenEndedFromTheBookmark) {
  auto reader = open(ReadMode::Incremental, bookmark(1000));
  EXPECT_EQ(drain(*reader).second, bookmark(kT0 - 300));
  EXPECT_EQ(asked("/customers?limit=100&sort_by%5Basc%5D=created_at&include_deleted=true&"
                  "updated_at%5Bafter%5D=999"),
            1U);
  EXPECT_EQ(asked("/subscriptions?limit=100&sort_by%5Basc%5D=created_at&include_deleted=true&"
                  "updated_at%5Bafter%5D=999"),
            1U);
  EXPECT_EQ(asked("/gifts"), 1U);
  EXPECT_EQ(asked("/item_prices"), 1U);
}

TEST_F(Connector, AWalkUsesWhatLookUpsHaveJustReadAndTheNextOneReadsAnew) {
  given("/gifts", R"({"list":[
      {"gift":{"id":"g1","updated_at":2000,"gifter":{"customer_id":"new"},"gift_receiver":{"customer_id":"r"}}}]})");
  given("true&id%5Bis%5D=new", R"({"list":[{"customer":{"id":"new"}}]})");
  std::vector<std::string> keys;
  std::string rows;
  for (int i = 0; i < 20; ++i) {
    keys.push_back("k" + std::to_string(i));
    rows += (i == 0 ? "" : ",") + (R"({"customer":{"id":")" + keys.back() + R"("}})");
  }
  given("true&id%5Bin%5D=%5B%22k0", R"({"list":[)" + rows + "]}");
  auto context = host.context();
  static_cast<void>(connector.lookup(context, {.stream = kCustomers, .cursor = {}}, keys));
  EXPECT_EQ(asked("/gifts"), 1U);
  auto first = open(ReadMode::Incremental, bookmark(1000));
  const auto [lines, cursor] = drain(*first);
  EXPECT_THAT(lines, HasSubstr(R"("key":"new")"));
  EXPECT_EQ(cursor, bookmark(kT0 - 300));
  EXPECT_EQ(asked("/gifts"), 1U);
  EXPECT_EQ(asked("/item_prices"), 1U);
  auto second = open(ReadMode::Incremental, bookmark(3000));
  EXPECT_THAT(drain(*second).first, ::testing::Not(HasSubstr(R"("key":"new")")));
  EXPECT_EQ(asked("/gifts"), 2U);
}

TEST_F(Connector, OnlyChargebeesOwnRefusalLeavesTheAccountToTheConfiguredSite) {
  std::string body;
  transport->handle([&](const auto& exchange) {
    const bool refused = exchange.url.find("/configurations") != std::string::npos;
    return answered(refused ? 403 : 200, refused ? body : R"({"list":[]})", {{"Date", kDate}});
  });
  auto context = host.context();
  EXPECT_THROW(connector.check(context), sluice::Error) << "a gateway's empty refusal";
  body = R"({"api_error_code":"api_authorization_failed","message":"no right"})";
  EXPECT_EQ(connector.check(context).id, "acme");
}

TEST_F(Connector, BookmarkNeverMovesBack) {
  auto reader = open(ReadMode::Incremental, bookmark(kT0 + 50));
  EXPECT_EQ(drain(*reader).second, bookmark(kT0 + 50));
}

TEST_F(Connector, ChangedSubscriptionEmitsItsCustomer) {
  given("/subscriptions?limit=100&sort_by%5Basc%5D=created_at&include_deleted=true&updated_at",
        R"({"list":[{"subscription":{"id":"s1","customer_id":"c1"}}]})");
  given("/customers?limit=100&sort_by%5Basc%5D=created_at&include_deleted=true&id%5Bis%5D=c1",
        R"({"list":[{"customer":{"id":"c1"}}]})");
  given("customer_id%5Bis%5D=c1",
        R"({"list":[{"subscription":{"id":"s1","customer_id":"c1","status":"active"}}]})");
  auto reader = open(ReadMode::Incremental, bookmark(1000));
  EXPECT_THAT(drain(*reader).first, HasSubstr(R"("key":"c1")"));
}

TEST_F(Connector, ChangedGiftEmitsItsGifterButNotOldOnes) {
  given("/gifts", R"({"list":[
      {"gift":{"id":"g1","updated_at":2000,"gifter":{"customer_id":"new"},"gift_receiver":{"customer_id":"r"}}},
      {"gift":{"id":"g2","updated_at":10,"gifter":{"customer_id":"old"},"gift_receiver":{"customer_id":"r"}}},
      {"gift":{"id":"g3","gifter":{"customer_id":"none"},"gift_receiver":{"customer_id":"r"}}}]})");
  given("true&id%5Bin%5D=%5B%22new%22%2C%22none%22%5D",
        R"({"list":[{"customer":{"id":"new"}},{"customer":{"id":"none"}}]})");
  auto reader = open(ReadMode::Incremental, bookmark(1000));
  const auto lines = drain(*reader).first;
  EXPECT_THAT(lines, HasSubstr(R"("key":"new")"));
  EXPECT_THAT(lines, HasSubstr(R"("key":"none")"));
  EXPECT_THAT(lines, ::testing::Not(HasSubstr(R"("key":"old")")));
}

TEST_F(Connector, RenamedPlanEmitsItsSubscribers) {
  given("/item_prices", R"({"list":[
      {"item_price":{"id":"gold","name":"Gold 2","item_type":"plan","updated_at":2000}},
      {"item_price":{"id":"tea","name":"Tea","item_type":"addon","updated_at":2000}}]})");
  given("item_price_id%5Bin%5D=%5B%22gold%22%5D",
        R"({"list":[{"subscription":{"id":"s1","customer_id":"c1"}}]})");
  given("/customers?limit=100&sort_by%5Basc%5D=created_at&include_deleted=true&id%5Bis%5D=c1",
        R"({"list":[{"customer":{"id":"c1"}}]})");
  given("customer_id%5Bis%5D=c1",
        R"({"list":[{"subscription":{"id":"s1","customer_id":"c1","status":"active",
      "subscription_items":[{"item_type":"plan","item_price_id":"gold"}]}}]})");
  auto reader = open(ReadMode::Incremental, bookmark(1000));
  EXPECT_THAT(drain(*reader).first, HasSubstr(R"("plan_name":"Gold 2")"));
}

TEST_F(Connector, PlanOutsideTheListIsAskedForOnce) {
  given("/customers?", R"({"list":[{"customer":{"id":"c1"}},{"customer":{"id":"c2"}}]})");
  given("customer_id%5Bin%5D", R"({"list":[
      {"subscription":{"id":"s1","customer_id":"c1","status":"active","plan_id":"old"}},
      {"subscription":{"id":"s2","customer_id":"c2","status":"active","plan_id":"old"}}]})");
  given("/item_prices/old", R"({"item_price":{"id":"old","name":"Old"}})");
  auto reader = open(ReadMode::Full);
  EXPECT_THAT(drain(*reader).first, HasSubstr(R"("plan_name":"Old")"));
  EXPECT_EQ(asked("/item_prices/old"), 1U);
}

TEST_F(Connector, ReadIsRepeatedAfterAnError) {
  given("/customers?", R"({"list":[{"customer":{"id":"c1"}}]})");
  failing = {"customer_id"};
  auto reader = open(ReadMode::Full);
  auto context = host.context();
  EXPECT_THROW(static_cast<void>(reader->next(context)), Error);
  failing.clear();
  const auto page = reader->next(context);
  EXPECT_EQ(page.records.size(), 1U);
  EXPECT_TRUE(page.complete);
}

// The list is read ahead: what that meets concerns its own page alone.
TEST_F(Connector, PagesReadAheadAreRepeatedAndShownOnce) {
  given("offset=two", R"({"list":[{"customer":{"id":"c3"}}]})");
  given("/customers?", R"({"list":[{"customer":{"id":"c1"}},{"customer":{"id":"c2"}}],
      "next_offset":"two"})");
  auto reader = open(ReadMode::Full);
  auto context = host.context();
  failing = {"customer_id"};
  EXPECT_THROW(static_cast<void>(reader->next(context)), Error);
  failing = {"offset=two"};
  const auto first = reader->next(context);
  EXPECT_THAT(first.records.ndjson(), HasSubstr(R"("key":"c2")"));
  EXPECT_FALSE(first.end);
  EXPECT_THROW(static_cast<void>(reader->next(context)), Error);
  failing.clear();
  const auto second = reader->next(context);
  EXPECT_EQ(second.records.size(), 1U);
  EXPECT_THAT(second.records.ndjson(), HasSubstr(R"("key":"c3")"));
  EXPECT_TRUE(second.complete);
}

// A reader that goes on from the first page's cursor begins with the second page, read ahead or
// not.
TEST_F(Connector, CursorsDoNotRunAhead) {
  given("offset=two", R"({"list":[{"customer":{"id":"c3"}}]})");
  given("/customers?", R"({"list":[{"customer":{"id":"c1"}}],"next_offset":"two"})");
  auto context = host.context();
  const auto first = open(ReadMode::Full)->next(context);
  EXPECT_EQ(asked("offset=two"), 1U);
  const auto rest = drain(*open(ReadMode::Full, first.cursor)).first;
  EXPECT_THAT(rest, HasSubstr(R"("key":"c3")"));
  EXPECT_THAT(rest, ::testing::Not(HasSubstr(R"("key":"c1")")));
}

TEST_F(Connector, LookupAsksAloneForWhatTheListDoesNotShow) {
  given("/customers/late", R"({"customer":{"id":"late"}})");
  transport->answer(200,
                    R"({"configurations":[{"domain":"acme","product_catalog_version":"v2"}]})");
  auto context = host.context();
  const auto records = connector.lookup(context, {.stream = kCustomers, .cursor = {}}, {"late"});
  EXPECT_THAT(records.ndjson(), HasSubstr(R"("op":"upsert","key":"late")"));
}

TEST_F(Connector, CatalogueIsProbedWhenTheConfigurationIsHidden) {
  answers.clear();
  transport->answer(200, R"({"list":[]})")
      .answer(403, R"({"api_error_code":"api_authorization_failed","message":"no"})")
      .answer(400, R"({"api_error_code":"configuration_incompatible","message":"not enabled"})");
  auto context = host.context();
  const auto account = connector.check(context);
  EXPECT_EQ(account.id, "acme");
  EXPECT_EQ(account.details.at("product_catalogue"), "1.0");
}

TEST_F(Connector, UnknownStreamAndMissingCursorAreNamed) {
  auto context = host.context();
  const auto code = [&](const char* stream, ReadMode mode, json::value cursor) {
    try {
      static_cast<void>(
          connector.open(context, {.stream = stream, .mode = mode, .cursor = std::move(cursor)}));
    } catch (const Error& error) {
      return error.code();
    }
    return Code::Ok;
  };
  EXPECT_EQ(code("people", ReadMode::Full, {}), Code::NotFound);
  EXPECT_EQ(code(kCustomers, ReadMode::Incremental, {}), Code::CursorInvalid);
  EXPECT_EQ(code(kCustomers, ReadMode::Full, bookmark(1)), Code::CursorInvalid);
  EXPECT_EQ(code("invoices", ReadMode::Incremental, bookmark(1)), Code::CursorInvalid);
  EXPECT_EQ(code("gifts", ReadMode::Latest, {}), Code::Unsupported);
}

TEST_F(Connector, KeyNeverShowsInErrorsOrLogs) {
  transport->handle([](const auto&) { return answered(401, R"({"message":"bad key"})"); });
  auto context = host.context();
  try {
    static_cast<void>(connector.check(context));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::Auth);
  }
  EXPECT_FALSE(host.logged("Basic"));
}

}  // namespace
}  // namespace chargebee::testing
