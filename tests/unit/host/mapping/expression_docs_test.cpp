// Every example of docs/expressions.md does what the page says.

#include <gtest/gtest.h>

#include <fstream>

#include "mapping/expression.hpp"

namespace sluice::host {
namespace {

struct Example {
  int line = 0;
  std::string expression;
  std::string record;
  std::string yields;
};

// The cells of a table row; `\|` is a bar inside one.
std::vector<std::string> cells_of(const std::string& row) {
  std::vector<std::string> cells;
  std::string cell;
  for (std::size_t i = 1; i < row.size(); ++i) {
    if (row[i] == '\\' && i + 1 < row.size() && row[i + 1] == '|') {
      cell.push_back(row[++i]);
    } else if (row[i] == '|') {
      cells.push_back(cell);
      cell.clear();
    } else {
      cell.push_back(row[i]);
    }
  }
  return cells;
}

// What stands between backticks, a string each.
std::vector<std::string> code_in(const std::string& cell) {
  std::vector<std::string> spans;
  for (std::size_t open = cell.find('`'); open != std::string::npos;) {
    const std::size_t close = cell.find('`', open + 1);
    spans.push_back(cell.substr(open + 1, close - open - 1));
    open = cell.find('`', close + 1);
  }
  return spans;
}

std::vector<Example> examples() {
  std::ifstream page{SLUICE_SOURCE_DIR "/docs/expressions.md"};
  std::vector<Example> all;
  int number = 0;
  for (std::string line; std::getline(page, line);) {
    ++number;
    if (!line.starts_with("| `")) continue;
    const auto cells = cells_of(line);
    all.push_back({number, code_in(cells.at(0)).at(0), code_in(cells.at(1)).at(0), cells.at(2)});
  }
  return all;
}

std::string written(const json::array& values) {
  std::string text;
  for (const auto& value : values) text += (text.empty() ? "" : " ") + to_canonical_json(value);
  return text.empty() ? "nothing" : text;
}

TEST(ExpressionDocumentation, EveryExampleIsTrue) {
  const auto all = examples();
  ASSERT_GT(all.size(), 100U);
  for (const auto& example : all) {
    json::array expected;
    for (const auto& value : code_in(example.yields)) expected.push_back(parse_json(value));
    const std::string wanted =
        expected.empty() ? example.yields.substr(1, example.yields.size() - 2) : written(expected);
    std::string actual;
    try {
      actual = written(
          Expression::parse({example.expression, {}}).evaluate_all(parse_json(example.record)));
    } catch (const EvaluationError&) {
      actual = "error";
    } catch (const ExpressionError& error) {
      actual = error.what();
    }
    EXPECT_EQ(actual, wanted) << "docs/expressions.md:" << example.line << ": "
                              << example.expression;
  }
}

TEST(ExpressionDocumentation, NamesEveryFunction) {
  std::ifstream page{SLUICE_SOURCE_DIR "/docs/expressions.md"};
  const std::string text{std::istreambuf_iterator<char>{page}, {}};
  for (const auto& name : expression_functions()) {
    EXPECT_NE(text.find(name), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace sluice::host
