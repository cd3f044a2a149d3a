#include "pipeline/schema.hpp"

#include <re2/re2.h>

#include <algorithm>

#include "integration/load.hpp"
#include "integration/suggest.hpp"

namespace sluice::host {
namespace {

std::string text_of(const json::object& object, const char* name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string{value->get_string()} : std::string{};
}

bool flag_of(const json::object& object, const char* name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_bool() && value->get_bool();
}

std::vector<std::string> texts_of(const json::object& object, const char* name) {
  std::vector<std::string> out;
  if (const auto* values = object.if_contains(name); values != nullptr && values->is_array()) {
    for (const auto& value : values->get_array()) {
      if (value.is_string()) out.emplace_back(value.get_string());
    }
  }
  return out;
}

DestinationField field_of(const json::object& entry) {
  DestinationField field;
  field.name = text_of(entry, "name");
  field.type = field_type(text_of(entry, "type")).value_or(FieldType::Text);
  field.set = flag_of(entry, "set");
  field.built_in = flag_of(entry, "built_in");
  field.required = flag_of(entry, "required");
  field.options = texts_of(entry, "options");
  if (const auto* length = entry.if_contains("max_length");
      length != nullptr && length->is_int64()) {
    field.max_length = static_cast<std::uint32_t>(length->get_int64());
  }
  return field;
}

// The type for a field that does not exist yet: as the file says, else what the expression
// evidently yields.
std::string type_for(const FieldMapping& field) {
  if (!field.type.empty()) return field.type;
  const std::string& text = field.value.text;
  const auto ends_in_call = [&text](const std::string& function) {
    const auto at = text.rfind('|');
    const auto start =
        at == std::string::npos ? std::string::npos : text.find_first_not_of(' ', at + 1);
    return start != std::string::npos && text.compare(start, function.size(), function) == 0;
  };
  if (ends_in_call("datetime(")) return "datetime";
  if (ends_in_call("date(")) return "date";
  if (ends_in_call("money(")) return "number";
  return "text";
}

// What a JSON Schema says of a member of the records.
enum class Described {
  Yes,   // or nothing is described there at all
  No,    // others are; it may exist nevertheless
  Never  // no member but those described exists
};

struct Missed {
  std::string name;
  std::vector<std::string> others;  // those that are described in its place
};

bool matches_pattern(const json::object& schema, const std::string& name) {
  const auto* patterns = schema.if_contains("patternProperties");
  if (patterns == nullptr || !patterns->is_object()) return false;
  return std::any_of(patterns->get_object().begin(), patterns->get_object().end(),
                     [&name](const auto& pattern) {
                       return re2::RE2::PartialMatch(name, re2::RE2{std::string{pattern.key()}});
                     });
}

Described described(const json::object& schema, const std::vector<std::string>& path,
                    std::size_t depth, Missed& missed) {
  if (depth == path.size()) return Described::Yes;
  const std::string& name = path[depth];
  if (name == "[]") {
    const auto* items = schema.if_contains("items");
    return items != nullptr && items->is_object()
               ? described(items->get_object(), path, depth + 1, missed)
               : Described::Yes;
  }
  const auto* properties = schema.if_contains("properties");
  if (properties == nullptr || !properties->is_object()) return Described::Yes;
  if (const auto* member = properties->get_object().if_contains(name); member != nullptr) {
    return member->is_object() ? described(member->get_object(), path, depth + 1, missed)
                               : Described::Yes;
  }
  if (matches_pattern(schema, name)) return Described::Yes;
  missed.name = name;
  for (const auto& property : properties->get_object()) missed.others.emplace_back(property.key());
  const auto* open = schema.if_contains("additionalProperties");
  const bool closed = open != nullptr && open->is_bool() && !open->get_bool();
  return closed ? Described::Never : Described::No;
}

std::string likely(const Missed& missed) {
  const auto word = closest(missed.name, missed.others);
  return word ? ": did you mean " + in_quotes(*word) + "?" : "";
}

std::string dotted(const std::vector<std::string>& path) {
  std::string out;
  for (const auto& part : path) out += part == "[]" ? "[]" : "." + part;
  return out;
}

}  // namespace

DestinationSchema schema_of(const json::object& object) {
  DestinationSchema schema;
  schema.key_fold_lower = text_of(object, "key_fold") == "lower";
  if (const auto* fields = object.if_contains("fields"); fields != nullptr && fields->is_array()) {
    for (const auto& field : fields->get_array())
      schema.fields.push_back(field_of(field.as_object()));
  }
  return schema;
}

json::array wanted_fields(const SyncConfig& sync, const json::object& object) {
  const DestinationSchema schema = schema_of(object);
  json::array wanted;
  std::vector<std::string> seen;
  const auto want = [&](const std::string& name, const std::string& type) {
    const auto* known = schema.find(name);
    if (known != nullptr && (known->built_in || known->set)) return;
    if (std::find(seen.begin(), seen.end(), name) != seen.end()) return;
    seen.push_back(name);
    wanted.push_back(json::object{{"name", name}, {"type", type}});
  };
  for (const auto& field : sync.fields) want(field.name, type_for(field));
  for (const auto& rule : sync.rules) {
    for (const auto& member : rule.set) want(std::string{member.key()}, "text");
  }
  return wanted;
}

void check_mapping(const SyncConfig& sync, const json::object& stream, const json::object& object,
                   const std::string& file, std::vector<Diagnostic>& diagnostics) {
  lint_mapping(sync, file, diagnostics);
  const auto* schema = stream.if_contains("schema");
  if (schema == nullptr || !schema->is_object()) return;
  try {
    for (const auto& read : Mapping::compile(sync, schema_of(object)).paths()) {
      Missed missed;
      const Described answer = described(schema->get_object(), read.path, 0, missed);
      if (answer == Described::Yes) continue;
      const bool never = answer == Described::Never;
      diagnostics.push_back(
          {never ? Diagnostic::Severity::Error : Diagnostic::Severity::Warning, file, read.at,
           "records of stream \"" + sync.read.stream +
               (never ? "\" have no " : "\" are not known to have ") + dotted(read.path),
           never ? suggestion(missed.name, missed.others) : "check the spelling" + likely(missed)});
    }
  } catch (const IntegrationError&) {
    return;  // lint_mapping has said it already, with every position
  }
}

}  // namespace sluice::host
