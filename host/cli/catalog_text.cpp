#include "cli/catalog_text.hpp"

#include <fmt/format.h>

#include <cctype>
#include <string>

#include "cli/command.hpp"

namespace sluice::host::cli {
namespace {

// Of columns, of which the last ones may be empty.
void print_row(std::string text) {
  text.erase(text.find_last_not_of(' ') + 1);
  print(std::string_view{text});
}

const json::object& object_at(const json::object& object, std::string_view member) {
  static const json::object kNone;
  const auto* found = object.if_contains(member);
  return found != nullptr && found->is_object() ? found->get_object() : kNone;
}

const json::array& array_at(const json::object& object, std::string_view member) {
  static const json::array kNone;
  const auto* found = object.if_contains(member);
  return found != nullptr && found->is_array() ? found->get_array() : kNone;
}

std::string text_of(const json::value& value) {
  return value.is_string() ? std::string{value.get_string()} : to_json(value);
}

std::string text_at(const json::object& object, std::string_view member) {
  const auto* found = object.if_contains(member);
  return found != nullptr ? text_of(*found) : std::string{};
}

bool is_true(const json::object& object, std::string_view member) {
  const auto* found = object.if_contains(member);
  return found != nullptr && found->is_bool() && found->get_bool();
}

std::string joined(const json::array& values, std::string_view between) {
  std::string text;
  for (const auto& value : values) {
    if (!text.empty()) text += between;
    text += text_of(value);
  }
  return text;
}

std::string path_of(const std::string& above, std::string_view name) {
  bool plain = !name.empty() && std::isdigit(static_cast<unsigned char>(name.front())) == 0;
  for (const char c : name)
    plain = plain && (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_');
  return plain ? above + '.' + std::string{name}
               : (above.empty() ? "." : above) + '[' + to_json(json::value(name)) + ']';
}

// Of a record, by its JSON Schema.
void print_members(const std::string& above, const json::object& schema) {
  for (const auto& member : object_at(schema, "properties")) {
    if (!member.value().is_object()) continue;
    const auto& of = member.value().get_object();
    const std::string path = path_of(above, std::string_view{member.key()});
    if (!object_at(of, "properties").empty()) {
      print_members(path, of);
    } else {
      const std::string types = joined(array_at(of, "type"), " or ");
      print_row(fmt::format("    {:<48} {:<8} {}", path,
                            types.empty() ? text_at(of, "type") : types, text_at(of, "title")));
    }
  }
}

void print_options(const json::object& owner) {
  for (const auto& option : object_at(object_at(owner, "options"), "properties")) {
    if (!option.value().is_object()) continue;
    const auto& of = option.value().get_object();
    std::string values = joined(array_at(of, "enum"), " | ");
    if (values.empty()) values = text_at(of, "type");
    const std::string fallback = text_at(of, "default");
    if (!fallback.empty()) values += " (default " + fallback + ")";
    print_row(fmt::format("    option {}: {}. {}", std::string_view{option.key()}, values,
                          text_at(of, "description")));
  }
}

void print_fields(const json::object& object) {
  for (const auto& field : array_at(object, "fields")) {
    if (!field.is_object()) continue;
    const auto& of = field.get_object();
    print_row(fmt::format("    {:<48} {}{}{}", text_at(of, "name"), text_at(of, "type"),
                          is_true(of, "set") ? ", a set" : "",
                          is_true(of, "required") ? ", required" : ""));
  }
}

}  // namespace

void print_streams(const json::object& catalog, const InFull& in_full) {
  for (const auto& entry : array_at(catalog, "streams")) {
    if (!entry.is_object()) continue;
    const auto& stream = entry.get_object();
    const std::string name = text_at(stream, "name");
    print_row(fmt::format("  stream {:<24} {}", name, joined(array_at(stream, "modes"), ", ")));
    if (!in_full(name)) continue;
    print_options(stream);
    print_members({}, object_at(stream, "schema"));
  }
}

void print_objects(const json::object& catalog, const InFull& in_full) {
  for (const auto& entry : array_at(catalog, "objects")) {
    if (!entry.is_object()) continue;
    const auto& object = entry.get_object();
    const std::string name = text_at(object, "name");
    const std::string match = joined(array_at(object, "match"), ", ");
    const std::string actions = joined(array_at(object, "delete_actions"), ", ");
    print_row(fmt::format("  object {:<24} {}{}{}", name,
                          match.empty() ? "" : "matched by " + match,
                          match.empty() || actions.empty() ? "" : "; ",
                          actions.empty() ? "" : "on_delete: keep, " + actions));
    if (!in_full(name)) continue;
    print_options(object);
    print_fields(object);
  }
}

}  // namespace sluice::host::cli
