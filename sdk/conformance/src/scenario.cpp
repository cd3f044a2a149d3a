#include "scenario.hpp"

#include <algorithm>
#include <set>
#include <sluice/error.hpp>

#include "integration/scalar.hpp"
#include "integration/suggest.hpp"
#include "integration/yaml.hpp"

namespace sluice::conformance {
namespace {

namespace fs = std::filesystem;
using host::YamlDocument;
using host::YamlNode;

// One file, and errors that name it.
class File {
 public:
  explicit File(const fs::path& path) : path_{path} {
    host::Findings findings{path.string()};
    document_ = host::parse_yaml_file(path.string(), findings);
    if (const auto all = findings.sorted(); findings.has_errors() && !all.empty())
      fail(all.front().at, all.front().message);
    if (!document_ || !document_->has_root())
      throw Error{Code::Config, path.string() + ": is empty"};
    if (document_->root().kind != YamlNode::Kind::Map)
      fail(document_->root().at, "expected `key: value` lines");
  }

  [[noreturn]] void fail(host::Position at, const std::string& message) const {
    throw Error{Code::Config, path_.string() + ":" + std::to_string(at.line) + ": " + message};
  }

  [[nodiscard]] const YamlNode& root() const { return document_->root(); }

  void allow(const YamlNode& map, const std::vector<std::string>& keys) const {
    if (map.kind != YamlNode::Kind::Map) fail(map.at, "expected `key: value` lines");
    for (const auto& entry : map.entries) {
      if (std::find(keys.begin(), keys.end(), entry.key) == keys.end())
        fail(entry.key_at,
             "unknown key \"" + entry.key + "\": " + host::suggestion(entry.key, keys));
    }
  }

  [[nodiscard]] json::value value(const YamlNode& node) const {
    switch (node.kind) {
      case YamlNode::Kind::Null:
        return nullptr;
      case YamlNode::Kind::Scalar: {
        if (!node.plain) return json::string{node.text};
        auto value = host::core_value(node.text);
        if (!value) fail(node.at, "a number that JSON cannot carry exactly: put it into quotes");
        return *std::move(value);
      }
      case YamlNode::Kind::Sequence: {
        json::array array;
        for (const auto* item : node.items) array.push_back(value(*item));
        return array;
      }
      case YamlNode::Kind::Map:
        return object(node);
    }
    return nullptr;
  }

  [[nodiscard]] json::object object(const YamlNode& node) const {
    if (node.kind != YamlNode::Kind::Map) fail(node.at, "expected `key: value` lines");
    json::object object;
    for (const auto& entry : node.entries) object[entry.key] = value(*entry.value);
    return object;
  }

  [[nodiscard]] std::string text(const YamlNode& node) const {
    if (node.kind != YamlNode::Kind::Scalar || node.text.empty()) fail(node.at, "expected a text");
    return node.text;
  }

  [[nodiscard]] const YamlNode& require(const YamlNode& map, const char* key) const {
    const auto* entry = map.find(key);
    if (entry == nullptr) fail(map.at, std::string{"\""} + key + "\" is missing");
    return *entry->value;
  }

 private:
  fs::path path_;
  std::optional<YamlDocument> document_;
};

ReadPlan read_plan(const File& file, const YamlNode& node) {
  file.allow(node, {"stream", "options", "records"});
  ReadPlan plan;
  plan.stream = file.text(file.require(node, "stream"));
  if (const auto* options = node.find("options")) plan.options = file.object(*options->value);
  const auto& count = file.require(node, "records");
  const auto records = file.value(count);
  if (!records.is_int64() || records.get_int64() < 1)
    file.fail(count.at, "\"records\" is how many records a full walk gives, at least 1");
  plan.records = static_cast<std::size_t>(records.get_int64());
  return plan;
}

WritePlan write_plan(const File& file, const YamlNode& node) {
  file.allow(node, {"object", "match", "options", "records", "refused", "receipts"});
  WritePlan plan;
  plan.object = file.text(file.require(node, "object"));
  plan.match = file.text(file.require(node, "match"));
  if (const auto* options = node.find("options")) plan.options = file.object(*options->value);
  const auto& records = file.require(node, "records");
  std::set<std::string> keys;
  for (const auto* item : records.items) {
    plan.records.push_back(file.object(*item));
    const auto* key = plan.records.back().if_contains(plan.match);
    if (key == nullptr || !key->is_string() || !keys.insert(to_json(*key)).second)
      file.fail(item->at, "every record needs a text \"" + plan.match + "\" of its own");
  }
  if (plan.records.size() < 3) file.fail(records.at, "give at least three records");
  if (const auto* refused = node.find("refused")) {
    plan.refused = file.object(*refused->value);
    if (!plan.refused->contains(plan.match) || !plan.refused->at(plan.match).is_string())
      file.fail(refused->value->at, "the refused record needs a text \"" + plan.match + "\" too");
  }
  if (const auto* receipts = node.find("receipts"))
    plan.receipts = file.value(*receipts->value) == json::value(true);
  return plan;
}

Scenario load_scenario(const fs::path& path) {
  const File file{path};
  const auto& root = file.root();
  file.allow(root, {"sandbox", "config", "bad_credentials", "files", "read", "write"});
  Scenario scenario;
  scenario.name = path.stem().string();
  scenario.file = path;
  if (const auto* sandbox = root.find("sandbox")) {
    for (const auto* word : sandbox->value->items) scenario.sandbox.push_back(file.text(*word));
    if (scenario.sandbox.empty()) file.fail(sandbox->value->at, "expected [program, argument, …]");
  }
  scenario.config = file.object(file.require(root, "config"));
  if (const auto* bad = root.find("bad_credentials"))
    scenario.bad_credentials = file.object(*bad->value);
  if (const auto* files = root.find("files")) {
    for (const auto& entry : files->value->entries) scenario.files[entry.key] = entry.value->text;
  }
  if (const auto* read = root.find("read")) scenario.read = read_plan(file, *read->value);
  if (const auto* write = root.find("write")) scenario.write = write_plan(file, *write->value);
  if (!scenario.read && !scenario.write)
    file.fail(root.at, "say what to do with the connector: \"read\", \"write\" or both");
  return scenario;
}

}  // namespace

std::vector<Scenario> load_scenarios(const fs::path& directory) {
  std::vector<fs::path> paths;
  std::error_code error;
  for (fs::directory_iterator entry{directory, error}, end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ".yaml" && entry->path().filename() != "quirks.yaml")
      paths.push_back(entry->path());
  }
  if (error) throw Error{Code::Config, directory.string() + ": " + error.message()};
  if (paths.empty())
    throw Error{Code::Config, directory.string() + ": there is no scenario (*.yaml) in it"};
  std::sort(paths.begin(), paths.end());
  std::vector<Scenario> scenarios;
  scenarios.reserve(paths.size());
  for (const auto& path : paths) scenarios.push_back(load_scenario(path));
  return scenarios;
}

Quirks load_quirks(const fs::path& directory) {
  const auto path = directory / "quirks.yaml";
  Quirks quirks;
  if (!fs::exists(path)) return quirks;
  const File file{path};
  for (const auto& entry : file.root().entries) {
    if (entry.value->kind != YamlNode::Kind::Scalar || entry.value->text.size() < 10)
      file.fail(entry.key_at, "say in a sentence why \"" + entry.key + "\" does not hold");
    quirks[entry.key] = entry.value->text;
  }
  return quirks;
}

json::value substituted(const json::value& value,
                        const std::map<std::string, std::string>& variables) {
  if (const auto* object = value.if_object()) {
    json::object out;
    for (const auto& [key, member] : *object) out[key] = substituted(member, variables);
    return out;
  }
  if (const auto* array = value.if_array()) {
    json::array out;
    for (const auto& item : *array) out.push_back(substituted(item, variables));
    return out;
  }
  if (!value.is_string()) return value;
  std::string text{value.get_string()};
  for (const auto& [name, replacement] : variables) {
    const std::string reference = "${" + name + "}";
    for (std::size_t at = text.find(reference); at != std::string::npos;
         at = text.find(reference, at + replacement.size()))
      text.replace(at, reference.size(), replacement);
  }
  return json::string{text};
}

}  // namespace sluice::conformance
