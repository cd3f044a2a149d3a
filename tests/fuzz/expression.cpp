// Expressions: parsing, and evaluating over a record. Input: the record's JSON, a line feed, the
// expression.
#include "mapping/expression.hpp"

#include <algorithm>

#include "fuzz.hpp"
#include "mapping/limits.hpp"

namespace {

using namespace sluice::host;  // NOLINT(google-build-using-namespace)
using sluice::Code;
using sluice::fuzz::answered;
using sluice::fuzz::depth_of;
using sluice::fuzz::must;

std::optional<Expression> parse(std::string_view text) {
  try {
    return Expression::parse({std::string{text}, {1, 1}});
  } catch (const ExpressionError& error) {
    must(error.code() == Code::Config, "a text that is no expression is a matter of configuration");
    must(!error.message().empty(), "the error says something");
    must(error.offset() <= text.size(), "the place lies in the text");
    must(error.position().line == 1, "the place lies in the text's line");
    return std::nullopt;
  }
}

struct Outcome {
  std::string text;  // of the values, or of the error
  bool has_values = false;
};

Outcome run(const Expression& expression, const sluice::json::value& record) {
  try {
    const auto values = expression.evaluate_all(record);
    std::string text;
    for (const auto& value : values) {
      const auto one = sluice::to_json(value);
      text += one + "\n";
      if (depth_of(value) > sluice::kMaxJsonDepth) continue;
      const auto back = answered([&] { return sluice::parse_json(one); }, {Code::SchemaMismatch});
      must(back.has_value(), "a value can cross to a connector: " + one.substr(0, 200));
      must(sluice::to_json(*back) == one, "a value survives the way to a connector");
    }
    return {std::move(text), true};
  } catch (const EvaluationError& error) {
    must(error.code() == Code::SchemaMismatch, "a failing evaluation is the record's error");
    must(!error.part().empty(), "the error names the part that failed");
    must(expression.text().find(error.part()) != std::string::npos,
         "the part stands in the expression");
    return {error.what(), false};
  }
}

void check_single(const Expression& expression, const sluice::json::value& record,
                  const Outcome& all) {
  EvaluationMemory memory;
  try {
    const auto one = sluice::to_json(expression.borrow(record, memory));
    must(all.text == one + "\n" || (all.has_values && all.text.empty() && one == "null"),
         "borrowing gives the one value that there is");
  } catch (const EvaluationError&) {
    must(!all.has_values || std::count(all.text.begin(), all.text.end(), '\n') > 1,
         "only several values keep a good expression from giving one");
  }
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sluice::fuzz::Input input{data, size};
  const auto line = input.until("\n");
  auto record = answered([&] { return sluice::parse_json(line); }, {Code::SchemaMismatch});
  if (!record) record = sluice::json::value{};
  const auto expression = parse(input.rest());
  if (!expression) return 0;

  static_cast<void>(expression->paths());
  static_cast<void>(expression->constants());
  const auto outcome = run(*expression, *record);
  must(run(*expression, *record).text == outcome.text, "the same record gives the same values");
  check_single(*expression, *record, outcome);

  const auto plain = normalized({std::string{input.rest()}, {1, 1}});
  must(normalized({plain, {1, 1}}) == plain, "the normal form is normal");
  const auto same = parse(plain);
  must(same.has_value(), "the normal form is an expression: " + plain);
  const auto again = run(*same, *record);
  must(again.has_values == outcome.has_values && (!again.has_values || again.text == outcome.text),
       "the normal form means the same: " + plain);
  return 0;
}
