#include "integration/yaml.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <system_error>
#include <unordered_map>
#include <utility>

#include "integration/suggest.hpp"

namespace sluice::host {
namespace {

// Ends the parse; what went wrong is told to the person.
struct YamlProblem {
  Position at;
  std::string message;
  std::string hint;
};

bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_break(char c) { return c == '\n' || c == '\r'; }

constexpr std::string_view kCoreTypes = "tag:yaml.org,2002:";

}  // namespace

const YamlEntry* YamlNode::find(std::string_view key) const {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [&](const YamlEntry& entry) { return entry.key == key; });
  return found == entries.end() ? nullptr : &*found;
}

class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(YamlDocument& document, Findings& findings)
      : document_{document}, source_{document.source_}, findings_{findings} {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (document_.root_ != nullptr) {
      throw YamlProblem{position(mark), "a second YAML document starts here",
                        "an integration file holds one; remove the ---"};
    }
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
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

  void OnScalar(const YAML::Mark& mark, const std::string& type, YAML::anchor_t anchor,
                const std::string& value) override {
    YamlNode node;
    node.kind = YamlNode::Kind::Scalar;
    node.offset = start(mark);
    node.at = source_.position(node.offset);
    node.text = value;
    node.style = style_at(node.offset, type);
    node.plain = node.style == ScalarStyle::Plain && type == "?";
    check_type(node.at, type, "str");
    const std::size_t end = end_of(node);
    if (expects_key()) {
      if (value.empty()) throw YamlProblem{node.at, "a key is empty", {}};
      begin_entry(value, node.at, end);
      return;
    }
    add(std::move(node), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const Position at = position(mark);
    if (expects_key()) throw YamlProblem{at, "an alias cannot be a key", "write the key out"};
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end() || is_open(found->second)) {
      throw YamlProblem{at, "an alias refers to what contains it", {}};
    }
    attach(found->second, at);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& type, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override {
    check_type(position(mark), type, "seq");
    open(YamlNode::Kind::Sequence, mark, anchor, style);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& type, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override {
    check_type(position(mark), type, "map");
    open(YamlNode::Kind::Map, mark, anchor, style);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    YamlNode* node = nullptr;
    bool flow = false;
    bool has_key = false;
    bool skip_value = false;  // the key is a duplicate
    YamlEntry key;
    std::map<std::string, Position> keys;
  };

  [[nodiscard]] Position position(const YAML::Mark& mark) const {
    return source_.position(source_.offset(mark.line, mark.column));
  }

  // yaml-cpp marks a node with an anchor or a type at these; what a person wrote starts behind them.
  [[nodiscard]] std::size_t start(const YAML::Mark& mark) const {
    const auto text = source_.text();
    std::size_t at = source_.offset(mark.line, mark.column);
    while (at < text.size() && (text[at] == '&' || text[at] == '!')) {
      while (at < text.size() && !is_blank(text[at]) && !is_break(text[at])) ++at;
      while (at < text.size() && (is_blank(text[at]) || is_break(text[at]))) ++at;
    }
    return at;
  }

  // A null is marked where it is written or, when nothing is, where the next thing stands.
  [[nodiscard]] std::string null_text(std::size_t at) const {
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

  [[nodiscard]] ScalarStyle style_at(std::size_t at, const std::string& type) const {
    if (type == "?" || at >= source_.text().size()) return ScalarStyle::Plain;
    switch (source_.text()[at]) {
      case '\'': return ScalarStyle::SingleQuoted;
      case '"': return ScalarStyle::DoubleQuoted;
      case '|': return ScalarStyle::Literal;
      case '>': return ScalarStyle::Folded;
      default: return ScalarStyle::Plain;
    }
  }

  // yaml-cpp takes a quoted scalar that the end of the file cuts off.
  [[nodiscard]] std::size_t end_of(const YamlNode& scalar) const {
    if (scalar.style == ScalarStyle::Plain) return scalar.offset + scalar.text.size();
    if (scalar.style != ScalarStyle::SingleQuoted && scalar.style != ScalarStyle::DoubleQuoted) {
      return scalar.offset;
    }
    const auto end = end_of_quoted(source_.text(), scalar.offset);
    if (!end) throw YamlProblem{scalar.at, "a quote is not closed", {}};
    return *end;
  }

  void check_type(Position at, const std::string& type, std::string_view allowed) {
    if (type.empty() || type == "?" || type == "!") return;
    if (type == std::string{kCoreTypes} + std::string{allowed}) return;
    findings_.error(at, "the YAML type " + quoted(type) + " is not supported",
                    "remove it; quotes make a string");
  }

  [[nodiscard]] bool expects_key() const {
    return !open_.empty() && open_.back().node->kind == YamlNode::Kind::Map &&
           !open_.back().has_key;
  }

  [[nodiscard]] bool is_open(const YamlNode* node) const {
    return std::any_of(open_.begin(), open_.end(), [&](const Open& o) { return o.node == node; });
  }

  void begin_entry(const std::string& key, Position at, std::size_t end) {
    Open& map = open_.back();
    require_colon(map, key, at, end);
    map.has_key = true;
    map.key = {key, at, nullptr};
    const auto [first, added] = map.keys.emplace(key, at);
    map.skip_value = !added;
    if (!added) {
      findings_.error(at, "duplicate key " + quoted(key),
                      "it already stands in line " + std::to_string(first->second.line));
    } else if (key == "<<") {
      map.skip_value = true;
      findings_.error(at, "merge keys (<<) are not part of YAML 1.2", "write the keys out");
    }
  }

  // yaml-cpp takes a line without a colon as a key without a value.
  void require_colon(const Open& map, const std::string& key, Position at, std::size_t end) const {
    if (map.flow) return;
    const auto text = source_.text();
    while (end < text.size() && (is_blank(text[end]) || is_break(text[end]))) ++end;
    if (end < text.size() && (text[end] == ':' || text[end] == '#')) return;
    throw YamlProblem{at, "a ':' is missing after " + quoted(key),
                      "write key: value, and indent what belongs to the value above"};
  }

  void open(YamlNode::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor,
            YAML::EmitterStyle::value style) {
    if (expects_key()) {
      throw YamlProblem{position(mark), "a key must be a word, not a mapping or a sequence", {}};
    }
    if (open_.size() >= kMaxYamlDepth) too_deep(position(mark));
    YamlNode& node = document_.nodes_.emplace_back();
    node.kind = kind;
    node.offset = start(mark);
    node.at = source_.position(node.offset);
    if (anchor != 0) anchors_[anchor] = &node;
    open_.push_back({&node, style == YAML::EmitterStyle::Flow, false, false, {}, {}});
  }

  void close() {
    const YamlNode* node = open_.back().node;
    open_.pop_back();
    attach(node, node->at);
  }

  void add(YamlNode node, YAML::anchor_t anchor) {
    const YamlNode* added = &document_.nodes_.emplace_back(std::move(node));
    if (anchor != 0) anchors_[anchor] = added;
    attach(added, added->at);
  }

  void attach(const YamlNode* node, Position at) {
    if (open_.empty()) {
      document_.root_ = node;
      return;
    }
    Open& parent = open_.back();
    YamlNode& into = *parent.node;
    into.expanded += node->expanded;
    into.height = std::max(into.height, node->height + 1);
    if (into.expanded > kMaxYamlNodes) {
      throw YamlProblem{at, "the file expands to more than 100000 values", "use fewer aliases"};
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

  [[noreturn]] static void too_deep(Position at) {
    throw YamlProblem{at, "nested deeper than " + std::to_string(kMaxYamlDepth) + " levels", {}};
  }

  YamlDocument& document_;
  const SourceText& source_;
  Findings& findings_;
  std::vector<Open> open_;
  std::unordered_map<YAML::anchor_t, const YamlNode*> anchors_;
};

namespace {

// yaml-cpp names the rule that broke; this says what a person most likely did.
YamlProblem explain(const YAML::Exception& e, const SourceText& source) {
  if (e.mark.is_null()) return {{}, "not valid YAML: " + e.msg, {}};
  const Position at = source.position(source.offset(e.mark.line, e.mark.column));
  for (const int number : {e.mark.line, e.mark.line - 1}) {
    const auto line = source.line(number);
    const auto indentation = line.substr(0, line.find_first_not_of(" \t"));
    const auto tab = number < 0 ? std::string_view::npos : indentation.find('\t');
    if (tab != std::string_view::npos) {
      return {{number + 1, static_cast<int>(tab) + 1}, "a tab is used for indentation",
              "indent with spaces"};
    }
  }
  std::string hint;
  if (e.msg == YAML::ErrorMsg::MAP_VALUE) {
    hint = "check the indentation; a value that contains ': ' must stand in quotes";
  } else if (e.msg == YAML::ErrorMsg::UNKNOWN_TOKEN) {
    hint = "a value that starts with this character must stand in quotes";
  } else if (e.msg == YAML::ErrorMsg::END_OF_MAP || e.msg == YAML::ErrorMsg::END_OF_SEQ) {
    hint = "check the indentation of this line";
  } else if (e.msg == YAML::ErrorMsg::END_OF_MAP_FLOW) {
    hint = "a { is not closed";
  } else if (e.msg == YAML::ErrorMsg::END_OF_SEQ_FLOW) {
    hint = "a [ is not closed";
  } else if (e.msg == YAML::ErrorMsg::UNKNOWN_ANCHOR) {
    hint = "a value that starts with * must stand in quotes";
  }
  return {at, "not valid YAML: " + e.msg, hint};
}

bool is_readable_text(const SourceText& source, Findings& findings) {
  const auto text = source.text();
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    findings.error({1, 1}, "the file is UTF-16", "save it as UTF-8");
    return false;
  }
  if (const auto bad = first_invalid_utf8(text)) {
    findings.error(source.position(*bad), "not valid UTF-8", "save the file as UTF-8");
    return false;
  }
  const auto control = std::find_if(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t' && !is_break(c)) || byte == 0x7F;
  });
  if (control != text.end()) {
    findings.error(source.position(static_cast<std::size_t>(control - text.begin())),
                   "a control character", "remove it, or write it as an escape in double quotes");
    return false;
  }
  return true;
}

}  // namespace

std::optional<YamlDocument> parse_yaml(std::string_view text, Findings& findings) {
  if (text.size() > kMaxYamlBytes) {
    findings.error({}, "the file is larger than 1 MiB", {});
    return std::nullopt;
  }
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::optional<YamlDocument> document{std::in_place, std::string{text}};
  if (!is_readable_text(document->source(), findings)) return std::nullopt;
  try {
    std::istringstream in{std::string{text}};
    YAML::Parser parser{in};
    TreeBuilder builder{*document, findings};
    while (parser.HandleNextDocument(builder)) {
    }
    if (&document->root() != nullptr && document->root().kind != YamlNode::Kind::Null) {
      return document;
    }
    findings.error({}, "the file is empty", {});
  } catch (const YamlProblem& problem) {
    findings.error(problem.at, problem.message, problem.hint);
  } catch (const YAML::Exception& e) {
    const auto problem = explain(e, document->source());
    findings.error(problem.at, problem.message, problem.hint);
  }
  return std::nullopt;
}

std::optional<YamlDocument> parse_yaml_file(const std::string& path, Findings& findings) {
  const auto fail = [&](const std::string& message, std::string hint = {}) {
    findings.error({}, message, std::move(hint));
    return std::nullopt;
  };
  std::error_code ec;
  const auto status = std::filesystem::status(path, ec);
  if (status.type() == std::filesystem::file_type::not_found) return fail("no such file");
  if (ec) return fail("cannot be read: " + ec.message());
  if (std::filesystem::is_directory(status)) return fail("is a directory, not a file");
  std::ifstream in{path, std::ios::binary};
  if (!in) return fail("cannot be read", "check its owner and permissions");
  std::string text(kMaxYamlBytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad()) return fail("cannot be read");
  text.resize(static_cast<std::size_t>(in.gcount()));
  return parse_yaml(text, findings);
}

}  // namespace sluice::host
