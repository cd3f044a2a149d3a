#include "mapping/expression/number.hpp"

#include <charconv>
#include <cmath>
#include <limits>

namespace sluice::host::expr {
namespace {

__extension__ using Wide = __int128;

bool is_integer(const json::value& value) noexcept {
  return value.is_int64() || value.is_uint64();
}

Wide wide(const json::value& integer) noexcept {
  return integer.is_int64() ? Wide{integer.get_int64()} : Wide{integer.get_uint64()};
}

Value make_integer(Scope& scope, Wide result) {
  if (result >= std::numeric_limits<std::int64_t>::min() &&
      result <= std::numeric_limits<std::int64_t>::max()) {
    return scope.make(static_cast<std::int64_t>(result));
  }
  if (result > 0 && result <= std::numeric_limits<std::uint64_t>::max()) {
    return scope.make(static_cast<std::uint64_t>(result));
  }
  fail("the result needs more than 64 bits");
}

Value make_decimal(Scope& scope, double result) {
  if (!std::isfinite(result)) fail("the result is beyond the range of numbers");
  return scope.make(result);
}

// jq truncates both operands of `%` to integers.
Wide truncated(const json::value& number) {
  if (is_integer(number)) return wide(number);
  constexpr double kBound = 9223372036854775808.0;
  const double value = number.get_double();
  if (!(value >= -kBound && value < kBound)) fail("the remainder needs operands of 64 bits");
  return Wide{static_cast<std::int64_t>(value)};
}

bool is_space(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

// The shape [+-] digits [. digits] [e [+-] digits], with a digit before or after the point.
bool looks_like_number(std::string_view text, bool& whole) {
  std::size_t i = 0;
  const auto digits = [&] {
    const std::size_t start = i;
    while (i < text.size() && is_digit(text[i])) ++i;
    return i - start;
  };
  if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
  std::size_t count = digits();
  whole = true;
  if (i < text.size() && text[i] == '.') {
    whole = false;
    ++i;
    count += digits();
  }
  if (count == 0) return false;
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    whole = false;
    ++i;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
    if (digits() == 0) return false;
  }
  return i == text.size();
}

template <typename T>
std::optional<T> converted(std::string_view text) {
  T result{};
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), result);
  if (status != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return result;
}

}  // namespace

double to_double(const json::value& number) noexcept {
  if (number.is_double()) return number.get_double();
  return number.is_int64() ? static_cast<double>(number.get_int64())
                           : static_cast<double>(number.get_uint64());
}

int compare_numbers(const json::value& left, const json::value& right) noexcept {
  if (is_integer(left) && is_integer(right)) {
    const Wide l = wide(left);
    const Wide r = wide(right);
    return l < r ? -1 : static_cast<int>(l > r);
  }
  // A long double holds every 64-bit integer and every double.
  static_assert(std::numeric_limits<long double>::digits >= 64);
  const auto exact = [](const json::value& v) -> long double {
    if (v.is_double()) return v.get_double();
    return v.is_int64() ? static_cast<long double>(v.get_int64())
                        : static_cast<long double>(v.get_uint64());
  };
  const long double l = exact(left);
  const long double r = exact(right);
  return l < r ? -1 : static_cast<int>(l > r);
}

std::optional<std::int64_t> to_integer(const json::value& number) noexcept {
  if (number.is_int64()) return number.get_int64();
  if (!number.is_double()) return std::nullopt;
  constexpr double kBound = 9223372036854775808.0;
  const double value = number.get_double();
  if (std::trunc(value) != value || value < -kBound || value >= kBound) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

Value add_numbers(Scope& scope, const json::value& left, const json::value& right) {
  if (is_integer(left) && is_integer(right)) return make_integer(scope, wide(left) + wide(right));
  return make_decimal(scope, to_double(left) + to_double(right));
}

Value subtract_numbers(Scope& scope, const json::value& left, const json::value& right) {
  if (is_integer(left) && is_integer(right)) return make_integer(scope, wide(left) - wide(right));
  return make_decimal(scope, to_double(left) - to_double(right));
}

Value multiply_numbers(Scope& scope, const json::value& left, const json::value& right) {
  if (is_integer(left) && is_integer(right)) {
    Wide product = 0;
    if (__builtin_mul_overflow(wide(left), wide(right), &product)) {
      fail("the result needs more than 64 bits");
    }
    return make_integer(scope, product);
  }
  return make_decimal(scope, to_double(left) * to_double(right));
}

Value divide_numbers(Scope& scope, const json::value& left, const json::value& right) {
  if (to_double(right) == 0) {
    fail(describe(left) + " and " + describe(right) +
         " cannot be divided because the divisor is zero");
  }
  if (is_integer(left) && is_integer(right) && wide(left) % wide(right) == 0) {
    return make_integer(scope, wide(left) / wide(right));
  }
  return make_decimal(scope, to_double(left) / to_double(right));
}

Value remainder_of_numbers(Scope& scope, const json::value& left, const json::value& right) {
  const Wide divisor = truncated(right);
  if (divisor == 0) {
    fail(describe(left) + " and " + describe(right) +
         " cannot be divided (remainder) because the divisor is zero");
  }
  return make_integer(scope, truncated(left) % divisor);
}

Value negate_number(Scope& scope, const json::value& number) {
  if (is_integer(number)) return make_integer(scope, -wide(number));
  return scope.make(-number.get_double());
}

std::optional<json::value> read_number(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  bool whole = false;
  if (!looks_like_number(text, whole)) return std::nullopt;
  std::string_view digits = text;
  if (digits.front() == '+') digits.remove_prefix(1);
  if (whole) {
    if (const auto integer = converted<std::int64_t>(digits)) return json::value(*integer);
    if (const auto integer = converted<std::uint64_t>(digits)) return json::value(*integer);
    fail("the integer " + std::string{digits} + " needs more than 64 bits");
  }
  const auto number = converted<double>(digits);
  if (!number) fail("the number " + std::string{digits} + " is beyond the range of numbers");
  return json::value(*number);
}

}  // namespace sluice::host::expr
