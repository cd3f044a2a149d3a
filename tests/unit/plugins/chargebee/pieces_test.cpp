// Small parts: options, identifiers in filters, plan codes, the spilling map, cursors.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cursor.hpp"
#include "joins.hpp"
#include "plans.hpp"
#include "settings.hpp"
#include "sluice/error.hpp"
#include "spill_map.hpp"

namespace chargebee::testing {
namespace {

using sluice::Code;
using sluice::Error;
using ::testing::ElementsAre;

Settings settings(json::object values) {
  values["api_key"] = "k";
  return read_settings(sluice::Config{std::move(values)});
}

template <typename Function>
Code code_of(Function function) {
  try {
    function();
  } catch (const Error& error) {
    return error.code();
  }
  return Code::Ok;
}

TEST(Settings, TakesWhateverPeoplePasteAsSite) {
  for (const auto* pasted :
       {"acme-test", " Acme-Test ", "https://acme-test.chargebee.com",
        "https://acme-test.chargebee.com/api/v2", "acme-test.chargebee.com/"}) {
    EXPECT_EQ(settings({{"site", pasted}}).base_url, "https://acme-test.chargebee.com/api/v2");
  }
  for (const auto* wrong : {"acme test", "https://", "acme.example.com", "a_b"}) {
    EXPECT_EQ(code_of([&] { settings({{"site", wrong}}); }), Code::Config) << wrong;
  }
  EXPECT_EQ(code_of([] { settings({}); }), Code::Config);
}

TEST(Settings, TakesABaseUrlWithOrWithoutTheApiPath) {
  for (const auto* url :
       {"http://127.0.0.1:8080", "http://127.0.0.1:8080/", "http://127.0.0.1:8080/api/v2/"}) {
    const auto read = settings({{"base_url", url}});
    EXPECT_EQ(read.base_url, "http://127.0.0.1:8080/api/v2");
    EXPECT_EQ(read.authority, "127.0.0.1:8080");
  }
  EXPECT_EQ(code_of([] { settings({{"base_url", "127.0.0.1:8080"}}); }), Code::Config);
}

TEST(Settings, LimitIsCountedPerSiteAndMinute) {
  const auto options = http_options(settings({{"site", "acme"}, {"requests_per_minute", 1000}}));
  ASSERT_EQ(options.rates.size(), 1U);
  EXPECT_EQ(options.rates[0].account, "acme.chargebee.com");
  EXPECT_EQ(options.rates[0].requests, 1000U);
  EXPECT_EQ(options.rates[0].window, std::chrono::minutes{1});
}

TEST(Settings, LimitAnswerWithoutRetryAfterStillPauses) {
  const auto options = http_options(settings({{"site", "acme"}}));
  sluice::HttpResponse response{.status = 429};
  EXPECT_EQ(options.retry_after({}, response), std::chrono::seconds{5});
  response.headers = {{"retry-after", "30"}};
  EXPECT_EQ(options.retry_after({}, response), std::chrono::seconds{30});
  EXPECT_TRUE(options.is_rate_limit(response));
  response.body = R"({"api_error_code":"lock_timeout"})";
  EXPECT_FALSE(options.is_rate_limit(response));
  EXPECT_EQ(options.retry_after({}, {.status = 404}), std::nullopt);
}

TEST(Filters, GroupsOfAtMostAHundred) {
  std::vector<std::string> ids;
  for (int i = 0; i < 250; ++i) ids.push_back("c" + std::to_string(i));
  const auto groups = filter_groups(ids);
  ASSERT_EQ(groups.size(), 3U);
  EXPECT_EQ(groups[2].size(), 50U);
}

TEST(Filters, LongIdsMakeSmallerGroups) {
  const auto groups = filter_groups(std::vector<std::string>(100, std::string(90, 'x')));
  EXPECT_GT(groups.size(), 1U);
}

TEST(Filters, IdsThatTheNotationCannotCarryStandAlone) {
  EXPECT_THAT(filter_groups({"a", "b,c", "d"}),
              ElementsAre(ElementsAre("b,c"), ElementsAre("a", "d")));
  EXPECT_THAT(id_filter("id", {"b,c"}), ElementsAre(::testing::Pair("id[is]", "b,c")));
  EXPECT_THAT(id_filter("id", {"a", "d"}), ElementsAre(::testing::Pair("id[in]", R"(["a","d"])")));
}

TEST(Plans, CodeOfEitherCatalogue) {
  EXPECT_EQ(plan_code({{"plan_id", "gold"}}), "gold");
  EXPECT_EQ(plan_code(sluice::parse_json(R"({"subscription_items":[
      {"item_price_id":"a","item_type":"addon"},{"item_price_id":"p","item_type":"plan"}]})")
                          .as_object()),
            "p");
  EXPECT_EQ(plan_code({}), "");
}

TEST(SpillMap, KeepsWhatDoesNotFitOnDisk) {
  SpillMap map{10};
  for (int i = 0; i < 1000; ++i) {
    map.merge("k" + std::to_string(i % 500), {i, 0, static_cast<std::uint8_t>(i < 500 ? 1 : 2)});
  }
  map.merge(std::string(300, 'x'), {7, 0, 1});
  EXPECT_EQ(map.find("k3").version, 503);
  EXPECT_EQ(map.find("k3").flags, 3);
  EXPECT_EQ(map.find(std::string(300, 'x')).version, 7);
  EXPECT_EQ(map.find("absent").version, 0);
  EXPECT_EQ(map.find("absent").flags, 0);
}

TEST(SpillMap, WalksKeysThatWereChangedSinceInOrder) {
  for (const std::size_t most : {3U, 1000U}) {
    SpillMap map{most};
    for (int i = 0; i < 100; ++i) {
      map.merge("k" + std::to_string(100 + i), {i, i % 2 == 0 ? 2000 : 1999, 1});
      map.merge("k" + std::to_string(100 + i), {i, 10, 0});
    }
    std::vector<std::string> all;
    for (std::string after;;) {
      const auto next = map.next(after, 2000, 7);
      if (next.empty()) break;
      all.insert(all.end(), next.begin(), next.end());
      after = next.back();
    }
    EXPECT_EQ(all.size(), 50U);
    EXPECT_TRUE(std::is_sorted(all.begin(), all.end()));
    EXPECT_EQ(all.front(), "k100");
  }
}

TEST(Cursor, SurvivesJson) {
  Cursor cursor;
  cursor.kind = Cursor::Kind::Incremental;
  cursor.started_at = 1700000000;
  cursor.bookmark = 1699999700;
  cursor.phase = "plans";
  cursor.walk = {"[\"1\",\"2\"]", 1700000100, 5, 6};
  cursor.after = "gold";
  cursor.current = {"a", "b"};
  const auto text = sluice::to_json(cursor.to_json("customers"));
  const auto again = Cursor::from_json(sluice::parse_json(text), "customers", cursor.kind);
  EXPECT_EQ(sluice::to_json(again.to_json("customers")), text);
}

TEST(Cursor, RefusesForeignOnes) {
  const auto refuse = [](const char* text, Cursor::Kind kind) {
    return code_of(
        [&] { static_cast<void>(Cursor::from_json(sluice::parse_json(text), "customers", kind)); });
  };
  for (const auto* text :
       {"null", "17", "\"x\"", "[]", "{}", R"({"page":3})",
        R"({"chargebee":2,"stream":"customers","kind":"full","started_at":1})",
        R"({"chargebee":1,"stream":"gifts","kind":"full","started_at":1})",
        R"({"chargebee":1,"stream":"customers","kind":"incremental","bookmark":1})",
        R"({"chargebee":1,"stream":"customers","kind":"full"})",
        R"({"chargebee":1,"stream":"customers","kind":"full","started_at":1,"walk":[]})",
        R"({"chargebee":1,"stream":"customers","kind":"full","started_at":1,"walk":{"offset":7}})",
        R"({"chargebee":1,"stream":"customers","kind":"full","started_at":1,"current":[1]})"}) {
    EXPECT_EQ(refuse(text, Cursor::Kind::Full), Code::CursorInvalid) << text;
  }
  EXPECT_EQ(refuse(R"({"chargebee":1,"stream":"customers","kind":"incremental"})",
                   Cursor::Kind::Incremental),
            Code::CursorInvalid);
}

}  // namespace
}  // namespace chargebee::testing
