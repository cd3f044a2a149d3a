// Sluice against the jq program: what both accept must mean the same.

#include <gtest/gtest.h>

#include <cmath>

#include "expression_generator.hpp"
#include "jq_oracle.hpp"
#include "mapping/expression.hpp"

namespace sluice::host {
namespace {

using sluice::testing::ask_jq;
using sluice::testing::ExpressionGenerator;
using sluice::testing::jq_available;
using sluice::testing::JqAnswer;
using sluice::testing::JqCase;

constexpr double kExactInJq = 9007199254740992.0;

struct Outcome {
  JqAnswer::Kind kind = JqAnswer::Kind::Refused;
  json::array values;
  std::string message;
};

Outcome ask_sluice(const JqCase& one) {
  Outcome outcome;
  try {
    const auto expression = Expression::parse({one.expression, {}});
    outcome.kind = JqAnswer::Kind::Failed;
    outcome.values = expression.evaluate_all(one.input);
    outcome.kind = JqAnswer::Kind::Values;
  } catch (const Error& error) {
    outcome.message = error.what();
  }
  return outcome;
}

bool same(const json::value& left, const json::value& right) {
  if (left.is_number() && right.is_number()) {
    return left.to_number<double>() == right.to_number<double>();
  }
  if (left.kind() != right.kind()) return false;
  if (left.is_array()) {
    const auto& l = left.get_array();
    const auto& r = right.get_array();
    return l.size() == r.size() && std::equal(l.begin(), l.end(), r.begin(), same);
  }
  if (left.is_object()) {
    const auto& l = left.get_object();
    const auto& r = right.get_object();
    return l.size() == r.size() && std::all_of(l.begin(), l.end(), [&](const auto& member) {
             const auto* other = r.if_contains(member.key());
             return other != nullptr && same(member.value(), *other);
           });
  }
  return left == right;
}

// Where Sluice differs on purpose: digits beyond 2^53 and infinities, which jq loses.
bool outside_the_promise(const json::value& value) {
  if (value.is_number()) return std::abs(value.to_number<double>()) > kExactInJq;
  if (value.is_array()) {
    return std::any_of(value.get_array().begin(), value.get_array().end(), outside_the_promise);
  }
  if (value.is_object()) {
    return std::any_of(value.get_object().begin(), value.get_object().end(),
                       [](const auto& member) { return outside_the_promise(member.value()); });
  }
  return false;
}

struct Tally {
  std::size_t values = 0;
  std::size_t failed = 0;
  std::size_t skipped = 0;
};

Tally compare_all(const std::vector<JqCase>& cases) {
  Tally tally;
  const auto answers = ask_jq(cases);
  int shown = 0;
  for (std::size_t i = 0; i < cases.size() && shown < 20; ++i) {
    const auto& answer = answers[i];
    const Outcome ours = ask_sluice(cases[i]);
    if (outside_the_promise(answer.values)) {
      ++tally.skipped;
      continue;
    }
    ++(answer.kind == JqAnswer::Kind::Values ? tally.values : tally.failed);
    const bool jq_has_values = answer.kind == JqAnswer::Kind::Values;
    const bool agree = jq_has_values
                           ? ours.kind == JqAnswer::Kind::Values && same(ours.values, answer.values)
                           : ours.kind != JqAnswer::Kind::Values;
    if (agree) continue;
    ++shown;
    ADD_FAILURE() << cases[i].expression << "\n  over   " << to_json(cases[i].input)
                  << "\n  jq     "
                  << (answer.kind == JqAnswer::Kind::Refused ? "refuses" : answer.text)
                  << "\n  Sluice "
                  << (ours.kind == JqAnswer::Kind::Values ? to_json(ours.values) : ours.message);
  }
  return tally;
}

TEST(ExpressionAgainstJq, MeansTheSameForChosenCases) {
  if (!jq_available()) GTEST_SKIP() << "jq 1.6 is not installed";
  const auto input = parse_json(
      R"j({"a":{"b":[1,2.5,null,"x"],"x y":true},"n":7,"s":"Ada, Bob","z":null,"l":[{"k":"q","v":2},{"k":"p","v":1}]})j");
  std::vector<JqCase> cases;
  for (const char* expression : {
#include "jq_cases.inc"
       }) {
    cases.push_back({expression, input});
  }
  const Tally tally = compare_all(cases);
  EXPECT_GT(tally.values, cases.size() / 2);
}

TEST(ExpressionAgainstJq, MeansTheSameForRandomCases) {
  if (!jq_available()) GTEST_SKIP() << "jq 1.6 is not installed";
  constexpr std::size_t kCases = 2000;
  ExpressionGenerator generator{20260801};
  std::vector<JqCase> cases;
  while (cases.size() < kCases) cases.push_back({generator.expression(), generator.record()});
  const Tally tally = compare_all(cases);
  EXPECT_GT(tally.values, kCases / 3);
  EXPECT_LT(tally.skipped, kCases / 20);
}

}  // namespace
}  // namespace sluice::host
