#include "values.hpp"

#include <date/date.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <set>
#include <sstream>
#include <vector>

namespace activecampaign {

using sluice::FieldType;

namespace {

constexpr std::string_view kSeparator = "||";

FormattedValue good(std::string text) {
  return {std::move(text), {}};
}

FormattedValue bad(const json::value& value, std::string_view why) {
  constexpr std::size_t kShown = 80;
  auto shown = sluice::to_json(value);
  if (shown.size() > kShown) shown = shown.substr(0, kShown) + "…";
  return {{}, shown + " " + std::string{why}};
}

std::string decimal(double number) {
  char buffer[400];
  const auto [end, status] =
      std::to_chars(std::begin(buffer), std::end(buffer), number, std::chars_format::fixed);
  return status == std::errc{} ? std::string(buffer, end) : std::string{};
}

// Empty: no decimal number.
std::string decimal(std::string_view text) {
  text = trim(text);
  const auto digits = text.substr(text.starts_with('-') ? 1 : 0);
  if (digits.empty() || digits.front() < '0' || digits.front() > '9') return {};
  const auto plain = digits.find_first_not_of("0123456789.") == std::string_view::npos;
  double number = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (status != std::errc{} || end != text.data() + text.size()) return {};
  return plain ? std::string{text} : decimal(number);
}

FormattedValue format_number(const json::value& value) {
  if (value.is_int64() || value.is_uint64()) return good(sluice::to_json(value));
  if (value.is_bool()) return good(value.get_bool() ? "1" : "0");
  const auto text = value.is_double()   ? decimal(value.get_double())
                    : value.is_string() ? decimal(std::string_view{value.get_string()})
                                        : std::string{};
  return text.empty() ? bad(value, "is not a number") : good(text);
}

// Takes a pattern, in which 0 stands for any digit, from the front of the text.
bool take(std::string_view& text, std::string_view pattern) {
  if (text.size() < pattern.size()) return false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const bool is_digit = text[i] >= '0' && text[i] <= '9';
    if (pattern[i] == '0' ? !is_digit : text[i] != pattern[i]) return false;
  }
  text.remove_prefix(pattern.size());
  return true;
}

bool is_calendar_date(std::string_view text) {
  auto rest = text;
  if (!take(rest, "0000-00-00") || !rest.empty()) return false;
  const auto number = [&](std::size_t at, std::size_t digits) {
    int value = 0;
    for (const char digit : text.substr(at, digits)) value = value * 10 + (digit - '0');
    return value;
  };
  return date::year_month_day{date::year{number(0, 4)},
                              date::month{static_cast<unsigned>(number(5, 2))},
                              date::day{static_cast<unsigned>(number(8, 2))}}
      .ok();
}

FormattedValue format_date(const json::value& value) {
  constexpr std::size_t kDate = 10;
  if (value.is_string()) {
    const auto text = trim(value.get_string());
    const bool has_time = text.size() > kDate && (text[kDate] == 'T' || text[kDate] == ' ');
    if ((text.size() == kDate || has_time) && is_calendar_date(text.substr(0, kDate))) {
      return good(std::string{text.substr(0, kDate)});
    }
  }
  return bad(value, "is not a date (YYYY-MM-DD)");
}

// The form that the parser and the vendor read: T between date and time, a numeric offset.
std::string normal_instant(std::string_view text) {
  std::string normal{trim(text)};
  if (normal.size() > 10 && normal[10] == ' ') normal[10] = 'T';
  if (normal.ends_with('Z') || normal.ends_with('z'))
    normal.replace(normal.size() - 1, 1, "+00:00");
  return normal;
}

// date::parse converts seconds that it could not read: they must be there.
bool begins_as_instant(std::string_view text) {
  return take(text, "0000-00-00T00:00") && (take(text, ":00") || !text.starts_with(':'));
}

FormattedValue format_datetime(const json::value& value) {
  if (value.is_string() && parse_instant(value.get_string())) {
    return good(normal_instant(value.get_string()));
  }
  return bad(value, "is not an instant with time zone offset (such as 2024-05-31T13:05:00Z)");
}

const CustomField::Option* find_option(const CustomField& field, std::string_view text) {
  const auto first = [&](auto matches) -> const CustomField::Option* {
    const auto found = std::find_if(field.options.begin(), field.options.end(), matches);
    return found == field.options.end() ? nullptr : &*found;
  };
  if (const auto* option = first([&](const auto& o) { return o.value == text; })) return option;
  if (const auto* option = first([&](const auto& o) { return o.label == text; })) return option;
  const auto folded = fold(text);
  if (const auto* option = first([&](const auto& o) { return fold(o.value) == folded; })) {
    return option;
  }
  return first([&](const auto& o) { return fold(o.label) == folded; });
}

std::string option_list(const CustomField& field) {
  constexpr std::size_t kShown = 12;
  std::string text;
  for (std::size_t i = 0; i < field.options.size() && i < kShown; ++i) {
    text += (i == 0 ? "\"" : ", \"") + field.options[i].value + '"';
  }
  return field.options.size() > kShown ? text + ", …" : text;
}

FormattedValue format_option(const CustomField& field, const json::value& value) {
  if (value.is_bool()) {
    // People name the two choices of a yes/no field in their own way.
    static const std::vector<std::string> kYes{"true", "yes", "1", "on"};
    static const std::vector<std::string> kNo{"false", "no", "0", "off"};
    for (const auto& name : value.get_bool() ? kYes : kNo) {
      if (const auto* option = find_option(field, name)) return good(option->value);
    }
  }
  auto text = format_text(value);
  if (!text.problem.empty() || field.options.empty()) return text;
  if (const auto* option = find_option(field, text.text)) return good(option->value);
  return bad(value, "is not one of the options: " + option_list(field));
}

std::vector<std::string> split_options(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto end = text.find(kSeparator);
    if (const auto part = text.substr(0, end); !part.empty()) parts.emplace_back(part);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + kSeparator.size());
  }
  return parts;
}

FormattedValue format_options(const CustomField& field, const json::value& value) {
  json::array wanted;
  if (value.is_array()) {
    wanted = value.get_array();
  } else if (value.is_string() && value.get_string().starts_with(json::string_view{"||"})) {
    for (const auto& part : split_options(value.get_string())) wanted.emplace_back(part);
  } else {
    wanted.push_back(value);
  }
  std::string text;
  for (const auto& item : wanted) {
    if (item.is_null() || (item.is_string() && trim(item.get_string()).empty())) continue;
    auto option = format_option(field, item);
    if (!option.problem.empty()) return option;
    if (option.text.find(kSeparator) != std::string::npos) {
      return bad(item, "contains \"||\", which ActiveCampaign uses between options");
    }
    text += (text.empty() ? std::string{kSeparator} : std::string{}) + option.text;
    text += kSeparator;
  }
  return good(text);
}

}  // namespace

std::optional<Instant> parse_instant(std::string_view text) {
  const auto normal = normal_instant(text);
  if (!begins_as_instant(normal)) return std::nullopt;
  for (const char* format : {"%FT%T%Ez", "%FT%R%Ez"}) {
    std::istringstream in{normal};
    Instant instant;
    in >> date::parse(format, instant);
    if (!in.fail() && in.peek() == std::istringstream::traits_type::eof()) return instant;
  }
  return std::nullopt;
}

FormattedValue format_text(const json::value& value) {
  switch (value.kind()) {
    case json::kind::string:
      return good(std::string{value.get_string()});
    case json::kind::bool_:
      return good(value.get_bool() ? "true" : "false");
    case json::kind::int64:
    case json::kind::uint64:
    case json::kind::double_:
      return format_number(value);
    default:
      return bad(value, "is not a text");
  }
}

FormattedValue format_value(const CustomField& field, const json::value& value) {
  const bool blank = value.is_string() && trim(value.get_string()).empty();
  const bool free_text = field.type == FieldType::Text || field.type == FieldType::Textarea;
  if (blank && !free_text) return good({});
  switch (field.type) {
    case FieldType::Number:
      return format_number(value);
    case FieldType::Date:
      return format_date(value);
    case FieldType::Datetime:
      return format_datetime(value);
    case FieldType::Option:
      return format_option(field, value);
    case FieldType::Options:
      return format_options(field, value);
    case FieldType::Text:
    case FieldType::Textarea:
    case FieldType::Boolean:
      break;
  }
  return format_text(value);
}

bool is_blank(std::string_view stored) {
  const auto text = trim(stored);
  return text.empty() || text == kSeparator || text == "||||" || text.starts_with("0000-00-00");
}

json::value parse_value(const CustomField& field, std::string_view stored) {
  if (is_blank(stored)) return nullptr;
  auto as_text = json::value(json::string{stored});
  switch (field.type) {
    case FieldType::Number: {
      const auto text = decimal(stored);
      if (text.empty()) return as_text;
      try {
        return sluice::parse_json(text);
      } catch (const sluice::Error&) {
        return as_text;
      }
    }
    case FieldType::Date:
      return json::value(json::string{trim(stored).substr(0, 10)});
    case FieldType::Datetime: {
      const auto instant = parse_instant(stored);
      if (!instant) return as_text;
      return json::value(
          json::string{date::format("%FT%TZ", date::floor<std::chrono::seconds>(*instant))});
    }
    case FieldType::Options: {
      json::array parts;
      for (const auto& part : split_options(stored)) parts.emplace_back(part);
      return parts;
    }
    default:
      return as_text;
  }
}

bool same_value(const CustomField& field, std::string_view a, std::string_view b) {
  if (a == b || (is_blank(a) && is_blank(b))) return true;
  switch (field.type) {
    case FieldType::Datetime: {
      const auto left = parse_instant(a);
      return left && left == parse_instant(b);
    }
    case FieldType::Options: {
      const auto left = split_options(a);
      const auto right = split_options(b);
      return std::set<std::string>(left.begin(), left.end()) ==
             std::set<std::string>(right.begin(), right.end());
    }
    case FieldType::Date:
      return a.substr(0, 10) == b.substr(0, 10);
    case FieldType::Number:
      return parse_value(field, a) == parse_value(field, b);
    default:
      return false;
  }
}

}  // namespace activecampaign
