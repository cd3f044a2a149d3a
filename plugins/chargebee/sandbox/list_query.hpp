// A list request's query, understood: filters, order, flags, page.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "resource.hpp"
#include "settings.hpp"
#include "sluice/json.hpp"
#include "sluice/testing/sandbox_message.hpp"

namespace chargebee_sandbox {

enum class Operator {
  Is,
  IsNot,
  StartsWith,
  IsPresent,
  In,
  NotIn,
  After,
  Before,
  On,
  Between,
  Greater,
  GreaterOrEqual,
  Less,
  LessOrEqual,
};

// Where a condition finds its value: in a column that every row carries, or in the row's JSON.
enum class Place { Values, Id, Created, Updated };

struct Condition {
  std::vector<std::string> path;
  Place place = Place::Values;
  Operator op = Operator::Is;
  std::vector<std::string> texts;
  std::vector<double> numbers;  // the same, where they are numbers
  bool on_means_day = true;

  [[nodiscard]] bool matches_text(const std::string& value) const;
  [[nodiscard]] bool matches_number(double value) const;
  [[nodiscard]] bool matches_missing() const;
  // For Place::Values.
  [[nodiscard]] bool matches(const sluice::json::object& row) const;
};

struct ListQuery {
  std::vector<Condition> conditions;
  SortKey sort = SortKey::Created;
  bool descending = false;
  bool include_deleted = false;
  std::size_t limit = 10;
  std::string offset;
  // Equal for queries that give the same list: everything but limit and offset.
  std::string fingerprint;

  [[nodiscard]] const Condition* find(Place place, std::string_view path) const;
};

// Errors: throws ApiError (400 param_wrong_value) as the API does for values that it refuses.
[[nodiscard]] ListQuery parse_list_query(const ResourceKind& kind,
                                         const sluice::testing::SandboxPairs& query,
                                         const Settings& settings);

// The elements of an array parameter in any of the official clients' forms:
// ["a","b"], [a,b] and ['a', 'b'].
[[nodiscard]] std::vector<std::string> parse_array(std::string_view text);

}  // namespace chargebee_sandbox
