#include "record_parser.hpp"

#include <gtest/gtest.h>

#include <random>
#include <sluice/error.hpp>

namespace file_connector {
namespace {

namespace json = sluice::json;

TEST(Sortable, ReadsNumbersAndTimes) {
  EXPECT_EQ(sortable(17), 17);
  EXPECT_EQ(sortable("17"), 17);
  EXPECT_EQ(sortable("-5"), -5);
  EXPECT_EQ(sortable("1970-01-02"), 86'400'000);
  EXPECT_EQ(sortable("1970-01-01T00:00:01Z"), 1000);
  EXPECT_EQ(sortable("1970-01-01T00:00:01.250Z"), 1250);
  EXPECT_EQ(sortable("1970-01-01T01:00:01+01:00"), 1000);
  EXPECT_EQ(sortable("1970-01-01T00:00:01"), 1000);
  EXPECT_EQ(sortable("1970-01-01 00:00:01"), 1000);
}

TEST(Sortable, RefusesEverythingElse) {
  for (const json::value& value :
       {json::value{"soon"}, json::value{""}, json::value{1.5}, json::value{true},
        json::value{nullptr}, json::value{"2024-13-01"}, json::value{"12 apples"},
        json::value{"2024-01-01T:b;c"}, json::value{"2024-01-01id;v;d"}, json::value{UINT64_MAX}}) {
    EXPECT_FALSE(sortable(value).has_value()) << sluice::to_json(value);
  }
}

TEST(KeyText, IsATextOrAWholeNumber) {
  EXPECT_EQ(key_text("a"), "a");
  EXPECT_EQ(key_text(UINT64_MAX), "18446744073709551615");
  EXPECT_FALSE(key_text("").has_value());
  EXPECT_FALSE(key_text(1.5).has_value());
  EXPECT_FALSE(key_text(nullptr).has_value());
}

TEST(RecordParser, RefusesRecordsThatAreTooDeepForTheHost) {
  const Options options{sluice::Config{{{"path", "x"}}}};
  RecordParser parser{options};
  const auto nested = [](std::size_t levels) {
    return R"({"id":"a","x":)" + std::string(levels, '[') + std::string(levels, ']') + "}";
  };
  EXPECT_EQ(parser.parse(nested(sluice::kMaxJsonDepth - 2)).key, "a");
  EXPECT_THROW(static_cast<void>(parser.parse(nested(sluice::kMaxJsonDepth - 1))), sluice::Error);
  EXPECT_THROW(static_cast<void>(parser.parse(nested(100'000))), sluice::Error);
}

RecordParser with_all_members() {
  const Options options{sluice::Config{
      {{"path", "x"}, {"key", "c.id"}, {"version", "c.v"}, {"recency", "at"}, {"deleted", "d"}}}};
  return RecordParser{options};
}

TEST(RecordParser, FindsMembersAsTheyStand) {
  auto parser = with_all_members();
  const auto head = parser.parse(
      R"({"c":{"id":"\u00e9","v":"2024-05-01T00:00:00Z","id":"last"},"at":"7","d":true,"at":8})");
  EXPECT_EQ(head.key, "last");
  EXPECT_EQ(head.version, 1'714'521'600'000);
  EXPECT_EQ(head.recency, 8);
  EXPECT_TRUE(head.deleted);
  EXPECT_EQ(parser.parse(R"({"c":{"id":18446744073709551615,"v":1},"at":2,"d":null})").key,
            "18446744073709551615");
}

TEST(RecordParser, RefusesALineThatIsNoJsonWhereverThatIs) {
  auto parser = with_all_members();
  const std::string line =
      R"({"c":{"id":"a","v":12,"x":[1.5,-0,2e3,true,false,null,"\ud83d\ude00é"]},"at":3,"y":{}})";
  ASSERT_EQ(parser.parse(line).key, "a");
  std::mt19937 random{7};
  int refused = 0;
  for (int i = 0; i < 30'000; ++i) {
    std::string changed = line;
    for (auto times = 1 + random() % 2; times > 0; --times) {
      changed[random() % changed.size()] =
          random() % 2 == 0 ? static_cast<char>(random() % 256) : line[random() % line.size()];
    }
    bool is_json = true;
    try {
      static_cast<void>(sluice::parse_json(changed));
    } catch (const sluice::Error&) {
      is_json = false;
    }
    try {
      static_cast<void>(parser.parse(changed));
      EXPECT_TRUE(is_json) << changed;
    } catch (const sluice::Error&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 10'000);
}

TEST(Lines, AreTrimmedOfForeignMarks) {
  EXPECT_EQ(trimmed("\xef\xbb\xbf{}\r"), "{}");
  EXPECT_TRUE(is_blank(" \t\r"));
  EXPECT_TRUE(is_blank("\xef\xbb\xbf"));
  EXPECT_FALSE(is_blank("x"));
}

}  // namespace
}  // namespace file_connector
