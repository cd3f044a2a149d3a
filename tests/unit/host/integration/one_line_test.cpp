#include "integration/one_line.hpp"

#include <gtest/gtest.h>

namespace sluice::host {
namespace {

TEST(OneLine, HasNoControlCharactersAndNoBrokenUtf8) {
  EXPECT_EQ(one_line("a\nb\tc\x1b[0m\x7f"), "a b c [0m ");
  EXPECT_EQ(one_line("ends\r\n\n"), "ends");
  EXPECT_EQ(one_line("größer €\xF0\x9F\x98\x80"), "größer €\xF0\x9F\x98\x80");
  // C1, separators, marks of direction; their neighbours stay.
  EXPECT_EQ(one_line("a\xC2\x9B"
                     "b\xC2\x80\xC2\xA0"),
            "a b \xC2\xA0");
  EXPECT_EQ(one_line("\u2027\u2028\u2029\u202A\u202E\u202F"), "\u2027    \u202F");
  EXPECT_EQ(one_line("\u2065\u2066\u2069\u206A"), "\u2065  \u206A");
  const std::string replaced = "\xEF\xBF\xBD";
  EXPECT_EQ(one_line("\xff"
                     "a"),
            replaced + "a");
  EXPECT_EQ(one_line("\xc3"), replaced);
  EXPECT_EQ(one_line("\xc0\x80"), replaced + replaced);
  EXPECT_EQ(one_line("\xed\xa0\x80"), replaced + replaced + replaced);
}

TEST(OneLine, IsCutBetweenCharacters) {
  EXPECT_EQ(one_line("ääääää", 8), "äää…");
  EXPECT_EQ(one_line(std::string(10'000, 'x'), kUncut).size(), 10'000U);
  EXPECT_EQ(one_line(std::string(10'000, 'x')).size(), 4096U - 2 + 3);
}

}  // namespace
}  // namespace sluice::host
