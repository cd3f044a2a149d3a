#include "integration/schema.hpp"

#include "integration/grammar.hpp"

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

}  // namespace

json::value integration_schema() {
  json::object schema{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                      {"title", "Sluice integration file"},
                      {"description", "Moves records from a source to a destination."}};
  for (auto& member : schema_of(integration_shape())) schema.insert(member);
  return schema;
}

}  // namespace sluice::host
