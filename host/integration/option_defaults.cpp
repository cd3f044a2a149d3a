#include "integration/option_schema.hpp"
#include "integration/options.hpp"

namespace sluice::host {
namespace {

void complete(json::object& options, const json::object& schema, const OptionPositions& positions,
              const std::string& path);

void complete(json::value& value, const json::object& schema, const OptionPositions& positions,
              const std::string& path) {
  const auto at = positions.find(path);
  if (at != positions.end() && at->second.substituted && at->second.resolved) {
    if (auto typed = coerced(value, types_of(schema))) value = std::move(*typed);
  }
  // `5.0` is an integer to JSON Schema, but a connector reads integers.
  const std::vector<std::string> integer{"integer"};
  if (value.is_double() && types_of(schema) == integer && has_one_of(value, integer)) {
    value = static_cast<std::int64_t>(value.get_double());
  }
  if (value.is_object()) complete(value.get_object(), schema, positions, path);
  const json::object* items = object_at(schema, "items");
  if (!value.is_array() || items == nullptr) return;
  for (std::size_t i = 0; i < value.get_array().size(); ++i) {
    complete(value.get_array()[i], *items, positions, item_path(path, i));
  }
}

void complete(json::object& options, const json::object& schema, const OptionPositions& positions,
              const std::string& path) {
  const json::object* properties = object_at(schema, "properties");
  if (properties == nullptr) return;
  for (const auto& property : *properties) {
    const json::object* rules = property.value().if_object();
    if (rules == nullptr) continue;
    const json::value* fallback = rules->if_contains("default");
    if (fallback != nullptr && !options.contains(property.key())) {
      options[property.key()] = *fallback;
    } else if (json::value* value = options.if_contains(property.key())) {
      complete(*value, *rules, positions, join_path(path, property.key()));
    }
  }
}

}  // namespace

void apply_defaults(json::object& options, const json::object& json_schema,
                    const OptionPositions& positions) {
  complete(options, json_schema, positions, "");
}

}  // namespace sluice::host
