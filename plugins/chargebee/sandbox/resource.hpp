// What the API lets one do with each kind of resource: its lists' filters, orders and flags.
#pragma once

#include <span>
#include <string_view>

namespace chargebee_sandbox {

enum class FieldType { String, Enum, Timestamp, Number, Boolean };

struct FilterField {
  std::string_view name;  // nested ones as `gifter[customer_id]`
  FieldType type;
  bool in = false;       // strings: also `in` and `not_in`; enums always have them
  bool present = false;  // also `is_present`
};

// Columns that every row carries outside its JSON; `Created` is whatever the resource's lists call
// its own time.
enum class SortKey { Created, Updated, Id, Name };

struct SortField {
  std::string_view name;
  SortKey key;
};

struct ResourceKind {
  std::string_view name;    // `customer`: the wrapper key and the value of "object"
  std::string_view plural;  // `customers`: the path
  std::span<const FilterField> filters;
  std::span<const SortField> sorts;
  bool include_deleted = false;             // takes the flag; without it, deleted rows are left out
  bool custom_fields = false;               // cf_* may be filtered
  std::string_view created = "created_at";  // the attribute behind SortKey::Created
  int catalog = 0;                          // 1 or 2: exists on such sites only
};

[[nodiscard]] std::span<const ResourceKind> resource_kinds();
// By name or plural; null when there is none.
[[nodiscard]] const ResourceKind* find_kind(std::string_view name);

}  // namespace chargebee_sandbox
