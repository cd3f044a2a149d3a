#include "pipeline/schema.hpp"

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

// Whether a JSON Schema says that records have no such member: only where it names members and
// allows no others.
bool is_unknown(const json::object& schema, const std::vector<std::string>& path, std::size_t depth,
                std::vector<std::string>& allowed) {
  if (depth == path.size()) return false;
  const std::string& name = path[depth];
  if (name == "[]") {
    const auto* items = schema.if_contains("items");
    return items != nullptr && items->is_object() &&
           is_unknown(items->get_object(), path, depth + 1, allowed);
  }
  const auto* properties = schema.if_contains("properties");
  if (properties == nullptr || !properties->is_object()) return false;
  if (const auto* member = properties->get_object().if_contains(name); member != nullptr) {
    return member->is_object() && is_unknown(member->get_object(), path, depth + 1, allowed);
  }
  const auto* open = schema.if_contains("additionalProperties");
  if (open == nullptr || !open->is_bool() || open->get_bool()) return false;
  for (const auto& property : properties->get_object()) allowed.emplace_back(property.key());
  return true;
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
      std::vector<std::string> allowed;
      if (!is_unknown(schema->get_object(), read.path, 0, allowed)) continue;
      diagnostics.push_back(
          {Diagnostic::Severity::Error, file, read.at,
           "records of stream \"" + sync.read.stream + "\" have no " + dotted(read.path),
           suggestion(read.path.back(), allowed)});
    }
  } catch (const IntegrationError&) {
    return;  // lint_mapping has said it already, with every position
  }
}

}  // namespace sluice::host
