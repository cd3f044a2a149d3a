#include "csv_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sluice/error.hpp>

namespace file_connector {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<Cell> cells(std::string_view row, char delimiter = ',') {
  CsvParser parser{delimiter};
  return parser.parse(row);
}

std::string refusal(std::string_view header, std::string_view row) {
  try {
    CsvTable table{header, ','};
    return std::string{table.to_json(row)};
  } catch (const sluice::Error& error) {
    EXPECT_EQ(error.code(), sluice::Code::SchemaMismatch);
    return error.what();
  }
}

TEST(CsvParser, ReadsWhatTheStandardSays) {
  EXPECT_THAT(cells("aaa,bbb,ccc"), ElementsAre("aaa", "bbb", "ccc"));
  EXPECT_THAT(cells(R"("aaa","b""b","c,c")"), ElementsAre("aaa", "b\"b", "c,c"));
  EXPECT_THAT(cells("\"b\r\nb\",c"), ElementsAre("b\r\nb", "c"));
  EXPECT_THAT(cells(" a , b "), ElementsAre(" a ", " b "));
  EXPECT_THAT(cells("a;\"b;c\"", ';'), ElementsAre("a", "b;c"));
}

TEST(CsvParser, TellsNothingFromTheEmptyText) {
  EXPECT_THAT(cells(R"(,"",)"), ElementsAre(std::nullopt, "", std::nullopt));
}

TEST(CsvParser, GoesOnAfterARowThatIsNone) {
  CsvParser parser{','};
  EXPECT_THROW(static_cast<void>(parser.parse(R"(a,"b)")), sluice::Error);
  EXPECT_THROW(static_cast<void>(parser.parse(R"(a,b"c)")), sluice::Error);
  EXPECT_THAT(parser.parse("a,b"), ElementsAre("a", "b"));
}

TEST(CsvTable, NamesValuesByTheHeader) {
  CsvTable table{R"(id,"full ""name""",note)", ','};
  EXPECT_THAT(table.columns(), ElementsAre("id", "full \"name\"", "note"));
  EXPECT_EQ(table.to_json("7,Zoë,"), R"({"id":"7","full \"name\"":"Zoë","note":null})");
  EXPECT_EQ(table.to_json("007,1.50,true"), R"({"id":"007","full \"name\"":"1.50","note":"true"})");
}

TEST(CsvTable, SaysWhatIsWrongWithARow) {
  EXPECT_EQ(refusal("a,b", "1"), "the row has 1 values, the header 2 columns");
  EXPECT_EQ(refusal("a,b", "1,2,3"), "the row has 3 values, the header 2 columns");
  EXPECT_EQ(refusal("a,b", R"(1,"2)"), "a quote is not closed before the end");
  EXPECT_THAT(refusal("a,b", R"(1,2"3)"), HasSubstr("value 2 has a quote in its middle"));
}

TEST(CsvTable, SaysWhatIsWrongWithAHeader) {
  EXPECT_EQ(refusal("a,,b", ""), "column 2 has no name in the header");
  EXPECT_EQ(refusal("a,b,a", ""), "the header names two columns 'a'");
}

TEST(CsvRow, IsReadBackAsItWasWritten) {
  const std::vector<Cell> row{"a", std::nullopt, "", "b\"c", "d,e", "f\r\ng", " h ", "漢字"};
  for (const char delimiter : {',', ';', '\t', '|'}) {
    std::string text;
    write_row(text, row, delimiter);
    ASSERT_THAT(text, ::testing::EndsWith("\r\n"));
    text.resize(text.size() - 2);
    EXPECT_EQ(cells(text, delimiter), row) << text;
  }
}

}  // namespace
}  // namespace file_connector
