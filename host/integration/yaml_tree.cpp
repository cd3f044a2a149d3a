#include "integration/yaml_tree.hpp"

#include <algorithm>
#include <utility>

#include "integration/suggest.hpp"

namespace sluice::host {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}
bool is_break(char c) {
  return c == '\n' || c == '\r';
}

[[noreturn]] void too_deep(Position at) {
  throw YamlProblem{at, "nested deeper than " + std::to_string(kMaxYamlDepth) + " levels", {}};
}

}  // namespace

void TreeBuilder::OnDocumentStart(const YAML::Mark& mark) {
  if (document_.root_ == nullptr) return;
  throw YamlProblem{position(mark), "a second YAML document starts here",
                    "the file holds one; remove the ---"};
}

void TreeBuilder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
  YamlNode node;
  node.offset = start(mark);
  node.at = source_.position(node.offset);
  node.text = null_text(node.offset);
  if (expects_key()) {
    if (node.text.empty()) throw YamlProblem{node.at, "a key is empty", {}};
    begin_entry(node.text, node.at, node.offset + node.text.size());
    return;
  }
  // An empty value stands nowhere; its key is what a person looks for.
  if (node.text.empty() && !open_.empty() && open_.back().node->kind == YamlNode::Kind::Map) {
    node.at = open_.back().key.key_at;
  }
  add(std::move(node), anchor);
}

void TreeBuilder::OnScalar(const YAML::Mark& mark, const std::string& type, YAML::anchor_t anchor,
                           const std::string& value) {
  YamlNode node;
  node.kind = YamlNode::Kind::Scalar;
  node.offset = start(mark);
  node.at = source_.position(node.offset);
  node.text = value;
  node.style = style_at(node.offset, type);
  node.plain = node.style == ScalarStyle::Plain && type == "?";
  check_type(node.at, type, "str");
  const std::size_t end = end_of(node);
  if (!expects_key()) {
    add(std::move(node), anchor);
    return;
  }
  if (value.empty()) throw YamlProblem{node.at, "a key is empty", {}};
  begin_entry(value, node.at, end);
}

void TreeBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
  const Position at = position(mark);
  if (expects_key()) throw YamlProblem{at, "an alias cannot be a key", "write the key out"};
  const auto found = anchors_.find(anchor);
  if (found == anchors_.end() || is_open(found->second)) {
    throw YamlProblem{at, "an alias refers to what contains it", {}};
  }
  attach(found->second, at);
}

void TreeBuilder::OnSequenceStart(const YAML::Mark& mark, const std::string& type,
                                  YAML::anchor_t anchor, YAML::EmitterStyle::value style) {
  check_type(position(mark), type, "seq");
  open(YamlNode::Kind::Sequence, mark, anchor, style);
}

void TreeBuilder::OnMapStart(const YAML::Mark& mark, const std::string& type, YAML::anchor_t anchor,
                             YAML::EmitterStyle::value style) {
  check_type(position(mark), type, "map");
  open(YamlNode::Kind::Map, mark, anchor, style);
}

Position TreeBuilder::position(const YAML::Mark& mark) const {
  return source_.position(source_.offset(mark.line, mark.column));
}

// yaml-cpp marks a node with an anchor or a type at these; what a person wrote starts behind them.
std::size_t TreeBuilder::start(const YAML::Mark& mark) const {
  const auto text = source_.text();
  std::size_t at = source_.offset(mark.line, mark.column);
  while (at < text.size() && (text[at] == '&' || text[at] == '!')) {
    while (at < text.size() && !is_blank(text[at]) && !is_break(text[at])) ++at;
    while (at < text.size() && (is_blank(text[at]) || is_break(text[at]))) ++at;
  }
  return at;
}

// A null is marked where it is written or, when nothing is, where the next thing stands.
std::string TreeBuilder::null_text(std::size_t at) const {
  const auto rest = source_.text().substr(at);
  for (const std::string_view word : {"~", "null", "Null", "NULL"}) {
    if (!rest.starts_with(word)) continue;
    std::size_t end = word.size();
    if (end < rest.size() && !is_blank(rest[end]) && !is_break(rest[end]) &&
        std::string_view{",:]}"}.find(rest[end]) == std::string_view::npos) {
      continue;
    }
    while (end < rest.size() && is_blank(rest[end])) ++end;
    const bool is_key = end < rest.size() && rest[end] == ':';
    if (is_key == expects_key()) return std::string{word};
  }
  return {};
}

ScalarStyle TreeBuilder::style_at(std::size_t at, const std::string& type) const {
  if (type == "?" || at >= source_.text().size()) return ScalarStyle::Plain;
  switch (source_.text()[at]) {
    case '\'':
      return ScalarStyle::SingleQuoted;
    case '"':
      return ScalarStyle::DoubleQuoted;
    case '|':
      return ScalarStyle::Literal;
    case '>':
      return ScalarStyle::Folded;
    default:
      return ScalarStyle::Plain;
  }
}

// yaml-cpp takes a quoted scalar that the end of the file cuts off.
std::size_t TreeBuilder::end_of(const YamlNode& scalar) const {
  if (scalar.style == ScalarStyle::Plain) return scalar.offset + scalar.text.size();
  if (scalar.style == ScalarStyle::Literal || scalar.style == ScalarStyle::Folded) {
    return scalar.offset;
  }
  const auto end = end_of_quoted(source_.text(), scalar.offset);
  if (!end) throw YamlProblem{scalar.at, "a quote is not closed", {}};
  return *end;
}

void TreeBuilder::check_type(Position at, const std::string& type, std::string_view allowed) {
  if (type.empty() || type == "?" || type == "!") return;
  if (type.ends_with("yaml.org,2002:" + std::string{allowed})) return;
  findings_.error(at, "the YAML type " + in_quotes(type) + " is not supported",
                  "remove it; quotes make a string");
}

bool TreeBuilder::expects_key() const {
  return !open_.empty() && open_.back().node->kind == YamlNode::Kind::Map && !open_.back().has_key;
}

bool TreeBuilder::is_open(const YamlNode* node) const {
  return std::any_of(open_.begin(), open_.end(), [&](const Open& o) { return o.node == node; });
}

void TreeBuilder::begin_entry(const std::string& key, Position at, std::size_t end) {
  Open& map = open_.back();
  require_colon(map, key, at, end);
  const auto [first, added] = map.keys.emplace(key, at);
  map.has_key = true;
  map.key = {key, at, nullptr};
  map.skip_value = !added || key == "<<";
  if (!added) {
    findings_.error(at, "duplicate key " + in_quotes(key),
                    "it already stands in line " + std::to_string(first->second.line));
  } else if (key == "<<") {
    findings_.error(at, "merge keys (<<) are not part of YAML 1.2", "write the keys out");
  }
}

// yaml-cpp takes a line without a colon as a key without a value.
void TreeBuilder::require_colon(const Open& map, const std::string& key, Position at,
                                std::size_t end) const {
  if (map.flow) return;
  const auto text = source_.text();
  while (end < text.size() && (is_blank(text[end]) || is_break(text[end]))) ++end;
  if (end < text.size() && text[end] == ':') return;
  throw YamlProblem{at, "a ':' is missing after " + in_quotes(key),
                    "write key: value, and indent what belongs to the value above"};
}

void TreeBuilder::open(YamlNode::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) {
  if (expects_key()) {
    throw YamlProblem{position(mark), "a mapping or a sequence stands where a key is expected",
                      "close every { and ["};
  }
  if (open_.size() >= kMaxYamlDepth) too_deep(position(mark));
  YamlNode& node = document_.nodes_.emplace_back();
  node.kind = kind;
  node.offset = start(mark);
  node.at = source_.position(node.offset);
  if (anchor != 0) anchors_[anchor] = &node;
  open_.push_back({&node, style == YAML::EmitterStyle::Flow, false, false, {}, {}});
}

void TreeBuilder::close() {
  const YamlNode* node = open_.back().node;
  open_.pop_back();
  attach(node, node->at);
}

void TreeBuilder::add(YamlNode node, YAML::anchor_t anchor) {
  const YamlNode* added = &document_.nodes_.emplace_back(std::move(node));
  if (anchor != 0) anchors_[anchor] = added;
  attach(added, added->at);
}

void TreeBuilder::attach(const YamlNode* node, Position at) {
  if (open_.empty()) {
    document_.root_ = node;
    return;
  }
  Open& parent = open_.back();
  YamlNode& into = *parent.node;
  into.expanded += node->expanded;
  into.height = std::max(into.height, node->height + 1);
  if (into.expanded > kMaxYamlNodes) {
    throw YamlProblem{at,
                      "the file expands to more than " + std::to_string(kMaxYamlNodes) + " values",
                      "use fewer aliases"};
  }
  if (open_.size() + node->height > kMaxYamlDepth) too_deep(at);
  if (into.kind == YamlNode::Kind::Sequence) {
    into.items.push_back(node);
    return;
  }
  if (!parent.skip_value) {
    parent.key.value = node;
    into.entries.push_back(std::move(parent.key));
  }
  parent.has_key = false;
}

}  // namespace sluice::host
