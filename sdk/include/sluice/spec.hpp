// Declares a connector's options: names, types, defaults, which are secret. The result is a JSON
// Schema that the host checks the integration file against, that `lint` and editors complete from,
// and that the dashboard's forms show.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <sluice/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice {

// Fluent: Spec{"Billing"}.string("site").describe("…").required().secret("api_key").required()
// `describe`, `required`, `fallback`, `example`, `minimum`, `maximum` refer to the option named
// last.
class Spec {
 public:
  Spec() = default;
  explicit Spec(std::string_view title);

  Spec& string(std::string_view name);
  // A string that is `writeOnly`: never logged, shown or stored.
  Spec& secret(std::string_view name);
  Spec& integer(std::string_view name);
  Spec& number(std::string_view name);
  Spec& boolean(std::string_view name);
  Spec& choice(std::string_view name, std::initializer_list<std::string_view> values);
  Spec& strings(std::string_view name);  // an array of strings
  // The path of a file or of a directory. A connector's process reaches no files but those that
  // such options of the connection name (docs/isolation.md): a source may read them, a destination
  // may read and write them and what a directory contains. Without a default: only what a person
  // wrote is granted.
  Spec& file(std::string_view name);
  Spec& directory(std::string_view name);
  // Of a path: a destination only reads it as well, such as a certificate.
  Spec& read_only();
  // The options of every connector over HTTP; sluice::network_of reads them.
  Spec& network();

  Spec& describe(std::string_view text);
  Spec& required();
  Spec& fallback(json::value value);  // the default
  Spec& example(json::value value);
  Spec& minimum(double value);
  Spec& maximum(double value);

  [[nodiscard]] const std::string& title() const noexcept { return title_; }
  // {"type":"object","properties":{…},"required":[…],"additionalProperties":false}
  [[nodiscard]] json::object schema() const;

 private:
  Spec& add(std::string_view name, json::object property);
  json::object& last();  // the option named last

  std::string title_;
  std::vector<std::pair<std::string, json::object>> properties_;
  std::vector<std::string> required_;
};

// Options by the name of a stream or object.
using NamedSpecs = std::vector<std::pair<std::string, Spec>>;

// A connector's options as the host hands them over: checked against the schema, defaults filled
// in. Every accessor throws Error{Config} naming the option when it is absent or of another type.
class Config {
 public:
  explicit Config(json::object values) : values_{std::move(values)} {}

  [[nodiscard]] bool has(std::string_view name) const noexcept;
  [[nodiscard]] std::string text(std::string_view name) const;
  [[nodiscard]] std::string text(std::string_view name, std::string_view fallback) const;
  [[nodiscard]] std::string secret(std::string_view name) const { return text(name); }
  [[nodiscard]] std::int64_t integer(std::string_view name) const;
  [[nodiscard]] std::int64_t integer(std::string_view name, std::int64_t fallback) const;
  [[nodiscard]] double number(std::string_view name, double fallback) const;
  [[nodiscard]] bool flag(std::string_view name, bool fallback) const;
  [[nodiscard]] std::vector<std::string> texts(std::string_view name) const;
  [[nodiscard]] const json::object& values() const noexcept { return values_; }

 private:
  [[nodiscard]] const json::value* find(std::string_view name) const noexcept;

  json::object values_;
};

}  // namespace sluice
