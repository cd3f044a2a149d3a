// Integration files: YAML to typed data, and every expression in them.
#include <algorithm>
#include <vector>

#include "fuzz.hpp"
#include "integration/findings.hpp"
#include "integration/load.hpp"
#include "integration/yaml.hpp"
#include "mapping/mapping.hpp"

namespace {

using namespace sluice::host;  // NOLINT(google-build-using-namespace)
using sluice::fuzz::must;

constexpr const char* kPath = "/nonexistent/integration.yaml";

// Characters by line, a byte order mark left out: where a finding may stand.
std::vector<int> line_lengths(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::vector<int> lengths{0};
  for (const char c : text) {
    if (c == '\n') {
      lengths.push_back(0);
    } else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) {
      ++lengths.back();
    }
  }
  return lengths;
}

void check_place(Position at, const std::vector<int>& lengths, const std::string& what) {
  if (at.line == 0) return;
  must(at.line > 0 && static_cast<std::size_t>(at.line) <= lengths.size(),
       "a line of the file: " + what);
  must(at.column > 0 && at.column <= lengths[static_cast<std::size_t>(at.line) - 1] + 1,
       "a column of the line: " + what);
}

void check_tree(const YamlNode& node, const YamlDocument& document,
                const std::vector<int>& lengths) {
  check_place(node.at, lengths, "a node");
  if (node.kind == YamlNode::Kind::Scalar) {
    const auto text = expression_text(node, document.source());
    must(text.text == node.text, "an expression is its scalar's text");
    for (const std::size_t offset : {std::size_t{0}, text.text.size() / 2, text.text.size()}) {
      check_place(position_of(text, offset), lengths, "a place in an expression");
    }
  }
  must(node.expanded <= kMaxYamlNodes && node.height <= kMaxYamlDepth, "the limits of YAML hold");
}

// Not below aliases, whose nodes have been looked at.
void check_yaml(std::string_view text, const std::vector<int>& lengths) {
  Findings findings{kPath};
  const auto document = parse_yaml(text, findings);
  must(document.has_value() || findings.has_errors(), "a text without a tree has an error");
  if (!document) return;
  std::vector<const YamlNode*> open{&document->root()};
  std::vector<const YamlNode*> seen;
  while (!open.empty() && seen.size() < 2000) {
    const auto* node = open.back();
    open.pop_back();
    seen.push_back(node);
    check_tree(*node, *document, lengths);
    open.insert(open.end(), node->items.begin(), node->items.end());
    for (const auto& entry : node->entries) {
      check_place(entry.key_at, lengths, "a key");
      must(node->find(entry.key) == &entry, "no key stands twice");
      open.push_back(entry.value);
    }
  }
}

std::string lint(std::string_view text, const std::vector<int>& lengths) {
  LoadOptions options;
  options.environment = [](const std::string& name) -> std::optional<std::string> {
    return name.size() % 2 == 0 ? std::optional{"value of " + name} : std::nullopt;
  };
  options.resolve_secrets = false;
  auto result = lint_integration_text(text, kPath, options);
  must(result.integration.has_value() || !result.ok(), "a file that is fine is understood");
  must(result.diagnostics.size() <= kMaxFindings, "the limit of findings holds");
  std::string all;
  if (result.integration) {
    for (const auto& sync : result.integration->syncs) {
      lint_mapping(sync, kPath, result.diagnostics);
      if (result.ok()) {
        static_cast<void>(fingerprint(sync));
        static_cast<void>(Mapping::compile(sync).paths());
      }
    }
  }
  for (const auto& finding : result.diagnostics) {
    must(!finding.message.empty(), "a finding says something");
    if (finding.file == kPath) check_place(finding.at, lengths, to_string(finding));
    all += to_string(finding) + "\n";
  }
  return all;
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  // `${file:…}` reads files: what stands in them is not the input.
  if (text.find("file:") != std::string_view::npos) return 0;
  const auto lengths = line_lengths(text);
  check_yaml(text, lengths);
  must(lint(text, lengths) == lint(text, lengths), "the same file has the same findings");
  return 0;
}
