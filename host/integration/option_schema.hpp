// How options.hpp reads a JSON Schema.
#pragma once

#include <optional>
#include <sluice/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::host {

// A member of the given kind, or null.
[[nodiscard]] const json::object* object_at(const json::object& schema, std::string_view key);
[[nodiscard]] const json::array* array_at(const json::object& schema, std::string_view key);
[[nodiscard]] bool is_set(const json::object& schema, std::string_view key);

// The words of `type`, which is one or several; empty: any type.
[[nodiscard]] std::vector<std::string> types_of(const json::object& schema);
[[nodiscard]] bool has_one_of(const json::value& value, const std::vector<std::string>& types);
[[nodiscard]] std::string described(const std::vector<std::string>& types);

// What a string out of `${…}` stands for where the schema asks for another type.
[[nodiscard]] std::optional<json::value> coerced(const json::value& value,
                                                 const std::vector<std::string>& types);

// The paths of OptionPositions.
[[nodiscard]] std::string join_path(const std::string& path, std::string_view key);
[[nodiscard]] std::string item_path(const std::string& path, std::size_t index);

}  // namespace sluice::host
