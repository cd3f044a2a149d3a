#include "sluice/spec.hpp"

#include <algorithm>

#include "sluice/error.hpp"

namespace sluice {
namespace {

json::object typed(std::string_view type) {
  return {{"type", type}};
}

}  // namespace

Spec::Spec(std::string_view title) : title_{title} {}

Spec& Spec::add(std::string_view name, json::object property) {
  const auto same = [&](const auto& known) { return known.first == name; };
  if (std::any_of(properties_.begin(), properties_.end(), same)) {
    throw Error{Code::Internal, "option '" + std::string{name} + "' is declared twice"};
  }
  properties_.emplace_back(name, std::move(property));
  return *this;
}

json::object& Spec::last() {
  if (properties_.empty()) {
    throw Error{Code::Internal, "declare an option before you describe it"};
  }
  return properties_.back().second;
}

Spec& Spec::string(std::string_view name) {
  return add(name, typed("string"));
}

Spec& Spec::secret(std::string_view name) {
  return add(name, {{"type", "string"}, {"writeOnly", true}});
}

Spec& Spec::integer(std::string_view name) {
  return add(name, typed("integer"));
}
Spec& Spec::number(std::string_view name) {
  return add(name, typed("number"));
}
Spec& Spec::boolean(std::string_view name) {
  return add(name, typed("boolean"));
}

Spec& Spec::choice(std::string_view name, std::initializer_list<std::string_view> values) {
  json::array allowed;
  for (const auto value : values) allowed.emplace_back(value);
  return add(name, {{"type", "string"}, {"enum", std::move(allowed)}});
}

Spec& Spec::strings(std::string_view name) {
  return add(name, {{"type", "array"}, {"items", {{"type", "string"}}}});
}

Spec& Spec::network() {
  return choice("http_version", {"2", "1.1"})
      .describe("Highest version of HTTP to use")
      .fallback("2")
      .string("proxy")
      .describe("Proxy to go through; the environment's https_proxy otherwise")
      .example("http://proxy.example.com:3128")
      .file("ca_file")
      .read_only()
      .describe("File of trusted certificates (PEM) instead of the system's")
      .boolean("allow_plain_http")
      .describe("Send credentials in clear to an http:// address beyond this machine")
      .fallback(false)
      .strings("allow_addresses")
      .describe("IP addresses to connect to although they are link-local or serve cloud metadata");
}

Spec& Spec::file(std::string_view name) {
  return add(name, {{"type", "string"}, {"format", "file-path"}});
}

Spec& Spec::directory(std::string_view name) {
  return add(name, {{"type", "string"}, {"format", "directory-path"}});
}

Spec& Spec::read_only() {
  last()["access"] = "read";
  return *this;
}

Spec& Spec::describe(std::string_view text) {
  last()["description"] = text;
  return *this;
}

Spec& Spec::required() {
  static_cast<void>(last());
  const auto& name = properties_.back().first;
  if (std::find(required_.begin(), required_.end(), name) == required_.end()) {
    required_.push_back(name);
  }
  return *this;
}

Spec& Spec::fallback(json::value value) {
  last()["default"] = std::move(value);
  return *this;
}

Spec& Spec::example(json::value value) {
  auto& examples = last()["examples"];
  if (!examples.is_array()) examples.emplace_array();
  examples.get_array().push_back(std::move(value));
  return *this;
}

Spec& Spec::minimum(double value) {
  last()["minimum"] = value;
  return *this;
}

Spec& Spec::maximum(double value) {
  last()["maximum"] = value;
  return *this;
}

json::object Spec::schema() const {
  json::object properties;
  for (const auto& [name, property] : properties_) properties[name] = property;
  json::array required;
  for (const auto& name : required_) required.emplace_back(name);
  json::object schema{{"type", "object"}, {"properties", std::move(properties)}};
  if (!required.empty()) schema["required"] = std::move(required);
  schema["additionalProperties"] = false;
  return schema;
}

}  // namespace sluice
