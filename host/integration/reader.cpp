#include "integration/reader.hpp"

#include <algorithm>

#include "integration/scalar.hpp"
#include "integration/suggest.hpp"

namespace sluice::host {

const YamlNode* Reader::child(const YamlNode* block, std::string_view key) {
  const YamlEntry* entry = block == nullptr ? nullptr : block->find(key);
  return entry == nullptr ? nullptr : entry->value;
}

std::string Reader::text(const YamlNode* scalar, std::string fallback) const {
  if (scalar == nullptr || scalar->kind != YamlNode::Kind::Scalar) return fallback;
  auto value = substitution_.apply(scalar->text, scalar->at, findings_);
  return value.resolved ? std::move(value.text) : fallback;
}

bool Reader::flag(const YamlNode* scalar) const {
  const auto value = core_value(text(scalar, "false"));
  return value && value->is_bool() && value->get_bool();
}

ExpressionText Reader::expression(const YamlNode* scalar) const {
  if (scalar == nullptr || scalar->kind != YamlNode::Kind::Scalar) return {};
  return expression_text(*scalar, source_);
}

json::value Reader::value(const YamlNode& node) const {
  return value(node, node.at, "", nullptr);
}

json::object Reader::object(const YamlNode* map) const {
  if (map == nullptr || map->kind != YamlNode::Kind::Map) return {};
  return std::move(value(*map).as_object());
}

json::object Reader::options(const YamlNode& block, const std::vector<std::string>& known,
                             OptionPositions& positions) const {
  json::object options;
  for (const auto& entry : block.entries) {
    if (std::find(known.begin(), known.end(), entry.key) != known.end()) continue;
    options[entry.key] = value(*entry.value, entry.key_at, entry.key, &positions);
  }
  return options;
}

json::value Reader::value(const YamlNode& node, Position key_at, const std::string& path,
                          OptionPositions* positions) const {
  OptionPosition position;
  static_cast<Position&>(position) = key_at;
  position.value = node.at;
  json::value result;
  switch (node.kind) {
    case YamlNode::Kind::Null:
      break;
    case YamlNode::Kind::Scalar:
      result = scalar(node, position);
      break;
    case YamlNode::Kind::Sequence: {
      auto& items = result.emplace_array();
      for (std::size_t i = 0; i < node.items.size(); ++i) {
        const std::string below = path + "[" + std::to_string(i) + "]";
        items.push_back(value(*node.items[i], node.items[i]->at, below, positions));
      }
      break;
    }
    case YamlNode::Kind::Map: {
      auto& members = result.emplace_object();
      for (const auto& entry : node.entries) {
        members[entry.key] = value(*entry.value, entry.key_at, path + "." + entry.key, positions);
      }
      break;
    }
  }
  if (positions != nullptr) positions->emplace(path, position);
  return result;
}

json::value Reader::scalar(const YamlNode& node, OptionPosition& position) const {
  const auto value = substitution_.apply(node.text, node.at, findings_);
  position.substituted = value.substituted;
  position.resolved = value.resolved;
  if (!node.plain || value.substituted) return json::value(json::string_view{value.text});
  auto typed = core_value(value.text);
  if (typed) return std::move(*typed);
  findings_.error(node.at, in_quotes(node.text) + " is a number that cannot be kept exactly",
                  "numbers have up to 64 bits; put it in quotes to make it a string");
  return {};
}

}  // namespace sluice::host
