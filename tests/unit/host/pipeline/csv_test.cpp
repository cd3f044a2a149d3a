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
  for (const char* formula : {"=1+1", "+1", "-1", "@x", "\t=1", "\r=1"}) {
    EXPECT_EQ(csv_field(formula)[1], '\'') << formula;
  }
}

}  // namespace
}  // namespace sluice::host::cli
