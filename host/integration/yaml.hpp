// YAML text as a tree with positions, read strictly: duplicate keys, key-less lines, unclosed
// quotes, merge keys and further documents are errors, and what aliases expand to is bounded.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "integration/findings.hpp"
#include "integration/integration.hpp"
#include "integration/limits.hpp"
#include "integration/source_text.hpp"

namespace sluice::host {

enum class ScalarStyle { Plain, SingleQuoted, DoubleQuoted, Literal, Folded };

struct YamlNode;

struct YamlEntry {
  std::string key;
  Position key_at;
  const YamlNode* value = nullptr;
};

struct YamlNode {
  enum class Kind { Null, Scalar, Sequence, Map };
  Kind kind = Kind::Null;
  Position at;
  std::size_t offset = 0;  // of the first byte, past an anchor
  std::string text;        // of a scalar, decoded; of a null, as written ("", "~" or "null")
  ScalarStyle style = ScalarStyle::Plain;
  bool plain = false;  // a scalar whose type its text decides; otherwise it is a string
  std::vector<const YamlNode*> items;
  std::vector<YamlEntry> entries;  // in the order of the file
  std::size_t expanded = 1;        // nodes below and including this one, aliases expanded
  std::size_t height = 1;

  [[nodiscard]] const YamlEntry* find(std::string_view key) const;
};

class YamlDocument {
 public:
  explicit YamlDocument(std::string text) : source_{std::move(text)} {}

  [[nodiscard]] const SourceText& source() const noexcept { return source_; }
  [[nodiscard]] bool has_root() const noexcept { return root_ != nullptr; }
  [[nodiscard]] const YamlNode& root() const noexcept { return *root_; }

 private:
  friend class TreeBuilder;

  SourceText source_;
  std::deque<YamlNode> nodes_;  // a deque: nodes point to one another
  const YamlNode* root_ = nullptr;
};

// Reports everything that is wrong with the text itself; no document when it cannot be understood
// at all.
[[nodiscard]] std::optional<YamlDocument> parse_yaml(std::string_view text, Findings& findings);

// Reads and parses a file. Says clearly when it is missing, a directory, unreadable or too large.
[[nodiscard]] std::optional<YamlDocument> parse_yaml_file(const std::string& path,
                                                          Findings& findings);

// The expression that a scalar holds, with the positions of its text.
[[nodiscard]] ExpressionText expression_text(const YamlNode& scalar, const SourceText& source);

// Past the end of a quoted scalar that starts at `offset`; nothing when its quote is not closed.
[[nodiscard]] std::optional<std::size_t> end_of_quoted(std::string_view text, std::size_t offset);

}  // namespace sluice::host
