#include "integration/options.hpp"

#include <algorithm>
#include <functional>
#include <optional>

#include "integration/findings.hpp"
#include "integration/grammar.hpp"
#include "integration/option_schema.hpp"
#include "integration/scalar.hpp"
#include "integration/suggest.hpp"

namespace sluice::host {
namespace {

class OptionCheck {
 public:
  OptionCheck(const OptionPositions& positions, const OptionScope& scope, Findings& findings)
      : positions_{positions}, scope_{scope}, findings_{findings} {}

  void object(const json::object& value, const json::object& schema, const std::string& path) {
    const json::object* properties = object_at(schema, "properties");
    std::vector<std::string> known;
    if (properties != nullptr) {
      for (const auto& property : *properties) known.emplace_back(property.key());
    }
    for (const auto& member : value) {
      const std::string below = join_path(path, member.key());
      const json::object* property =
          properties == nullptr ? nullptr : object_at(*properties, member.key());
      if (property != nullptr) {
        check(member.value(), *property, below);
      } else if (const auto* more = schema.if_contains("additionalProperties")) {
        if (more->is_bool() && !more->get_bool()) unknown(below, member.key(), known, path);
        if (more->is_object()) check(member.value(), more->get_object(), below);
      }
    }
    if (const auto* required = array_at(schema, "required"))
      missing(value, *required, schema, path);
  }

 private:
  [[nodiscard]] OptionPosition position(const std::string& path) const {
    const auto found = positions_.find(path);
    if (found != positions_.end()) return found->second;
    OptionPosition nowhere;
    static_cast<Position&>(nowhere) = scope_.at;
    nowhere.value = scope_.at;
    return nowhere;
  }

  [[nodiscard]] std::string named(const std::string& path) const {
    return join_path(scope_.name, path);
  }

  void unknown(const std::string& path, std::string_view key, std::vector<std::string> known,
               const std::string& parent) {
    if (parent.empty()) {
      known.insert(known.end(), scope_.generic_keys.begin(), scope_.generic_keys.end());
    }
    const std::string where = named(parent);
    findings_.error(position(path),
                    "unknown option " + in_quotes(key) + (where.empty() ? "" : " in " + where),
                    known.empty() ? "no options are allowed here" : suggestion(key, known));
  }

  void missing(const json::object& value, const json::array& required, const json::object& schema,
               const std::string& path) {
    const std::string where = named(path);
    for (const auto& name : required) {
      if (!name.is_string() || value.contains(name.get_string())) continue;
      std::string hint;
      const auto* properties = object_at(schema, "properties");
      const auto* property =
          properties == nullptr ? nullptr : object_at(*properties, name.get_string());
      if (property != nullptr) {
        const auto* about = property->if_contains("description");
        if (about != nullptr && about->is_string()) hint = std::string{about->get_string()};
      }
      findings_.error(path.empty() ? scope_.at : position(path),
                      (where.empty() ? "" : where + " lacks ") +
                          std::string{where.empty() ? "missing option " : "the option "} +
                          in_quotes(name.get_string()),
                      hint);
    }
  }

  void check(const json::value& given, const json::object& schema, const std::string& path) {
    const auto at = position(path);
    const bool secret = is_set(schema, "writeOnly");
    if (!at.resolved) return;
    const auto types = types_of(schema);
    const auto typed = at.substituted ? coerced(given, types) : std::nullopt;
    const json::value& value = typed ? *typed : given;
    const bool shown = !secret && !at.substituted;
    if (!has_one_of(value, types)) {
      const bool only_quotes =
          shown && !given.is_structured() && !given.is_null() && has_one_of(json::value(""), types);
      findings_.error(
          at.value, named(path) + " must be " + described(types) + "; found " + found(given, shown),
          only_quotes ? "put it in quotes" : "");
      return;
    }
    if (secret && !at.substituted && value.is_string()) {
      findings_.warning(
          at.value, named(path) + " is a secret and stands in the file in plain text",
          "write ${NAME} and set the environment variable, or ${file:/run/secrets/…}");
    }
    words(value, schema, path, at, shown);
    range(value, schema, path, at, shown);
    if (value.is_object()) object(value.get_object(), schema, path);
    const json::object* items = object_at(schema, "items");
    if (!value.is_array() || items == nullptr) return;
    for (std::size_t i = 0; i < value.get_array().size(); ++i) {
      check(value.get_array()[i], *items, item_path(path, i));
    }
  }

  void words(const json::value& value, const json::object& schema, const std::string& path,
             const OptionPosition& at, bool shown) {
    const auto* allowed = array_at(schema, "enum");
    if (allowed == nullptr ||
        std::find(allowed->begin(), allowed->end(), value) != allowed->end()) {
      return;
    }
    std::vector<std::string> names;
    for (const auto& word : *allowed) {
      names.push_back(word.is_string() ? std::string{word.get_string()} : to_json(word));
    }
    const auto close =
        value.is_string() && shown ? closest(value.get_string(), names) : std::nullopt;
    findings_.error(
        at.value,
        named(path) + " must be " + alternatives(names) + "; found " + found(value, shown),
        close ? "did you mean " + in_quotes(*close) + "?" : "");
  }

  void range(const json::value& value, const json::object& schema, const std::string& path,
             const OptionPosition& at, bool shown) {
    if (!value.is_number()) return;
    const double number = value.to_number<double>();
    const auto bound = [&](std::string_view keyword, auto breaks, const std::string& says) {
      const json::value* limit = schema.if_contains(keyword);
      if (limit == nullptr || !limit->is_number()) return;
      if (!breaks(number, limit->to_number<double>())) return;
      findings_.error(at.value, named(path) + " must be " + says + " " + to_json(*limit) +
                                    "; found " + found(value, shown));
    };
    bound("minimum", std::less<>{}, "at least");
    bound("maximum", std::greater<>{}, "at most");
  }

  static std::string found(const json::value& value, bool shown) {
    if (!shown) return value.is_string() ? "another text" : kind_of(value);
    if (value.is_null() || value.is_structured()) return kind_of(value);
    if (value.is_string()) return in_quotes(value.get_string());
    return (value.is_bool() ? "the boolean " : "the number ") + to_json(value);
  }

  const OptionPositions& positions_;
  const OptionScope& scope_;
  Findings& findings_;
};

const Shape& shape_below(const Shape& block, std::string_view key) {
  return std::find_if(block.keys.begin(), block.keys.end(),
                      [&](const KeyRule& rule) { return rule.name == key; })
      ->shape;
}

const Shape& sync_shape() {
  return shape_below(integration_shape(), "syncs").item.front();
}

}  // namespace

std::vector<std::string> connection_keys() {
  return key_names(connection_shape());
}
std::vector<std::string> read_keys() {
  return key_names(shape_below(sync_shape(), "read"));
}
std::vector<std::string> write_keys() {
  return key_names(shape_below(sync_shape(), "write"));
}

std::vector<Diagnostic> validate_options(const json::object& options,
                                         const json::object& json_schema,
                                         const OptionPositions& positions, const std::string& file,
                                         const OptionScope& scope) {
  Findings findings{file};
  OptionCheck{positions, scope, findings}.object(options, json_schema, "");
  return findings.sorted();
}

}  // namespace sluice::host
