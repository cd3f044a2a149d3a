#include <algorithm>
#include <cmath>

#include "list_query.hpp"

namespace chargebee_sandbox {
namespace {

namespace json = sluice::json;

bool contains(const std::vector<std::string>& texts, const std::string& value) {
  return std::find(texts.begin(), texts.end(), value) != texts.end();
}

// Items are not named on a subscription, only their prices, whose ids begin with the item's.
std::vector<std::string> item_values(const json::object& row, const std::string& name,
                                     const Condition& condition) {
  std::vector<std::string> values;
  const json::value* items = row.if_contains("subscription_items");
  if (items == nullptr || !items->is_array()) return values;
  for (const auto& item : items->get_array()) {
    const auto& id = item.at("item_price_id").as_string();
    std::string value{id};
    if (name == "item_id") {
      for (const std::string& text : condition.texts) {
        if (value.starts_with(text + '-')) value = text;
      }
    }
    values.push_back(std::move(value));
  }
  return values;
}

}  // namespace

std::vector<std::string> parse_array(std::string_view text) {
  const auto trim = [](std::string_view part) {
    while (!part.empty() && part.front() == ' ') part.remove_prefix(1);
    while (!part.empty() && part.back() == ' ') part.remove_suffix(1);
    return part;
  };
  text = trim(text);
  if (text.size() >= 2 && text.front() == '[' && text.back() == ']')
    text = text.substr(1, text.size() - 2);
  std::vector<std::string> values;
  for (text = trim(text); !text.empty(); text = trim(text)) {
    std::string value;
    const char quote = text.front();
    if (quote == '"' || quote == '\'') {
      std::size_t i = 1;
      for (; i < text.size() && text[i] != quote; ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) ++i;
        value.push_back(text[i]);
      }
      text.remove_prefix(std::min(i + 1, text.size()));
      text.remove_prefix(std::min(text.find(','), text.size()));
    } else {
      const std::size_t comma = std::min(text.find(','), text.size());
      value = trim(text.substr(0, comma));
      text.remove_prefix(comma);
    }
    if (!text.empty()) text.remove_prefix(1);
    values.push_back(std::move(value));
  }
  return values;
}

bool Condition::matches_text(const std::string& value) const {
  switch (op) {
    case Operator::Is:
      return value == texts.front();
    case Operator::IsNot:
      return value != texts.front();
    case Operator::StartsWith:
      return value.starts_with(texts.front());
    case Operator::In:
      return contains(texts, value);
    case Operator::NotIn:
      return !contains(texts, value);
    case Operator::IsPresent:
      return (texts.front() == "true") == !value.empty();
    case Operator::After:
      return value > texts.front();
    case Operator::Before:
      return value < texts.front();
    case Operator::On:
      return value == texts.front();
    case Operator::Between:
      return value >= texts[0] && value <= texts[1];
    default:
      return false;
  }
}

bool Condition::matches_number(double value) const {
  constexpr double kDay = 86'400;
  switch (op) {
    case Operator::Is:
      return value == numbers.front();
    case Operator::IsNot:
      return value != numbers.front();
    case Operator::In:
      return std::find(numbers.begin(), numbers.end(), value) != numbers.end();
    case Operator::NotIn:
      return std::find(numbers.begin(), numbers.end(), value) == numbers.end();
    case Operator::IsPresent:
      return texts.front() == "true";
    case Operator::After:
    case Operator::Greater:
      return value > numbers.front();
    case Operator::Before:
    case Operator::Less:
      return value < numbers.front();
    case Operator::GreaterOrEqual:
      return value >= numbers.front();
    case Operator::LessOrEqual:
      return value <= numbers.front();
    case Operator::Between:
      return value >= numbers[0] && value <= numbers[1];
    case Operator::On:
      return on_means_day ? std::floor(value / kDay) == std::floor(numbers.front() / kDay)
                          : value == numbers.front();
    default:
      return false;
  }
}

bool Condition::matches_missing() const {
  if (op == Operator::IsPresent) return texts.front() == "false";
  return op == Operator::IsNot || op == Operator::NotIn;
}

bool Condition::matches(const json::object& row) const {
  if (path.front() == "item_price_id" || path.front() == "item_id") {
    const auto values = item_values(row, path.front(), *this);
    const bool negative = op == Operator::IsNot || op == Operator::NotIn;
    const auto fits = [this](const std::string& value) { return matches_text(value); };
    return negative ? std::all_of(values.begin(), values.end(), fits)
                    : std::any_of(values.begin(), values.end(), fits);
  }
  const json::object* object = &row;
  const json::value* value = nullptr;
  for (std::size_t i = 0; i < path.size(); ++i) {
    value = object->if_contains(path[i]);
    if (value == nullptr || value->is_null()) return matches_missing();
    if (i + 1 == path.size()) break;
    if (!value->is_object()) return matches_missing();
    object = &value->get_object();
  }
  if (value->is_number()) return matches_number(value->to_number<double>());
  if (value->is_bool()) return matches_text(value->get_bool() ? "true" : "false");
  if (value->is_string()) return matches_text(std::string{value->get_string()});
  return matches_missing();
}

}  // namespace chargebee_sandbox
