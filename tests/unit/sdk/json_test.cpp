#include "sluice/json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sluice/error.hpp>

namespace sluice {
namespace {

std::string refusal(const std::string& text) {
  try {
    return "accepted: " + to_json(parse_json(text));
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::SchemaMismatch);
    return error.what();
  }
}

TEST(Json, ZeroHasNoSign) {
  EXPECT_EQ(to_json(json::value(-0.0)), "0");
  EXPECT_EQ(to_json(parse_json("[-0.0,-0]")), "[0,0]");
}

TEST(Json, NamesTheLimitOfNesting) {
  const std::string deep(kMaxJsonDepth, '[');
  EXPECT_EQ(to_json(parse_json(deep + std::string(kMaxJsonDepth, ']'))).size(), 2 * kMaxJsonDepth);
  EXPECT_EQ(refusal("[" + deep), "invalid JSON at byte 64: nested deeper than 64 levels");
}

}  // namespace
}  // namespace sluice
