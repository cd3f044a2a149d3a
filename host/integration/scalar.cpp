#include "integration/scalar.hpp"

#include <date/tz.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <stdexcept>

namespace sluice::host {
namespace {

bool is_digit(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}
bool is_alnum(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

template <typename Number>
std::optional<Number> parse_whole(std::string_view text, int base = 10) {
  Number number{};
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (status != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
bool is_decimal(std::string_view text) {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  const std::size_t exponent = text.find_first_of("eE");
  if (exponent != std::string_view::npos) {
    auto power = text.substr(exponent + 1);
    if (!power.empty() && (power[0] == '-' || power[0] == '+')) power.remove_prefix(1);
    if (!all_digits(power)) return false;
    text = text.substr(0, exponent);
  }
  const std::size_t point = text.find('.');
  if (point == std::string_view::npos) return all_digits(text);
  const auto whole = text.substr(0, point);
  const auto fraction = text.substr(point + 1);
  if (whole.empty()) return all_digits(fraction);
  return all_digits(whole) && (fraction.empty() || all_digits(fraction));
}

bool is_special_float(std::string_view text) {
  for (const std::string_view word : {".nan", ".NaN", ".NAN"}) {
    if (text == word) return true;
  }
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  return text == ".inf" || text == ".Inf" || text == ".INF";
}

std::optional<json::value> integer(std::string_view text, int base) {
  if (const auto number = parse_whole<std::int64_t>(text, base)) return json::value(*number);
  if (const auto number = parse_whole<std::uint64_t>(text, base)) return json::value(*number);
  return std::nullopt;
}

std::optional<json::value> decimal(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double number = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (status != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return json::value(number);
}

bool has_digits(std::string_view text, std::string_view prefix, std::string_view digits) {
  return text.starts_with(prefix) && text.size() > prefix.size() &&
         text.find_first_not_of(digits, prefix.size()) == std::string_view::npos;
}

}  // namespace

std::optional<json::value> core_value(std::string_view text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") {
    return json::value(nullptr);
  }
  if (text == "true" || text == "True" || text == "TRUE") return json::value(true);
  if (text == "false" || text == "False" || text == "FALSE") return json::value(false);
  if (is_special_float(text)) return std::nullopt;
  if (has_digits(text, "0o", "01234567")) return integer(text.substr(2), 8);
  if (has_digits(text, "0x", "0123456789abcdefABCDEF")) return integer(text.substr(2), 16);
  if (!is_decimal(text)) return json::value(json::string_view{text});
  const auto unsigned_text = text.starts_with('+') ? text.substr(1) : text;
  const auto digits = unsigned_text.starts_with('-') ? unsigned_text.substr(1) : unsigned_text;
  return all_digits(digits) ? integer(unsigned_text, 10) : decimal(text);
}

std::optional<double> core_number(std::string_view text) {
  const auto value = core_value(text);
  if (!value || !value->is_number()) return std::nullopt;
  return value->to_number<double>();
}

std::optional<std::chrono::seconds> parse_duration(std::string_view text) {
  if (text.size() < 2) return std::nullopt;
  const auto amount = parse_whole<std::uint32_t>(text.substr(0, text.size() - 1));
  std::int64_t unit = 0;
  switch (text.back()) {
    case 's':
      unit = 1;
      break;
    case 'm':
      unit = 60;
      break;
    case 'h':
      unit = 3600;
      break;
    case 'd':
      unit = 86400;
      break;
    default:
      return std::nullopt;
  }
  constexpr std::int64_t kLongest = 366LL * 86400;
  if (!amount || *amount == 0 || *amount * unit > kLongest) return std::nullopt;
  return std::chrono::seconds{*amount * unit};
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  constexpr std::size_t kUnit = 3;
  if (text.size() <= kUnit) return std::nullopt;
  const auto amount = parse_whole<std::uint32_t>(text.substr(0, text.size() - kUnit));
  const auto unit = text.substr(text.size() - kUnit);
  const int shift = unit == "MiB" ? 20 : unit == "GiB" ? 30 : unit == "TiB" ? 40 : 0;
  constexpr std::uint64_t kLargest = std::uint64_t{1} << 50;
  if (!amount || *amount == 0 || shift == 0 || *amount > kLargest >> shift) return std::nullopt;
  return std::uint64_t{*amount} << shift;
}

std::optional<RateLimit> parse_rate(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto requests = parse_whole<std::uint32_t>(text.substr(0, slash));
  const auto unit = text.substr(slash + 1);
  if (!requests || *requests == 0) return std::nullopt;
  if (unit == "s") return RateLimit{*requests, std::chrono::seconds{1}};
  if (unit == "min") return RateLimit{*requests, std::chrono::minutes{1}};
  if (unit == "h") return RateLimit{*requests, std::chrono::hours{1}};
  return std::nullopt;
}

std::optional<DeleteLimit> parse_delete_limit(std::string_view text) {
  DeleteLimit limit;
  if (!text.ends_with('%')) {
    limit.count = parse_whole<std::uint64_t>(text);
    return limit.count ? std::optional{limit} : std::nullopt;
  }
  const auto percent = core_number(text.substr(0, text.size() - 1));
  if (!percent || *percent < 0 || *percent > 100) return std::nullopt;
  limit.percent = percent;
  return limit;
}

bool is_cron(std::string_view text) {
  int fields = 0;
  bool inside = false;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\t';
    if (!blank && !is_alnum(c) && std::string_view{"*,-/"}.find(c) == std::string_view::npos) {
      return false;
    }
    if (!blank && !inside) ++fields;
    inside = !blank;
  }
  return fields == 5;
}

bool is_timezone(const std::string& name) {
  try {
    return date::locate_zone(name) != nullptr;
  } catch (const std::runtime_error&) {
    return false;
  }
}

bool is_name(std::string_view text) {
  if (text.empty() || text.size() > kMaxNameBytes || !is_alnum(text[0])) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_alnum(c) || c == '-' || c == '_' || c == '.'; });
}

std::string kind_of(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return "nothing";
    case json::kind::bool_:
      return "a boolean";
    case json::kind::int64:
    case json::kind::uint64:
      return "an integer";
    case json::kind::double_:
      return "a number";
    case json::kind::string:
      return "a string";
    case json::kind::array:
      return "a sequence";
    case json::kind::object:
      return "a mapping";
  }
  return "a value";
}

}  // namespace sluice::host
