#include "cli/csv.hpp"

#include <gtest/gtest.h>

namespace sluice::host::cli {
namespace {

TEST(CsvTest, QuotesAsTheStandardSays) {
  EXPECT_EQ(csv_field("plain"), "\"plain\"");
  EXPECT_EQ(csv_field("a \"b\", c\nd"), "\"a \"\"b\"\", c\nd\"");
  EXPECT_EQ(csv_field(""), "\"\"");
}

TEST(CsvTest, NoFieldIsAFormulaToASpreadsheet) {
  for (const char* formula : {"=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", "\x1b=1", " =1"}) {
    EXPECT_EQ(csv_field(formula)[1], '\'') << formula;
  }
}

TEST(CsvTest, NothingActsOnATerminal) {
  EXPECT_EQ(csv_field("a\x1b]0;title\x07 b\nc\xC2\x9B"
                      "31m"),
            "\"a ]0;title  b\nc 31m\"");
}

}  // namespace
}  // namespace sluice::host::cli
