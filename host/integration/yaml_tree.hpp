// Builds the tree of yaml.hpp from yaml-cpp's events. Private to yaml*.cpp: nothing else sees
// yaml-cpp.
#pragma once

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/mark.h>

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "integration/yaml.hpp"

namespace sluice::host {

// Ends the parse; what went wrong is told to the person.
struct YamlProblem {
  Position at;
  std::string message;
  std::string hint;
};

class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(YamlDocument& document, Findings& findings)
      : document_{document}, source_{document.source_}, findings_{findings} {}

  void OnDocumentStart(const YAML::Mark& mark) override;
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& type, YAML::anchor_t anchor,
                const std::string& value) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& type, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override;
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& type, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override;
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    YamlNode* node = nullptr;
    bool flow = false;
    bool has_key = false;
    bool skip_value = false;  // of a key that is refused
    YamlEntry key;
    std::map<std::string, Position> keys;
  };

  [[nodiscard]] Position position(const YAML::Mark& mark) const;
  [[nodiscard]] std::size_t start(const YAML::Mark& mark) const;
  [[nodiscard]] std::string null_text(std::size_t at) const;
  [[nodiscard]] ScalarStyle style_at(std::size_t at, const std::string& type) const;
  [[nodiscard]] std::size_t end_of(const YamlNode& scalar) const;
  [[nodiscard]] bool expects_key() const;
  [[nodiscard]] bool is_open(const YamlNode* node) const;
  void check_type(Position at, const std::string& type, std::string_view allowed);
  void begin_entry(const std::string& key, Position at, std::size_t end);
  void require_colon(const Open& map, const std::string& key, Position at, std::size_t end) const;
  void open(YamlNode::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor,
            YAML::EmitterStyle::value style);
  void close();
  void add(YamlNode node, YAML::anchor_t anchor);
  void attach(const YamlNode* node, Position at);

  YamlDocument& document_;
  const SourceText& source_;
  Findings& findings_;
  std::vector<Open> open_;
  std::unordered_map<YAML::anchor_t, const YamlNode*> anchors_;
};

}  // namespace sluice::host
