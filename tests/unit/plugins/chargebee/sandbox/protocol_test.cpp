#include "site.hpp"

namespace chargebee_sandbox {
namespace {

using ::testing::HasSubstr;

SandboxResponse with_header(Site& site, const std::string& method,
                            const std::string& authorization) {
  sluice::testing::SandboxPairs headers;
  if (!authorization.empty()) headers.emplace_back("authorization", authorization);
  return site.sandbox.server().call(method, "/api/v2/customers", headers);
}

std::string header(const SandboxResponse& response, std::string_view name) {
  const std::string* value = sluice::testing::find_pair(response.headers, name);
  return value == nullptr ? "" : *value;
}

TEST(ChargebeeProtocol, AsksForCredentials) {
  Site site{Site::small()};
  const auto missing = with_header(site, "GET", "");
  EXPECT_EQ(missing.status, 401);
  EXPECT_EQ(body(missing).at("api_error_code"), "basic_authentication_failed");
  const auto wrong = with_header(site, "GET", "Basic d3Jvbmc6");
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(body(wrong).at("api_error_code"), "api_authentication_failed");
  EXPECT_EQ(body(wrong).at("error_code"), "api_authentication_invalid_key");
  EXPECT_EQ(body(wrong).at("http_status_code"), 401);
  EXPECT_EQ(with_header(site, "GET", "Bearer sandbox-key").status, 401);
}

TEST(ChargebeeProtocol, LetsAReadOnlyKeyOnlyRead) {
  Site site{Site::small()};
  const std::string key = "Basic c2FuZGJveC1yZWFkLW9ubHkta2V5Og==";
  EXPECT_EQ(with_header(site, "GET", key).status, 200);
  const auto refused = with_header(site, "POST", key);
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(body(refused).at("api_error_code"), "api_authorization_failed");
}

TEST(ChargebeeProtocol, NamesUnknownPathsMethodsRowsAndSites) {
  Site site{Site::small()};
  EXPECT_EQ(site.get("/nothing").status, 404);
  const auto method = site.call("PUT", "/customers");
  EXPECT_EQ(method.status, 405);
  EXPECT_EQ(body(method).at("api_error_code"), "http_method_not_supported");
  const auto row = site.get("/customers/unknown");
  EXPECT_EQ(row.status, 404);
  EXPECT_EQ(body(row).at("api_error_code"), "resource_not_found");
  EXPECT_EQ(body(row).at("param"), "customer_id");
  const auto other = site.sandbox.server().call("GET", "/api/v2/customers",
                                                {{"Host", "other-test.chargebee.com"}});
  EXPECT_EQ(other.status, 404);
  EXPECT_EQ(body(other).at("api_error_code"), "site_not_found");
}

TEST(ChargebeeProtocol, RefusesTheOtherCatalogue) {
  Site two{Site::small()};
  EXPECT_EQ(two.get("/item_prices").status, 200);
  const auto plans = two.get("/plans");
  EXPECT_EQ(plans.status, 400);
  EXPECT_EQ(body(plans).at("api_error_code"), "configuration_incompatible");
  Settings settings = Site::small();
  settings.catalog = 1;
  Site one{settings};
  EXPECT_EQ(one.get("/plans").status, 200);
  EXPECT_EQ(one.get("/items").status, 400);
  EXPECT_EQ(
      body(one.get("/configurations")).at("configurations").at(0).at("product_catalog_version"),
      "v1");
}

TEST(ChargebeeProtocol, LimitsRequestsInASlidingMinute) {
  Settings settings = Site::small();
  settings.rate_limit = 3;
  Site site{settings};
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(site.get("/customers").status, 200);
    site.clock.advance(1000);
  }
  const auto refused = site.get("/customers");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(header(refused, "Retry-After"), "57");
  EXPECT_EQ(body(refused).at("api_error_code"), "api_request_limit_exceeded");
  EXPECT_EQ(body(refused).at("type"), "operation_failed");
  site.clock.advance(57'000);
  EXPECT_EQ(site.get("/customers").status, 200);
  EXPECT_EQ(site.get("/customers").status, 429);
}

TEST(ChargebeeProtocol, MayLeaveOutRetryAfter) {
  Settings settings = Site::small();
  settings.rate_limit = 1;
  settings.retry_after = false;
  Site site{settings};
  EXPECT_EQ(site.get("/customers").status, 200);
  EXPECT_EQ(header(site.get("/customers"), "Retry-After"), "");
}

TEST(ChargebeeProtocol, LimitsRequestsAtTheSameTime) {
  Settings settings = Site::small();
  settings.concurrency = 1;
  Site site{settings};
  {
    // The first answer counts as in flight as long as it exists.
    const auto first = site.get("/customers");
    EXPECT_EQ(first.status, 200);
    EXPECT_EQ(site.get("/customers").status, 429);
  }
  EXPECT_EQ(site.get("/customers").status, 200);
}

TEST(ChargebeeProtocol, SendsTheSandboxsDate) {
  Site site{Site::small()};
  const auto response = site.get("/customers");
  EXPECT_EQ(header(response, "Date"), "Mon, 21 Sep 2026 14:13:20 GMT");
  EXPECT_EQ(response.content_type, "application/json;charset=utf-8");
}

TEST(ChargebeeProtocol, AnswersRateLimitFaultsInItsOwnWords) {
  Site site{Site::small()};
  site.control(
      "fault",
      R"({"route":"GET /api/v2/customers","kind":"rate_limit","retry_after":4,"times":1})");
  const auto refused = site.get("/customers");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(header(refused, "Retry-After"), "4");
  EXPECT_EQ(body(refused).at("api_error_code"), "api_request_limit_exceeded");
  EXPECT_EQ(site.get("/customers").status, 200);
}

TEST(ChargebeeProtocol, FindsIdsWithSpecialCharacters) {
  Site site{Site::small(0)};
  for (const char* id : {"acme/eu-1", "50%-off", "x&y=#?", "Kunde ü 12", "a+b"}) {
    site.mutate(R"({"insert":[{"type":"customer","values":{"id":")" + std::string{id} + "\"}}]}");
    const std::string encoded = sluice::testing::percent_encode(id);
    EXPECT_EQ(body(site.get("/customers/" + encoded)).at("customer").at("id"), id);
  }
  EXPECT_EQ(site.get("/customers/acme/eu-1").status, 200);
  EXPECT_EQ(body(site.get("/customers/acme/eu-1/contacts")).at("list").as_array().size(), 0U);
}

}  // namespace
}  // namespace chargebee_sandbox
