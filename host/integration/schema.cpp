#include "integration/schema.hpp"

#include <string>

#include "integration/grammar.hpp"
#include "integration/options.hpp"

namespace sluice::host {
namespace {

using Kind = Shape::Kind;

// What holds a `${…}` is only known when it is replaced.
json::object reference() {
  return {{"type", "string"}, {"pattern", "\\$\\{"}};
}

json::object or_reference(json::object schema) {
  return {{"anyOf", json::array{std::move(schema), reference()}}};
}

json::object schema_of(const Shape& shape);

json::object text_schema(const Shape& shape) {
  json::object schema{{"type", "string"}, {"minLength", 1}};
  if (shape.number_too) schema["type"] = json::array{"string", "number"};
  if (shape.pattern.empty()) return schema;
  schema["pattern"] = shape.pattern;
  schema["errorMessage"] = "must be " + shape.expected;
  return or_reference(std::move(schema));
}

json::object block_schema(const Shape& shape) {
  json::object properties;
  json::array required;
  for (const auto& key : shape.keys) {
    json::object property{{"description", key.about}};
    for (auto& member : schema_of(key.shape)) property.insert(member);
    if (key.fallback) property["default"] = *key.fallback;
    properties[key.name] = std::move(property);
    if (key.required) required.push_back(json::value(json::string_view{key.name}));
  }
  json::object schema{{"type", "object"}, {"properties", std::move(properties)}};
  if (!required.empty()) schema["required"] = std::move(required);
  if (shape.open) {
    schema["additionalProperties"] =
        json::object{{"description", "One of the " + shape.also + "."}};
  } else {
    schema["additionalProperties"] = false;
  }
  return schema;
}

json::object map_schema(const Shape& shape) {
  json::object schema{{"type", "object"}, {"additionalProperties", schema_of(shape.item.front())}};
  if (shape.not_empty) schema["minProperties"] = 1;
  if (shape.accepts_name != nullptr) {
    schema["propertyNames"] = json::object{{"pattern", "^[A-Za-z0-9][A-Za-z0-9._-]*$"}};
  }
  return schema;
}

json::object schema_of(const Shape& shape) {
  switch (shape.kind) {
    case Kind::Text:
      return text_schema(shape);
    case Kind::Expression:
      return {{"type", json::array{"string", "number", "boolean"}}};
    case Kind::Choice: {
      json::array words;
      for (const auto& word : shape.words) words.push_back(json::value(json::string_view{word}));
      return or_reference({{"enum", std::move(words)}});
    }
    case Kind::Number:
      return or_reference(
          {{"type", "number"}, {"exclusiveMinimum", shape.above}, {"maximum", shape.most}});
    case Kind::Boolean:
      return or_reference({{"type", "boolean"}});
    case Kind::Block:
      return block_schema(shape);
    case Kind::Map:
      return map_schema(shape);
    case Kind::Sequence:
      return {{"type", "array"}, {"items", schema_of(shape.item.front())}};
    case Kind::Values: {
      json::object schema{{"type", "object"}};
      if (shape.not_empty) schema["minProperties"] = 1;
      return schema;
    }
    case Kind::Nothing:
      return {{"type", "null"}};
    case Kind::OneOf: {
      json::array variants;
      for (const auto& variant : shape.variants) variants.push_back(schema_of(variant));
      return {{"anyOf", std::move(variants)}};
    }
  }
  return {};
}

json::value option_schema(const json::value& option) {
  if (!option.is_object()) return option;
  json::object schema = option.get_object();
  const auto* type = schema.if_contains("type");
  const bool any_text = type != nullptr && *type == "string" && !schema.contains("enum");
  if (any_text) return schema;
  // A `${…}` is text, whatever it becomes.
  json::object outer;
  for (const char* annotation : {"description", "default", "examples"}) {
    if (const auto* value = schema.if_contains(annotation); value != nullptr) {
      outer[annotation] = *value;
      schema.erase(annotation);
    }
  }
  for (auto& member : or_reference(std::move(schema))) outer.insert(member);
  return outer;
}

// A block that takes the generic keys and these options, nothing else.
json::object options_block(const json::object& schema, const std::vector<std::string>& generic) {
  json::object properties;
  for (const auto& key : generic) properties[key] = true;
  for (const auto& option : schema.at("properties").as_object()) {
    properties[option.key()] = option_schema(option.value());
  }
  json::object block{{"properties", std::move(properties)}, {"additionalProperties", false}};
  if (const auto* required = schema.if_contains("required"); required != nullptr) {
    block["required"] = *required;
  }
  return block;
}

json::object conditional(const char* key, json::string_view value, json::object block) {
  const json::object is_it{{"properties", json::object{{key, json::object{{"const", value}}}}},
                           {"required", json::array{key}}};
  return {{"if", is_it}, {"then", std::move(block)}};
}

// What `read:` takes by stream, or `write:` by object, below `syncs:`.
json::object sync_block(const char* block, const char* key, const json::object& named,
                        const std::vector<std::string>& generic) {
  json::array cases;
  for (const auto& entry : named) {
    cases.push_back(
        conditional(key, entry.key(), options_block(entry.value().as_object(), generic)));
  }
  const json::object sync{
      {"properties", json::object{{block, json::object{{"allOf", std::move(cases)}}}}}};
  return {{"additionalProperties", sync}};
}

void add_connector(json::array& cases, const json::object& spec, const char* role) {
  const bool reads = role == std::string_view{"source"};
  json::object properties{{role, options_block(spec.at("config").as_object(), connection_keys())}};
  if (const auto* named = spec.if_contains(reads ? "read" : "write"); named != nullptr) {
    properties["syncs"] = reads ? sync_block("read", "stream", named->as_object(), read_keys())
                                : sync_block("write", "object", named->as_object(), write_keys());
  }
  const json::object connector = json::object{
      {"properties", json::object{{"connector", json::object{{"const", spec.at("id")}}}}},
      {"required", json::array{"connector"}}};
  cases.push_back(
      json::object{{"if", json::object{{"properties", json::object{{role, connector}}}}},
                   {"then", json::object{{"properties", std::move(properties)}}}});
}

}  // namespace

json::value integration_schema(const std::vector<json::object>& specs) {
  json::object schema{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                      {"title", "Sluice integration file"},
                      {"description", "Moves records from a source to a destination."}};
  for (auto& member : schema_of(integration_shape())) schema.insert(member);
  json::array cases;
  for (const auto& spec : specs) {
    for (const auto& role : spec.at("roles").as_array()) {
      add_connector(cases, spec, role.as_string().c_str());
    }
  }
  if (!cases.empty()) schema["allOf"] = std::move(cases);
  return schema;
}

}  // namespace sluice::host
