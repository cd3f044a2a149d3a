#include "integration/check.hpp"

#include <algorithm>
#include <functional>

#include "integration/scalar.hpp"
#include "integration/suggest.hpp"

namespace sluice::host {
namespace {

using Kind = Shape::Kind;

// `syncs.customers.write`; a key with other characters than those of a name stands in quotes.
std::string join(const std::string& path, const std::string& key) {
  const std::string shown = is_name(key) ? key : in_quotes(key);
  return path.empty() ? shown : path + "." + shown;
}

class ShapeCheck {
 public:
  ShapeCheck(const Substitution& substitution, Findings& findings)
      : substitution_{substitution}, findings_{findings} {}

  void check(const YamlNode& node, const Shape& shape, const std::string& path) {
    switch (shape.kind) {
      case Kind::Text:
      case Kind::Choice:
      case Kind::Number:
      case Kind::Boolean:
        scalar(node, shape, path);
        break;
      case Kind::Expression:
        expression(node, shape, path);
        break;
      case Kind::Block:
        block(node, shape, path);
        break;
      case Kind::Map:
        map(node, shape, path);
        break;
      case Kind::Sequence:
        sequence(node, shape, path);
        break;
      case Kind::Values:
        if (node.kind != YamlNode::Kind::Map)
          wrong(node, shape, path);
        else if (shape.not_empty && node.entries.empty())
          empty(node, path);
        break;
      case Kind::Nothing:
        break;
      case Kind::OneOf:
        one_of(node, shape, path);
        break;
    }
  }

 private:
  void scalar(const YamlNode& node, const Shape& shape, const std::string& path) {
    if (node.kind != YamlNode::Kind::Scalar) return wrong(node, shape, path);
    const auto value = substitution_.apply(node.text, node.at, findings_);
    if (!value.resolved) return;
    // What replaces a `${…}` has no type of its own: it is read as the place needs it.
    const bool typed = node.plain && !value.substituted;
    if (fits(value.text, typed, shape)) return;
    const std::string found =
        value.substituted ? "the value of " + in_quotes(node.text) : shown(node);
    const std::string expected = shape.words.empty() ? shape.expected : alternatives(shape.words);
    std::string hint;
    if (shape.kind == Kind::Text && typed && is_typed(value.text) && accepted(value.text, shape)) {
      hint = "put it in quotes";
    } else if (!value.substituted && !shape.words.empty()) {
      if (const auto close = closest(value.text, shape.words)) {
        hint = "did you mean " + in_quotes(*close) + "?";
      }
    }
    findings_.error(node.at, path + " must be " + expected + "; found " + found, hint);
  }

  [[nodiscard]] static bool accepted(const std::string& text, const Shape& shape) {
    return !text.empty() && (shape.accepts == nullptr || shape.accepts(text));
  }

  // Whether plain text stands for something else than a string.
  [[nodiscard]] static bool is_typed(const std::string& text) {
    const auto value = core_value(text);
    return !value || !value->is_string();
  }

  [[nodiscard]] static bool fits(const std::string& text, bool typed, const Shape& shape) {
    switch (shape.kind) {
      case Kind::Choice:
        return std::find(shape.words.begin(), shape.words.end(), text) != shape.words.end();
      case Kind::Number: {
        const auto number = core_number(text);
        return number && *number > shape.above && *number <= shape.most;
      }
      case Kind::Boolean: {
        const auto value = core_value(text);
        return value && value->is_bool();
      }
      default:
        return accepted(text, shape) && (!typed || shape.number_too || !is_typed(text));
    }
  }

  void expression(const YamlNode& node, const Shape& shape, const std::string& path) {
    if (node.kind != YamlNode::Kind::Scalar) return wrong(node, shape, path);
    if (node.text.find_first_not_of(" \t\r\n") == std::string::npos) return empty(node, path);
    if (has_reference(node.text)) {
      findings_.warning(node.at, path + " has a ${…}, which is not replaced in an expression");
    }
  }

  void block(const YamlNode& node, const Shape& shape, const std::string& path) {
    if (node.kind != YamlNode::Kind::Map) return wrong(node, shape, path);
    const auto known = key_names(shape);
    for (const auto& entry : node.entries) {
      const auto rule = std::find(known.begin(), known.end(), entry.key);
      if (rule != known.end()) {
        check(*entry.value, shape.keys[static_cast<std::size_t>(rule - known.begin())].shape,
              join(path, entry.key));
      } else if (!shape.open) {
        findings_.error(entry.key_at,
                        "unknown key " + in_quotes(entry.key) + (path.empty() ? "" : " in " + path),
                        suggestion(entry.key, known));
      }
    }
    for (const auto& rule : shape.keys) {
      if (!rule.required || node.find(rule.name) != nullptr) continue;
      findings_.error(node.at,
                      (path.empty() ? "the file" : path) + " lacks the key " + in_quotes(rule.name),
                      rule.about);
    }
  }

  void map(const YamlNode& node, const Shape& shape, const std::string& path) {
    if (node.kind != YamlNode::Kind::Map) return wrong(node, shape, path);
    if (shape.not_empty && node.entries.empty()) return empty(node, path);
    for (const auto& entry : node.entries) {
      if (shape.accepts_name != nullptr && !shape.accepts_name(entry.key)) {
        findings_.error(entry.key_at, in_quotes(entry.key) + " cannot be a name in " + path,
                        "use letters, digits, '-', '_' and '.', starting with a letter or digit");
      }
      check(*entry.value, shape.item.front(), join(path, entry.key));
    }
  }

  void sequence(const YamlNode& node, const Shape& shape, const std::string& path) {
    if (node.kind != YamlNode::Kind::Sequence) return wrong(node, shape, path);
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      check(*node.items[i], shape.item.front(), path + "[" + std::to_string(i) + "]");
    }
  }

  void one_of(const YamlNode& node, const Shape& shape, const std::string& path) {
    const auto suits = [&](const Shape& variant) {
      switch (variant.kind) {
        case Kind::Nothing:
          return node.kind == YamlNode::Kind::Null && !node.text.empty();
        case Kind::Block:
          return node.kind == YamlNode::Kind::Map;
        default:
          return node.kind == YamlNode::Kind::Scalar;
      }
    };
    const auto variant = std::find_if(shape.variants.begin(), shape.variants.end(), suits);
    if (variant == shape.variants.end()) return wrong(node, shape, path);
    if (variant->kind != Kind::Choice) return check(node, *variant, path);
    // Of several forms the message offers all, not only the words.
    const auto value = substitution_.apply(node.text, node.at, findings_);
    if (value.resolved && !fits(value.text, false, *variant)) wrong(node, shape, path);
  }

  void wrong(const YamlNode& node, const Shape& shape, const std::string& path) {
    findings_.error(node.at, (path.empty() ? "the file" : path) + " must be " + shape.expected +
                                 "; found " + shown(node));
  }

  void empty(const YamlNode& node, const std::string& path) {
    findings_.error(node.at, path + " is empty");
  }

  static std::string shown(const YamlNode& node) {
    switch (node.kind) {
      case YamlNode::Kind::Null:
        return "nothing";
      case YamlNode::Kind::Sequence:
        return "a sequence";
      case YamlNode::Kind::Map:
        return "a mapping";
      case YamlNode::Kind::Scalar:
        break;
    }
    const auto value = node.plain ? core_value(node.text) : std::nullopt;
    if (value && value->is_bool()) return "the boolean " + node.text;
    if (value && value->is_number()) return "the number " + node.text;
    return in_quotes(node.text);
  }

  const Substitution& substitution_;
  Findings& findings_;
};

}  // namespace

void check_shape(const YamlNode& root, const Shape& shape, const Substitution& substitution,
                 Findings& findings) {
  ShapeCheck{substitution, findings}.check(root, shape, "");
}

}  // namespace sluice::host
