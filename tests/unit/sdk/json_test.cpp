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

TEST(Json, ReadsWhatIsTooSmallForADoubleAsZeroAndRefusesWhatIsTooLarge) {
  EXPECT_EQ(to_json(parse_json("[1e-400,-20.82e-44442222,5e-324]")), "[0,0,5e-324]");
  EXPECT_THROW(static_cast<void>(parse_json("1e309")), Error);
  EXPECT_THROW(static_cast<void>(parse_json("-1e400")), Error);
}

TEST(Json, EscapesWhatHasToBeWhereverItStands) {
  for (std::size_t size = 1; size <= 19; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (int code = 0; code < 0x80; ++code) {
        std::string text(size, '\x7f');
        text[at] = static_cast<char>(code);
        const std::string json = to_json(json::value(text));
        const bool is_plain = code >= 0x20 && code != '"' && code != '\\';
        EXPECT_EQ(json.size() == size + 2, is_plain) << json;
        EXPECT_EQ(parse_json(json).get_string(), text) << json;
      }
    }
  }
}

TEST(Json, NamesTheLimitOfNesting) {
  const std::string deep(kMaxJsonDepth, '[');
  EXPECT_EQ(to_json(parse_json(deep + std::string(kMaxJsonDepth, ']'))).size(), 2 * kMaxJsonDepth);
  EXPECT_EQ(refusal("[" + deep), "invalid JSON at byte 64: nested deeper than 64 levels");
}

}  // namespace
}  // namespace sluice
