#include "list_query.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "api_error.hpp"

namespace chargebee_sandbox {
namespace {

struct OperatorName {
  std::string_view name;
  Operator op;
};
constexpr OperatorName kOperators[] = {
    {"is", Operator::Is},
    {"is_not", Operator::IsNot},
    {"starts_with", Operator::StartsWith},
    {"is_present", Operator::IsPresent},
    {"in", Operator::In},
    {"not_in", Operator::NotIn},
    {"after", Operator::After},
    {"before", Operator::Before},
    {"on", Operator::On},
    {"between", Operator::Between},
    {"gt", Operator::Greater},
    {"gte", Operator::GreaterOrEqual},
    {"lt", Operator::Less},
    {"lte", Operator::LessOrEqual},
};

bool is_in(Operator op, std::initializer_list<Operator> operators) {
  return std::find(operators.begin(), operators.end(), op) != operators.end();
}

bool is_allowed(const FilterField& field, Operator op) {
  if (op == Operator::IsPresent) return field.present;
  switch (field.type) {
    case FieldType::String:
      return is_in(op, {Operator::Is, Operator::IsNot, Operator::StartsWith}) ||
             (field.in && is_in(op, {Operator::In, Operator::NotIn}));
    case FieldType::Enum:
      return is_in(op, {Operator::Is, Operator::IsNot, Operator::In, Operator::NotIn});
    case FieldType::Timestamp:
      return is_in(op, {Operator::After, Operator::Before, Operator::On, Operator::Between});
    case FieldType::Number:
      return is_in(op, {Operator::Is, Operator::IsNot, Operator::Greater, Operator::GreaterOrEqual,
                        Operator::Less, Operator::LessOrEqual, Operator::Between});
    case FieldType::Boolean:
      return op == Operator::Is;
  }
  return false;
}

// `a[b][is]` as {"a", "b", "is"}; nothing when the brackets do not fit.
std::optional<std::vector<std::string>> split_key(std::string_view key) {
  std::vector<std::string> parts;
  const std::size_t open = std::min(key.find('['), key.size());
  parts.emplace_back(key.substr(0, open));
  key.remove_prefix(open);
  while (!key.empty()) {
    const std::size_t close = key.find(']');
    if (key.front() != '[' || close == std::string_view::npos) return std::nullopt;
    parts.emplace_back(key.substr(1, close - 1));
    key.remove_prefix(close + 1);
  }
  return parts;
}

std::string join_path(const std::vector<std::string>& parts) {
  std::string out = parts.front();
  for (std::size_t i = 1; i < parts.size(); ++i) out += '[' + parts[i] + ']';
  return out;
}

std::optional<double> to_number(std::string_view text) {
  double value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || status != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return value;
}

bool is_integer(std::string_view text) {
  return !text.empty() && text.size() < 19 &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

void read_values(Condition& condition, const FilterField& field, const std::string& key,
                 const std::string& value) {
  const bool array = is_in(condition.op, {Operator::In, Operator::NotIn, Operator::Between});
  condition.texts = array ? parse_array(value) : std::vector<std::string>{value};
  if (condition.op == Operator::Between && condition.texts.size() != 2) {
    throw ApiError::wrong_value(key, "needs two values, such as [1,2]");
  }
  const bool truth = field.type == FieldType::Boolean || condition.op == Operator::IsPresent;
  for (const std::string& text : condition.texts) {
    if (truth && text != "true" && text != "false") {
      throw ApiError::wrong_value(key, "should be true or false");
    }
    if (!truth && field.type == FieldType::Timestamp && !is_integer(text)) {
      throw ApiError::wrong_value(key, "should be a timestamp in seconds");
    }
    const auto number = to_number(text);
    if (!truth && field.type == FieldType::Number && !number) {
      throw ApiError::wrong_value(key, "should be a number");
    }
    condition.numbers.push_back(number.value_or(std::nan("")));
  }
}

Place place_of(const ResourceKind& kind, const std::string& path) {
  if (path == "id") return Place::Id;
  if (path == kind.created) return Place::Created;
  if (path == "updated_at") return Place::Updated;
  return Place::Values;
}

// Which documented or custom field a path names; nothing when it is unknown.
std::optional<FilterField> field_of(const ResourceKind& kind, const std::string& path,
                                    Operator op) {
  for (const FilterField& field : kind.filters) {
    if (field.name == path) return field;
  }
  if (!kind.custom_fields || !path.starts_with("cf_")) return std::nullopt;
  const bool numeric = is_in(
      op, {Operator::Greater, Operator::GreaterOrEqual, Operator::Less, Operator::LessOrEqual});
  return FilterField{path, numeric ? FieldType::Number : FieldType::String, true, true};
}

class QueryReader {
 public:
  QueryReader(const ResourceKind& kind, const Settings& settings)
      : kind_{kind}, settings_{settings} {
    query_.descending = settings.newest_first;
  }

  void read(const std::string& key, const std::string& value) {
    if (key == "limit") return read_limit(value);
    if (key == "offset") {
      query_.offset = value;
      return;
    }
    const auto parts = split_key(key);
    if (parts && parts->size() == 2 && parts->front() == "sort_by" && !kind_.sorts.empty()) {
      return read_sort(parts->back(), value);
    }
    if (key == "include_deleted" && kind_.include_deleted) {
      if (value != "true" && value != "false")
        throw ApiError::wrong_value(key, "should be true or false");
      query_.include_deleted = value == "true";
      return;
    }
    if (kind_.name == "event" && (key == "start_time" || key == "end_time"))
      return read_deprecated_time(key, value);
    if (parts && read_filter(*parts, key, value)) return;
    if (settings_.strict_parameters) throw ApiError::wrong_value(key, "is not a known parameter");
  }

  ListQuery finish() {
    std::sort(filters_.begin(), filters_.end());
    std::string& print = query_.fingerprint;
    print = std::string{kind_.plural} + (query_.include_deleted ? "+deleted " : " ") +
            std::to_string(static_cast<int>(query_.sort)) + (query_.descending ? "-" : "+");
    for (const std::string& filter : filters_) print += '&' + filter;
    return std::move(query_);
  }

 private:
  void read_limit(const std::string& value) {
    if (!is_integer(value) || value.size() > 6 || std::stoi(value) < 1 || std::stoi(value) > 100) {
      throw ApiError::wrong_value("limit", "should be a number between 1 and 100");
    }
    query_.limit = static_cast<std::size_t>(std::stoi(value));
  }

  void read_sort(const std::string& direction, const std::string& attribute) {
    const std::string param = "sort_by[" + direction + "]";
    if (direction != "asc" && direction != "desc")
      throw ApiError::wrong_value(param, "should be asc or desc");
    const auto found = std::find_if(kind_.sorts.begin(), kind_.sorts.end(),
                                    [&](const SortField& sort) { return sort.name == attribute; });
    if (found == kind_.sorts.end()) {
      throw ApiError::wrong_value(param, "cannot sort by " + attribute);
    }
    query_.sort = found->key;
    query_.descending = direction == "desc";
  }

  void read_deprecated_time(const std::string& key, const std::string& value) {
    if (!is_integer(value)) throw ApiError::wrong_value(key, "should be a timestamp in seconds");
    Condition condition;
    condition.path = {"occurred_at"};
    condition.place = Place::Created;
    condition.op = key == "start_time" ? Operator::GreaterOrEqual : Operator::LessOrEqual;
    condition.texts = {value};
    condition.numbers = {*to_number(value)};
    query_.conditions.push_back(std::move(condition));
    filters_.push_back(key + '=' + value);
  }

  // Returns whether the parameter is a filter of this resource.
  bool read_filter(std::vector<std::string> parts, const std::string& key,
                   const std::string& value) {
    if (parts.size() < 2) return false;
    const std::string name = parts.back();
    parts.pop_back();
    const std::string path = join_path(parts);
    const auto known = std::find_if(std::begin(kOperators), std::end(kOperators),
                                    [&](const OperatorName& entry) { return entry.name == name; });
    const Operator op = known == std::end(kOperators) ? Operator::Is : known->op;
    const auto field = field_of(kind_, path, op);
    if (!field) return false;
    const bool custom = path.starts_with("cf_");
    if (known == std::end(kOperators) || (!custom && !is_allowed(*field, op))) {
      throw ApiError::wrong_value(key, "has no operator " + name);
    }
    Condition condition;
    condition.path = std::move(parts);
    condition.place = place_of(kind_, path);
    condition.op = op;
    condition.on_means_day = settings_.on_means_day;
    read_values(condition, *field, key, value);
    query_.conditions.push_back(std::move(condition));
    filters_.push_back(key + '=' + value);
    return true;
  }

  const ResourceKind& kind_;
  const Settings& settings_;
  ListQuery query_;
  std::vector<std::string> filters_;
};

}  // namespace

const Condition* ListQuery::find(Place place, std::string_view path) const {
  for (const Condition& condition : conditions) {
    const bool exact = condition.op == Operator::Is || condition.op == Operator::In;
    if (exact && condition.place == place && condition.path.size() == 1 &&
        condition.path.front() == path) {
      return &condition;
    }
  }
  return nullptr;
}

ListQuery parse_list_query(const ResourceKind& kind, const sluice::testing::SandboxPairs& query,
                           const Settings& settings) {
  QueryReader reader{kind, settings};
  for (const auto& [key, value] : query) reader.read(key, value);
  return reader.finish();
}

}  // namespace chargebee_sandbox
