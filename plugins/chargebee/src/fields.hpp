// Reading Chargebee's objects, whose unset attributes are simply absent.
#pragma once

#include <cstdint>
#include <optional>
#include <sluice/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace chargebee {

namespace json = sluice::json;

// Memory for a page of objects and what is made of them: given back as a whole, with the last of
// them. Threads: [instance] one.
[[nodiscard]] json::storage_ptr page_storage();

// Empty when absent or no text.
[[nodiscard]] std::string text_of(const json::object& object, std::string_view name);
// Nothing when absent or no whole number.
[[nodiscard]] std::optional<std::int64_t> whole(const json::object& object, std::string_view name);
// A time in seconds since 1970; nothing when absent or beyond the year 9999, so
// that it can be reckoned with.
[[nodiscard]] std::optional<std::int64_t> instant(const json::object& object,
                                                  std::string_view name);
// Zero when absent.
[[nodiscard]] double number_of(const json::object& object, std::string_view name);
[[nodiscard]] bool is_true(const json::object& object, std::string_view name);
// The object in member `name`, or null.
[[nodiscard]] const json::object* object_in(const json::object& object, std::string_view name);

// Milliseconds: resource_version, or the best that an object without one offers.
[[nodiscard]] std::int64_t version_of(const json::object& object);

// The object in a list's row, and its id. Errors: throw Error{SchemaMismatch} when the row has
// none.
[[nodiscard]] json::object& row_object(json::value& row, std::string_view member);
[[nodiscard]] std::string id_of(const json::object& object, std::string_view member);

// `["a","b"]`, as Chargebee's own clients write it in filters.
[[nodiscard]] std::string bracketed(const std::vector<std::string>& values);

}  // namespace chargebee
