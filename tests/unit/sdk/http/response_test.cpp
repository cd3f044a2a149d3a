#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sluice/http.hpp"
#include "sluice/testing/scripted_transport.hpp"

namespace sluice::testing {
namespace {

using ::testing::HasSubstr;

std::string json_error(HttpResponse response) {
  try {
    static_cast<void>(response.json());
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::Transient);
    return error.what();
  }
  return "no error";
}

TEST(Response, SaysWhatCameInsteadOfJson) {
  EXPECT_THAT(json_error(*answered(200, "<!DOCTYPE html>\n<html>Log in").response),
              HasSubstr("an HTML page instead of JSON"));
  EXPECT_THAT(json_error(*answered(200, "Bad\ngateway").response), HasSubstr("Bad gateway"));
  EXPECT_THAT(json_error(*answered(200).response), HasSubstr("empty"));
  EXPECT_THAT(json_error(*answered(200, R"({"a":)").response), HasSubstr("not JSON"));
}

TEST(Response, QuotesNoMoreThanTheFirstBytes) {
  EXPECT_LT(json_error(*answered(200, std::string(100'000, 'x')).response).size(), 400U);
}

TEST(Response, FindsHeadersInAnyCase) {
  const auto response = *answered(200, "", {{"Retry-After", "7"}}).response;
  EXPECT_EQ(response.header("retry-after"), "7");
  EXPECT_EQ(response.header("retry"), "");
}

TEST(Response, TellsTheServersTime) {
  EXPECT_EQ(answered(200, "", {{"date", "Sun, 06 Nov 1994 08:49:37 GMT"}}).response->date(),
            784111777);
  EXPECT_EQ(answered(200, "", {{"date", "soon"}}).response->date(), std::nullopt);
  EXPECT_EQ(answered(200).response->date(), std::nullopt);
}

TEST(Response, ErrorQuotesTheVendorsWords) {
  const auto words = [](const char* body) {
    return std::string{http_error(*answered(422, body).response, "POST /x").what()};
  };
  EXPECT_EQ(words(R"({"errors":[{"title":"Email is taken","code":"duplicate"}]})"),
            "POST /x was answered 422: Email is taken");
  EXPECT_EQ(words(R"({"errors":[{"detail":"a"},"b"]})"), "POST /x was answered 422: a; b");
  EXPECT_EQ(words(R"([1])"), "POST /x was answered 422: [1]");
  EXPECT_EQ(words("<html></html>"),
            "POST /x was answered 422: an HTML page instead of an API's answer");
}

TEST(Response, TextOfACursorsScalar) {
  EXPECT_EQ(text("a"), "a");
  EXPECT_EQ(text(nullptr), "");
  EXPECT_EQ(text(17), "17");
}

TEST(Encoding, EscapesAllButUnreserved) {
  EXPECT_EQ(percent_encode("aZ09-._~"), "aZ09-._~");
  EXPECT_EQ(percent_encode("a/b c+\xC3\xA9"), "a%2Fb%20c%2B%C3%A9");
  EXPECT_EQ(path_segment("a/../b.c"), "a%2F..%2Fb.c");
  EXPECT_EQ(path_segment(".."), "%2E%2E");
  EXPECT_EQ(path_segment("."), "%2E");
}

}  // namespace
}  // namespace sluice::testing
