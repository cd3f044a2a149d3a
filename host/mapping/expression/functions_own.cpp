#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "mapping/expression/functions.hpp"
#include "mapping/expression/number.hpp"
#include "mapping/expression/text.hpp"

namespace sluice::host::expr {
namespace {

// ISO 4217 currencies without a minor unit.
constexpr std::array<std::string_view, 17> kWholeCurrencies = {
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG",
    "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"};
constexpr std::int64_t kMaxDecimals = 15;

Value text_value(Scope& scope, std::string_view text) {
  return scope.make(json::string_view{text});
}

std::string_view input_text(Value in, const char* function) {
  if (!in->is_string()) fail(std::string{function} + " takes a string, not " + describe(*in));
  return text_of(*in);
}

std::int64_t decimals_of(Value argument) {
  const auto decimals = is_number(*argument) ? to_integer(*argument) : std::nullopt;
  if (!decimals || *decimals < 0 || *decimals > kMaxDecimals) {
    fail("the number of decimals must be 0 to 15, not " + describe(*argument));
  }
  return *decimals;
}

std::string currency_code(Value argument) {
  const bool letters = argument->is_string() && text_of(*argument).size() == 3 &&
                       std::all_of(text_of(*argument).begin(), text_of(*argument).end(),
                                   [](char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; });
  if (!letters) {
    fail("money takes a currency code of three letters, such as \"USD\", not " +
         describe(*argument));
  }
  return upper_case(text_of(*argument));
}

Value shifted(Scope& scope, Value amount, std::int64_t decimals) {
  const auto minor = is_number(*amount) ? to_integer(*amount) : std::nullopt;
  if (!minor) fail("money takes whole minor units, not " + describe(*amount));
  std::int64_t unit = 1;
  for (std::int64_t i = 0; i < decimals; ++i) unit *= 10;
  if (*minor % unit == 0) return scope.make(*minor / unit);
  // Both operands are exact, so the quotient is the double nearest to the decimal and prints as it.
  constexpr std::int64_t kExact = 1'000'000'000'000'000;
  if (*minor > kExact || *minor < -kExact)
    fail(describe(*amount) + " has too many digits for money");
  return scope.make(static_cast<double>(*minor) / static_cast<double>(unit));
}

Value money(Scope& scope, Value in, const Value* arguments) {
  if (in->is_null()) return in;
  const std::string currency = currency_code(arguments[0]);
  const bool whole = std::find(kWholeCurrencies.begin(), kWholeCurrencies.end(), currency) !=
                     kWholeCurrencies.end();
  return shifted(scope, in, whole ? 0 : 2);
}
Value money_with_decimals(Scope& scope, Value in, const Value* arguments) {
  if (in->is_null()) return in;
  static_cast<void>(currency_code(arguments[0]));
  return shifted(scope, in, decimals_of(arguments[1]));
}
void check_money(const json::value* const* literals) {
  if (literals[0] != nullptr) static_cast<void>(currency_code(literals[0]));
}

Value lookup_or(Value in, Value table, Value otherwise) {
  if (!table->is_object()) fail("lookup takes a table {key: value, …}, not " + describe(*table));
  if (in->is_null()) return in;
  if (in->is_array() || in->is_object()) fail(describe(*in) + " cannot be looked up");
  const auto& entries = table->get_object();
  const auto* found =
      in->is_string() ? entries.if_contains(text_of(*in)) : entries.if_contains(to_json(*in));
  return found == nullptr ? otherwise : found;
}
Value lookup(Scope& /*scope*/, Value in, const Value* arguments) {
  return lookup_or(in, arguments[0], &kNullValue);
}
Value lookup_with_default(Scope& /*scope*/, Value in, const Value* arguments) {
  return lookup_or(in, arguments[0], arguments[1]);
}
void check_lookup(const json::value* const* literals) {
  if (literals[0] != nullptr) static_cast<void>(lookup_or(&kNullValue, literals[0], &kNullValue));
}

void add_table(const json::value* const* literals, std::vector<const json::value*>& out) {
  if (literals[0] == nullptr || !literals[0]->is_object()) return;
  for (const auto& entry : literals[0]->get_object()) out.push_back(&entry.value());
}
void add_first(const json::value* const* literals, std::vector<const json::value*>& out) {
  if (literals[0] != nullptr) out.push_back(literals[0]);
}
void add_second(const json::value* const* literals, std::vector<const json::value*>& out) {
  if (literals[1] != nullptr) out.push_back(literals[1]);
}
void add_both(const json::value* const* literals, std::vector<const json::value*>& out) {
  add_first(literals, out);
  add_second(literals, out);
}
void add_table_and_default(const json::value* const* literals,
                           std::vector<const json::value*>& out) {
  add_table(literals, out);
  add_second(literals, out);
}

Value email_test(Scope& /*scope*/, Value in, const Value* /*arguments*/) {
  return boolean(in->is_string() && is_email(text_of(*in)));
}
Value trim(Scope& scope, Value in, const Value* /*arguments*/) {
  return in->is_null() ? in : text_value(scope, trimmed(input_text(in, "trim")));
}
Value upper(Scope& scope, Value in, const Value* /*arguments*/) {
  return in->is_null() ? in : text_value(scope, upper_case(input_text(in, "upper")));
}
Value lower(Scope& scope, Value in, const Value* /*arguments*/) {
  return in->is_null() ? in : text_value(scope, lower_case(input_text(in, "lower")));
}
Value titled(Scope& scope, Value in, const Value* /*arguments*/) {
  return in->is_null() ? in : text_value(scope, title_case(input_text(in, "title_case")));
}
Value normalize_email(Scope& scope, Value in, const Value* /*arguments*/) {
  if (in->is_null()) return in;
  return text_value(scope, lower_case(trimmed(input_text(in, "normalize_email"))));
}

std::string word_of(Value in) {
  if (in->is_string()) return lower_case(text_of(*in));
  return to_json(*in);
}

bool truth_of(Value in) {
  if (in->is_bool()) return in->get_bool();
  const std::string given = word_of(in);
  for (const auto* word : {"true", "yes", "on", "1"}) {
    if (given == word) return true;
  }
  for (const auto* word : {"false", "no", "off", "0"}) {
    if (given == word) return false;
  }
  fail(describe(*in) + " is neither true nor false");
}
Value to_boolean(Scope& /*scope*/, Value in, const Value* /*arguments*/) {
  return in->is_null() ? in : boolean(truth_of(in));
}
Value yes_no(Scope& /*scope*/, Value in, const Value* arguments) {
  return in->is_null() ? in : arguments[truth_of(in) ? 0 : 1];
}

// Rounds plain decimal digits, half away from zero: what people expect of 2.675.
std::string rounded_digits(std::string_view digits, std::size_t decimals) {
  const bool negative = digits.starts_with('-');
  std::string text{digits.substr(negative ? 1 : 0)};
  std::size_t point = text.find('.');
  if (point == std::string::npos) {
    point = text.size();
    text.push_back('.');
  }
  const std::size_t wanted = point + 1 + decimals;
  const bool up = text.size() > wanted && text[wanted] >= '5';
  text.resize(wanted, '0');
  if (up) {
    std::size_t i = text.size();
    while (i-- > 0) {
      if (text[i] == '.') continue;
      if (text[i] != '9') {
        ++text[i];
        break;
      }
      text[i] = '0';
      if (i == 0) text.insert(0, 1, '1');
    }
  }
  if (decimals == 0) text.pop_back();
  const bool zero = text.find_first_not_of("0.") == std::string::npos;
  return negative && !zero ? "-" + text : text;
}

Value number_format(Scope& scope, Value in, const Value* arguments) {
  if (in->is_null()) return in;
  const auto decimals = static_cast<std::size_t>(decimals_of(arguments[0]));
  if (!is_number(*in)) fail("number_format takes a number, not " + describe(*in));
  const std::string digits = to_json(*in);
  const bool tiny_or_huge = digits.find('e') != std::string::npos;
  if (tiny_or_huge && std::abs(to_double(*in)) > 1) fail(describe(*in) + " has too many digits");
  return text_value(scope, rounded_digits(tiny_or_huge ? "0" : std::string_view{digits}, decimals));
}
void check_number_format(const json::value* const* literals) {
  if (literals[0] != nullptr) static_cast<void>(decimals_of(literals[0]));
}

Value hash(Scope& scope, Value in, const Value* /*arguments*/) {
  if (in->is_null()) return in;
  const std::string text = in->is_string() ? std::string{text_of(*in)} : to_canonical_json(*in);
  XXH128_canonical_t digest;
  XXH128_canonicalFromHash(&digest, XXH3_128bits(text.data(), text.size()));
  json::string hex(scope.storage());
  for (const unsigned char byte : digest.digest) {
    hex.push_back("0123456789abcdef"[byte >> 4U]);
    hex.push_back("0123456789abcdef"[byte & 15U]);
  }
  return scope.make(std::move(hex));
}

Value default_to(Scope& /*scope*/, Value in, const Value* arguments) {
  return in->is_null() ? arguments[0] : in;
}

constexpr Function kFunctions[] = {
    {.name = "money", .arguments = 1, .apply = money, .on_record = true, .check = check_money},
    {.name = "money",
     .arguments = 2,
     .apply = money_with_decimals,
     .on_record = true,
     .check = check_money},
    {.name = "lookup",
     .arguments = 1,
     .apply = lookup,
     .on_record = true,
     .check = check_lookup,
     .yields = add_table},
    {.name = "lookup",
     .arguments = 2,
     .apply = lookup_with_default,
     .on_record = true,
     .check = check_lookup,
     .yields = add_table_and_default},
    {.name = "is_email", .apply = email_test},
    {.name = "trim", .apply = trim},
    {.name = "upper", .apply = upper},
    {.name = "lower", .apply = lower},
    {.name = "title_case", .apply = titled},
    {.name = "normalize_email", .apply = normalize_email},
    {.name = "boolean", .apply = to_boolean},
    {.name = "yes_no", .arguments = 2, .apply = yes_no, .on_record = true, .yields = add_both},
    {.name = "number_format",
     .arguments = 1,
     .apply = number_format,
     .on_record = true,
     .check = check_number_format},
    {.name = "hash", .apply = hash},
    {.name = "default",
     .arguments = 1,
     .apply = default_to,
     .on_record = true,
     .keeps_input = true,
     .yields = add_first},
};

}  // namespace

std::span<const Function> own_functions() {
  return kFunctions;
}

}  // namespace sluice::host::expr
