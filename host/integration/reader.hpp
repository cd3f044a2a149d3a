// Takes typed values out of a tree. What the shape check has already reported is passed over in
// silence.
#pragma once

#include <string>
#include <string_view>

#include "integration/findings.hpp"
#include "integration/substitute.hpp"
#include "integration/yaml.hpp"

namespace sluice::host {

class Reader {
 public:
  Reader(const SourceText& source, const Substitution& substitution, Findings& findings)
      : source_{source}, substitution_{substitution}, findings_{findings} {}

  [[nodiscard]] Findings& findings() const noexcept { return findings_; }

  // The value of a key; null when `block` is no mapping or does not have it.
  static const YamlNode* child(const YamlNode* block, std::string_view key);

  // The text of a scalar with `${…}` replaced; `fallback` when it is absent, no scalar or without a
  // value.
  [[nodiscard]] std::string text(const YamlNode* scalar, std::string fallback = {}) const;
  [[nodiscard]] bool flag(const YamlNode* scalar) const;
  [[nodiscard]] ExpressionText expression(const YamlNode* scalar) const;

  // Any value as JSON: plain scalars by YAML's core types, quoted and replaced ones as strings.
  [[nodiscard]] json::value value(const YamlNode& node) const;
  [[nodiscard]] json::object object(const YamlNode* map) const;

  // The keys of `block` that are not in `known`, with positions of everything in them.
  [[nodiscard]] json::object options(const YamlNode& block, const std::vector<std::string>& known,
                                     OptionPositions& positions) const;

 private:
  [[nodiscard]] json::value value(const YamlNode& node, Position key_at, const std::string& path,
                                  OptionPositions* positions) const;
  [[nodiscard]] json::value scalar(const YamlNode& node, OptionPosition& position) const;

  const SourceText& source_;
  const Substitution& substitution_;
  Findings& findings_;
};

}  // namespace sluice::host
