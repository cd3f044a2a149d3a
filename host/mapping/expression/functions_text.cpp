#include <re2/re2.h>

#include <algorithm>
#include <cmath>

#include "mapping/expression/functions.hpp"
#include "mapping/expression/number.hpp"
#include "mapping/expression/operators.hpp"
#include "mapping/expression/text.hpp"

namespace sluice::host::expr {
namespace {

Value text_value(Scope& scope, std::string_view text) {
  return scope.make(json::string_view{text});
}

Value to_string(Scope& scope, Value in, const Value* /*arguments*/) {
  return in->is_string() ? in : text_value(scope, to_json(*in));
}

Value to_json_text(Scope& scope, Value in, const Value* /*arguments*/) {
  return text_value(scope, to_json(*in));
}

Value from_json(Scope& scope, Value in, const Value* /*arguments*/) {
  if (!in->is_string()) fail(describe(*in) + " only strings can be parsed");
  try {
    return scope.make(parse_json(text_of(*in), scope.storage()));
  } catch (const std::exception& error) {
    fail(error.what());
  }
}

Value to_number(Scope& scope, Value in, const Value* /*arguments*/) {
  if (is_number(*in)) return in;
  if (in->is_string()) {
    if (const auto number = read_number(text_of(*in))) return scope.make(*number);
  }
  fail(describe(*in) + " cannot be parsed as a number");
}

Value split(Scope& scope, Value in, const Value* arguments) {
  if (!in->is_string() || !arguments[0]->is_string()) {
    fail("split input and separator must be strings");
  }
  return split_text(scope, text_of(*in), text_of(*arguments[0]));
}

std::string_view affix(Value in, Value argument, const char* name) {
  if (!in->is_string() || !argument->is_string()) {
    fail(std::string{name} + "() requires string inputs");
  }
  return text_of(*argument);
}
Value starts_with(Scope& /*scope*/, Value in, const Value* arguments) {
  const auto start = affix(in, arguments[0], "startswith");
  return boolean(text_of(*in).starts_with(start));
}
Value ends_with(Scope& /*scope*/, Value in, const Value* arguments) {
  const auto end = affix(in, arguments[0], "endswith");
  return boolean(text_of(*in).ends_with(end));
}
Value without_start(Scope& scope, Value in, const Value* arguments) {
  if (!in->is_string() || !arguments[0]->is_string()) return in;
  const auto start = text_of(*arguments[0]);
  if (!text_of(*in).starts_with(start)) return in;
  return text_value(scope, text_of(*in).substr(start.size()));
}
Value without_end(Scope& scope, Value in, const Value* arguments) {
  if (!in->is_string() || !arguments[0]->is_string()) return in;
  const auto end = text_of(*arguments[0]);
  if (!text_of(*in).ends_with(end)) return in;
  return text_value(scope, text_of(*in).substr(0, text_of(*in).size() - end.size()));
}

template <char first, char last, int shift>
Value ascii_shifted(Scope& scope, Value in, const Value* /*arguments*/) {
  if (!in->is_string()) fail(describe(*in) + " is not a string");
  json::string text(in->get_string(), scope.storage());
  for (char& c : text) {
    if (c >= first && c <= last) c = static_cast<char>(c + shift);
  }
  return scope.make(std::move(text));
}

using Rounding = double (*)(double);
template <Rounding rounding>
Value rounded(Scope& scope, Value in, const Value* /*arguments*/) {
  if (!is_number(*in)) fail(describe(*in) + " number required");
  if (!in->is_double()) return in;
  return scope.make_whole(rounding(in->get_double()));
}
double floored(double number) {
  return std::floor(number);
}
double ceiled(double number) {
  return std::ceil(number);
}
double nearest(double number) {
  return std::round(number);
}

Value square_root(Scope& scope, Value in, const Value* /*arguments*/) {
  if (!is_number(*in)) fail(describe(*in) + " number required");
  return scope.make_whole(std::sqrt(to_double(*in)));
}

std::unique_ptr<const RE2> compiled(Value pattern, Value flags) {
  if (!pattern->is_string()) fail(std::string{type_name(*pattern)} + " is not a pattern");
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(1 << 20);
  if (!flags->is_null()) {
    if (!flags->is_string()) fail("the flags of a pattern must be a string");
    for (const char flag : text_of(*flags)) {
      if (flag != 'i' && flag != 'g') {
        fail("the pattern flags '" + std::string{text_of(*flags)} +
             "' are not supported: only i and g are");
      }
      if (flag == 'i') options.set_case_sensitive(false);
    }
  }
  const auto text = text_of(*pattern);
  auto regex = std::make_unique<const RE2>(re2::StringPiece(text.data(), text.size()), options);
  if (!regex->ok()) fail("bad pattern: " + regex->error());
  return regex;
}

// jq also takes pattern and flags together in an array.
std::unique_ptr<const RE2> compiled_from(Value pattern, Value flags) {
  const auto* both = pattern->if_array();
  if (both == nullptr || both->empty()) return compiled(pattern, flags);
  return compiled(&(*both)[0], both->size() > 1 ? &(*both)[1] : &kNullValue);
}

bool matches(const RE2& regex, Value in) {
  if (!in->is_string()) fail(describe(*in) + " cannot be matched, as it is not a string");
  const auto text = text_of(*in);
  return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), regex);
}

Value test(Scope& /*scope*/, Value in, const Value* arguments) {
  return boolean(matches(*compiled_from(arguments[0], &kNullValue), in));
}
Value test_with_flags(Scope& /*scope*/, Value in, const Value* arguments) {
  return boolean(matches(*compiled(arguments[0], arguments[1]), in));
}

// The usual case: a pattern known beforehand, compiled once.
class FixedTest final : public Node {
 public:
  explicit FixedTest(std::unique_ptr<const RE2> regex) : regex_{std::move(regex)} {}
  Value one(Scope& /*scope*/, Value in) const override { return boolean(matches(*regex_, in)); }
  Paths trace(Trace& trace, const Paths& in) const override {
    trace.look_into(in);
    return {};
  }

 private:
  std::unique_ptr<const RE2> regex_;
};

constexpr Function kComputedTests[] = {{.name = "test", .arguments = 1, .apply = test},
                                       {.name = "test", .arguments = 2, .apply = test_with_flags}};

NodePtr build_test(NodeList arguments) {
  const bool fixed = std::all_of(arguments.begin(), arguments.end(), [](const NodePtr& argument) {
    return argument->literal() != nullptr;
  });
  if (!fixed) {
    const Function& function = kComputedTests[arguments.size() - 1];
    return make_call(function, std::move(arguments), {});
  }
  const Value pattern = arguments[0]->literal();
  auto regex = arguments.size() == 1 ? compiled_from(pattern, &kNullValue)
                                     : compiled(pattern, arguments[1]->literal());
  return std::make_unique<FixedTest>(std::move(regex));
}

constexpr Function kFunctions[] = {
    {.name = "tostring", .apply = to_string},
    {.name = "tonumber", .apply = to_number},
    {.name = "tojson", .apply = to_json_text},
    {.name = "fromjson", .apply = from_json},
    {.name = "split", .arguments = 1, .apply = split},
    {.name = "startswith", .arguments = 1, .apply = starts_with},
    {.name = "endswith", .arguments = 1, .apply = ends_with},
    {.name = "ltrimstr", .arguments = 1, .apply = without_start},
    {.name = "rtrimstr", .arguments = 1, .apply = without_end},
    {.name = "ascii_downcase", .apply = ascii_shifted<'A', 'Z', 32>},
    {.name = "ascii_upcase", .apply = ascii_shifted<'a', 'z', -32>},
    {.name = "floor", .apply = rounded<floored>},
    {.name = "ceil", .apply = rounded<ceiled>},
    {.name = "round", .apply = rounded<nearest>},
    {.name = "sqrt", .apply = square_root},
    {.name = "test", .arguments = 1, .build = build_test},
    {.name = "test", .arguments = 2, .build = build_test},
};

}  // namespace

std::span<const Function> text_functions() {
  return kFunctions;
}

}  // namespace sluice::host::expr
