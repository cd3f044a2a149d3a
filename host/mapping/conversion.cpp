#include "mapping/conversion.hpp"

#include <algorithm>

#include "integration/suggest.hpp"
#include "mapping/expression/number.hpp"
#include "mapping/expression/text.hpp"
#include "mapping/expression/time.hpp"

namespace sluice::host {
namespace {

using Problem = std::optional<ConversionProblem>;

ConversionProblem wrong_type(const Target& target, const std::string& takes,
                             const json::value& value, const std::string& hint = {}) {
  return {"mapping", "wrong_type",
          "field " + in_quotes(target.name) + " takes " + takes + ", not " + expr::describe(value) +
              (hint.empty() ? "" : ": " + hint)};
}

// Strings, numbers and booleans as text; numbers with all their digits.
std::optional<std::string> as_text(const json::value& value) {
  if (value.is_string()) return std::string{expr::text_of(value)};
  if (value.is_bool() || expr::is_number(value)) return to_json(value);
  return std::nullopt;
}

Problem check_length(std::string_view text, const Target& target) {
  if (!target.max_length) return std::nullopt;
  const std::size_t length = expr::count_characters(text);
  if (length <= *target.max_length) return std::nullopt;
  return ConversionProblem{"constraint", "too_long",
                           "field " + in_quotes(target.name) + " takes at most " +
                               std::to_string(*target.max_length) + " characters, not " +
                               std::to_string(length)};
}

Problem check_option(const std::string& text, const Target& target) {
  const auto& options = target.options;
  if (options.empty() || std::find(options.begin(), options.end(), text) != options.end()) {
    return std::nullopt;
  }
  return ConversionProblem{"constraint", "unknown_option",
                           "field " + in_quotes(target.name) + " has no option " + in_quotes(text) +
                               ": " + suggestion(text, options)};
}

Problem to_text(const json::value& value, const Target& target, json::value& out) {
  if (value.is_string()) {
    out = value;
  } else if (const auto text = as_text(value)) {
    out = *text;
  } else {
    return wrong_type(target, "a text", value);
  }
  return check_length(expr::text_of(out), target);
}

Problem to_number(const json::value& value, const Target& target, json::value& out) {
  if (expr::is_number(value)) {
    out = value;
    return std::nullopt;
  }
  try {
    if (value.is_string()) {
      if (auto number = expr::read_number(expr::text_of(value))) {
        out = std::move(*number);
        return std::nullopt;
      }
    }
    return wrong_type(target, "a number", value);
  } catch (const expr::Failure& failure) {
    return wrong_type(target, "a number", value, failure.message);
  }
}

Problem to_boolean(const json::value& value, const Target& target, json::value& out) {
  const std::string text = value.is_string() ? expr::lower_case(expr::text_of(value)) : "";
  if (value.is_bool()) {
    out = value;
  } else if (text == "true" || text == "false") {
    out = text == "true";
  } else {
    return wrong_type(target, "true or false", value, "use `| boolean`");
  }
  return std::nullopt;
}

Problem to_date(const json::value& value, const Target& target, json::value& out) {
  const auto time = value.is_string() ? expr::read_iso_time(expr::text_of(value)) : std::nullopt;
  if (!time || time->has_time) {
    return wrong_type(target, "a date (YYYY-MM-DD)", value,
                      time || expr::is_number(value) ? "use `| date(\"UTC\")`" : "");
  }
  out = value;
  return std::nullopt;
}

Problem to_datetime(const json::value& value, const Target& target, json::value& out) {
  const auto time = value.is_string() ? expr::read_iso_time(expr::text_of(value)) : std::nullopt;
  if (!time || !time->has_time || !time->has_offset) {
    return wrong_type(target, "a date and time with offset (2024-05-01T14:00:00+02:00)", value,
                      expr::is_number(value) ? "use `| datetime(\"UTC\")`" : "");
  }
  out = value;
  return std::nullopt;
}

Problem to_option(const json::value& value, const Target& target, json::value& out) {
  const auto text = as_text(value);
  if (!text) return wrong_type(target, "one of its options", value);
  out = *text;
  return check_option(*text, target);
}

Problem to_options(const json::value& value, const Target& target, json::value& out) {
  std::vector<std::string> chosen;
  if (auto problem = add_members(value, target, chosen)) return problem;
  json::array items;
  for (const auto& text : chosen) {
    if (auto problem = check_option(text, target)) return problem;
    items.emplace_back(text);
  }
  out = std::move(items);
  return std::nullopt;
}

Problem unchanged(const json::value& value, const Target& target, json::value& out) {
  const auto scalar = [](const json::value& item) { return !item.is_structured(); };
  const auto* items = value.if_array();
  if (value.is_object() ||
      (items != nullptr && !std::all_of(items->begin(), items->end(), scalar))) {
    return wrong_type(target, "a single value or an array of them", value);
  }
  out = value;
  return std::nullopt;
}

}  // namespace

Problem convert(const json::value& value, const Target& target, json::value& out) {
  if (value.is_null()) {
    out = nullptr;
    return std::nullopt;
  }
  if (!target.type) return unchanged(value, target, out);
  switch (*target.type) {
    case FieldType::Text:
    case FieldType::Textarea:
      return to_text(value, target, out);
    case FieldType::Number:
      return to_number(value, target, out);
    case FieldType::Date:
      return to_date(value, target, out);
    case FieldType::Datetime:
      return to_datetime(value, target, out);
    case FieldType::Boolean:
      return to_boolean(value, target, out);
    case FieldType::Option:
      return to_option(value, target, out);
    case FieldType::Options:
      return to_options(value, target, out);
  }
  return unchanged(value, target, out);
}

Problem add_members(const json::value& value, const Target& target,
                    std::vector<std::string>& members) {
  if (value.is_null()) return std::nullopt;
  const auto add = [&](const json::value& item) -> Problem {
    if (item.is_null()) return std::nullopt;
    auto text = as_text(item);
    if (!text) return wrong_type(target, "texts", item);
    if (auto problem = check_length(*text, target)) return problem;
    if (!text->empty()) members.push_back(std::move(*text));
    return std::nullopt;
  };
  if (!value.is_array()) return add(value);
  for (const auto& item : value.get_array()) {
    if (auto problem = add(item)) return problem;
  }
  return std::nullopt;
}

}  // namespace sluice::host
