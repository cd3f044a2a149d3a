// The connector against the vendor's sandbox: a program that knows nothing of the connector.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "connector.hpp"
#include "customers_reader.hpp"
#include "sandbox_process.hpp"
#include "sluice/testing/fake_host.hpp"

namespace chargebee::testing {
namespace {

using sluice::Code;
using sluice::Error;
using sluice::ReadMode;
using sluice::testing::FakeHost;
using ::testing::HasSubstr;

struct Read {
  std::map<std::string, json::object> records;  // by key, the last one
  std::vector<json::value> cursors;
  std::size_t count = 0;
  bool complete = false;
};

struct AgainstSandbox : ::testing::Test {
  FakeHost host;
  std::optional<SandboxProcess> sandbox;
  std::optional<Chargebee> connector;

  void start(std::vector<std::string> arguments, std::int64_t lag = 0) {
    sandbox.emplace(std::move(arguments));
    connect("sandbox-key", lag);
  }
  void connect(const char* key, std::int64_t lag = 0) {
    connector.emplace(sluice::Config{{{"base_url", sandbox->url()},
                                      {"api_key", key},
                                      {"requests_per_minute", 0},
                                      {"visibility_lag_seconds", lag}}});
  }
  static void keep(Read& read, const sluice::RecordBatch& batch) {
    const auto& lines = batch.ndjson();
    for (std::size_t at = 0; at < lines.size();) {
      const auto end = lines.find('\n', at);
      auto record = sluice::parse_json(lines.substr(at, end - at)).as_object();
      const auto key = text_of(record, "key");
      read.records[key] = std::move(record);
      ++read.count;
      at = end + 1;
    }
  }
  Read read(ReadMode mode, json::value cursor = {}, const char* stream = kCustomers,
            std::uint32_t limit = 0) {
    auto context = host.context();
    auto reader = connector->open(
        context, {.stream = stream, .mode = mode, .limit = limit, .cursor = std::move(cursor)});
    Read read;
    for (bool end = false; !end;) {
      const auto page = reader->next(context);
      keep(read, page.records);
      read.cursors.push_back(page.cursor);
      end = page.end;
      read.complete = page.complete;
    }
    return read;
  }
  json::object control(const char* method, const char* path, std::string body = {}) {
    sluice::HttpClient client{{.base_url = sandbox->url()}};
    auto context = host.context();
    return client.send(context, {.method = method, .path = path, .body = std::move(body)})
        .json()
        .as_object();
  }
  Code failure_of_check() {
    try {
      auto context = host.context();
      static_cast<void>(connector->check(context));
    } catch (const Error& error) {
      message = error.what();
      return error.code();
    }
    return Code::Ok;
  }
  std::string message;
};

// Every customer that the sandbox holds, straight from its state.
std::set<std::string> dumped_ids(json::object dump) {
  std::set<std::string> ids;
  for (const auto& customer : dump.at("customers").as_array()) {
    ids.insert(text_of(customer.as_object(), "id"));
  }
  return ids;
}

TEST_F(AgainstSandbox, FullShowsEveryCustomerOnceWithFewRequests) {
  start({"--customers", "950", "--several-subscriptions", "0.05"});
  const auto full = read(ReadMode::Full);
  EXPECT_TRUE(full.complete);
  EXPECT_EQ(full.count, full.records.size());
  std::set<std::string> keys;
  for (const auto& [key, record] : full.records) keys.insert(key);
  EXPECT_EQ(keys, dumped_ids(control("GET", "/_sandbox/dump")));
  EXPECT_EQ(host.counter("requests GET /customers"), 10);
  EXPECT_LE(host.counter("requests GET /subscriptions"), 25);
  EXPECT_EQ(host.counter("requests GET /configurations"), 1);
  EXPECT_LE(host.counter("requests GET /gifts"), 2);
}

TEST_F(AgainstSandbox, FullGoesOnFromEveryCursor) {
  start({"--customers", "350"});
  const auto whole = read(ReadMode::Full);
  std::size_t left = whole.count;
  for (std::size_t i = 0; i + 1 < whole.cursors.size(); ++i) {
    left -= 100;
    EXPECT_EQ(read(ReadMode::Full, whole.cursors[i]).count, left);
  }
}

TEST_F(AgainstSandbox, FullSurvivesExpiredOffsets) {
  start({"--customers", "350", "--offset-expiry", "600"});
  auto context = host.context();
  auto reader = connector->open(context, {.stream = kCustomers, .cursor = {}});
  Read all;
  for (bool end = false; !end;) {
    const auto page = reader->next(context);
    keep(all, page.records);
    end = page.end;
    control("POST", "/_sandbox/clock", R"({"advance_ms":700000})");
  }
  std::set<std::string> keys;
  for (const auto& [key, record] : all.records) keys.insert(key);
  EXPECT_EQ(keys, dumped_ids(control("GET", "/_sandbox/dump")));
  EXPECT_TRUE(host.logged("no longer valid"));
}

TEST_F(AgainstSandbox, IncrementalFindsWhatChangedAndDeletionsAndThenNothing) {
  start({"--customers", "400"});
  auto cursor = read(ReadMode::Full).cursors.back();
  control("POST", "/_sandbox/clock", R"({"advance_ms":600000})");
  const auto touched =
      control("POST", "/_sandbox/mutate", R"({"create":30,"update":40,"delete":20,"seed":3})");
  control("POST", "/_sandbox/clock", R"({"advance_ms":2000})");
  const auto changes = read(ReadMode::Incremental, cursor);
  for (const auto* kind : {"created", "updated", "deleted"}) {
    const auto* ids = touched.if_contains(kind);
    ASSERT_NE(ids, nullptr) << sluice::to_json(touched);
    for (const auto& id : ids->as_array()) {
      const std::string key{id.as_string()};
      ASSERT_TRUE(changes.records.contains(key)) << kind << " " << key;
      if (std::string{kind} == "deleted") {
        EXPECT_EQ(text_of(changes.records.at(key), "op"), "delete");
      }
    }
  }
  EXPECT_FALSE(changes.complete);
  cursor = changes.cursors.back();
  control("POST", "/_sandbox/clock", R"({"advance_ms":10000})");
  const auto next = read(ReadMode::Incremental, cursor);
  EXPECT_LT(next.count, 100U);
}

TEST_F(AgainstSandbox, IncrementalGoesOnFromEveryCursor) {
  start({"--customers", "300"});
  const auto first = read(ReadMode::Full).cursors.back();
  control("POST", "/_sandbox/clock", R"({"advance_ms":600000})");
  control("POST", "/_sandbox/mutate", R"({"update":250,"seed":3})");
  const auto whole = read(ReadMode::Incremental, first);
  ASSERT_GT(whole.cursors.size(), 3U);
  for (std::size_t i = 0; i + 1 < whole.cursors.size(); ++i) {
    EXPECT_EQ(read(ReadMode::Incremental, whole.cursors[i]).cursors.back(), whole.cursors.back());
  }
}

TEST_F(AgainstSandbox, LookupAnswersForEveryKey) {
  start({"--customers", "150"});
  const auto full = read(ReadMode::Full);
  std::vector<std::string> keys;
  for (const auto& [key, record] : full.records) keys.push_back(key);
  keys.emplace_back("no such customer, \"really\"");
  auto context = host.context();
  Read found;
  keep(found, connector->lookup(context, {.stream = kCustomers, .cursor = {}}, keys));
  EXPECT_EQ(found.records.size(), keys.size());
  EXPECT_EQ(text_of(found.records.at(keys.back()), "op"), "delete");
  EXPECT_EQ(found.records.at(keys.back()).at("version"), 0);
  keys.pop_back();
  for (const auto& key : keys) EXPECT_EQ(found.records.at(key), full.records.at(key));
}

TEST_F(AgainstSandbox, LatestShowsTheNewestFirst) {
  start({"--customers", "150"});
  const auto latest = read(ReadMode::Latest, {}, kCustomers, 10);
  EXPECT_EQ(latest.count, 10U);
  EXPECT_EQ(read(ReadMode::Latest, {}, kCustomers, 120).count, 120U);
}

TEST_F(AgainstSandbox, PlainStreamsReadWholeAndIncrementally) {
  start({"--customers", "150"});
  for (const auto* stream : {"subscriptions", "gifts", "invoices", "events", "item_prices"}) {
    const auto full = read(ReadMode::Full, {}, stream);
    EXPECT_GT(full.count, 0U) << stream;
    EXPECT_EQ(full.complete, std::string{"events"} != stream) << stream;
    read(ReadMode::Incremental, full.cursors.back(), stream);
  }
}

TEST_F(AgainstSandbox, FirstCatalogueHasPlanNamesToo) {
  start({"--customers", "100", "--catalog", "1"});
  const auto full = read(ReadMode::Full);
  const auto named = std::count_if(full.records.begin(), full.records.end(), [](const auto& entry) {
    const auto* data = object_in(entry.second, "data");
    const auto* subscription = data != nullptr ? object_in(*data, "subscription") : nullptr;
    return subscription != nullptr && !text_of(*subscription, "plan_name").empty() &&
           !text_of(*subscription, "plan_code").empty();
  });
  EXPECT_GT(named, 50);
  EXPECT_GT(read(ReadMode::Full, {}, "plans").count, 0U);
}

TEST_F(AgainstSandbox, SurvivesFaultsOnTheWay) {
  start({"--customers", "300"});
  control("POST", "/_sandbox/fault",
          R"({"route":"GET /api/v2/customers","kind":"truncate","every":3,"times":2})");
  control("POST", "/_sandbox/fault",
          R"({"route":"GET /api/v2/subscriptions","kind":"html502","every":2,"times":2})");
  control("POST", "/_sandbox/fault",
          R"({"route":"GET /api/v2/gifts","kind":"reset_after","times":1})");
  const auto full = read(ReadMode::Full);
  EXPECT_EQ(full.count, dumped_ids(control("GET", "/_sandbox/dump")).size());
}

TEST_F(AgainstSandbox, CheckNamesTheSite) {
  start({"--customers", "5", "--site", "acme-test"});
  auto context = host.context();
  const auto account = connector->check(context);
  EXPECT_EQ(account.id, "acme-test");
  EXPECT_EQ(account.details.at("product_catalogue"), "2.0");
  connect("sandbox-read-only-key");
  EXPECT_EQ(connector->check(context).id, "acme-test");
}

TEST_F(AgainstSandbox, CheckSaysWhatIsWrong) {
  start({"--customers", "5"});
  connect("wrong");
  EXPECT_EQ(failure_of_check(), Code::Auth);
  EXPECT_THAT(message, HasSubstr("check api_key"));
  EXPECT_THAT(message, ::testing::Not(HasSubstr("wrong-")));
  connect("sandbox-key");
  control("POST", "/_sandbox/fault", R"({"route":"GET /api/v2","kind":"html200","times":1})");
  EXPECT_EQ(failure_of_check(), Code::NotFound);
  EXPECT_THAT(message, HasSubstr("HTML"));
  control(
      "POST", "/_sandbox/fault",
      R"({"route":"GET /api/v2","kind":"status","status":404,"times":1,"body":{"api_error_code":"site_not_found","message":"no"}})");
  EXPECT_EQ(failure_of_check(), Code::NotFound);
  control(
      "POST", "/_sandbox/fault",
      R"({"route":"GET /api/v2","kind":"status","status":403,"times":1,"body":{"api_error_code":"api_authorization_failed","message":"no"}})");
  EXPECT_EQ(failure_of_check(), Code::Auth);
  const auto url = sandbox->url();
  sandbox.reset();
  EXPECT_EQ(failure_of_check(), Code::Transient);
  EXPECT_THAT(message, HasSubstr("cannot connect to " + url));
}

TEST_F(AgainstSandbox, DiscoverDeclaresCustomFieldsAndOptions) {
  start({"--customers", "20"});
  auto context = host.context();
  const auto streams = connector->discover(context);
  ASSERT_EQ(streams.front().name, kCustomers);
  const auto schema = sluice::to_json(streams.front().schema);
  EXPECT_THAT(schema, HasSubstr("\"cf_"));
  EXPECT_THAT(sluice::to_json(streams.front().options.schema()), HasSubstr("highest_mrr"));
  EXPECT_TRUE(std::none_of(streams.begin(), streams.end(),
                           [](const auto& stream) { return stream.name == "plans"; }));
}

}  // namespace
}  // namespace chargebee::testing
