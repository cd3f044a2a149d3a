#include "integration/build.hpp"

#include "integration/options.hpp"
#include "integration/scalar.hpp"
#include "integration/suggest.hpp"

namespace sluice::host {
namespace {

using Kind = YamlNode::Kind;

constexpr std::chrono::hours kDefaultInterval{6};

std::vector<std::string> build_paths(const YamlNode* node, const Reader& reader) {
  std::vector<std::string> paths;
  if (node == nullptr || node->kind != Kind::Sequence) return paths;
  for (const auto& item : node->items) paths.push_back(reader.text(item));
  return paths;
}

WorkerConfig build_worker(const YamlNode* node, const Reader& reader) {
  WorkerConfig worker;
  const auto text = [&](std::string_view key) { return reader.text(Reader::child(node, key)); };
  const std::string confinement = text("confinement");
  if (confinement == "required") worker.confinement = Confine::Required;
  if (confinement == "off") worker.confinement = Confine::Off;
  worker.memory = parse_size(text("memory")).value_or(worker.memory);
  worker.file_size = parse_size(text("file_size")).value_or(worker.file_size);
  if (const auto number = core_number(text("descriptors")))
    worker.descriptors = static_cast<std::uint32_t>(*number);
  worker.hang_after = parse_duration(text("hang_after")).value_or(worker.hang_after);
  worker.read = build_paths(Reader::child(node, "read"), reader);
  worker.write = build_paths(Reader::child(node, "write"), reader);
  return worker;
}

std::vector<std::string> build_digests(const YamlNode* node, const Reader& reader) {
  if (node == nullptr) return {};
  if (node->kind != Kind::Sequence) return {reader.text(node)};
  std::vector<std::string> digests;
  for (const auto* item : node->items) digests.push_back(reader.text(item));
  return digests;
}

Schedule build_schedule(const YamlEntry* entry, const Reader& reader) {
  Schedule schedule;
  if (entry == nullptr) {
    schedule.every = kDefaultInterval;
    return schedule;
  }
  const YamlNode& node = *entry->value;
  schedule.at = entry->key_at;
  if (node.kind != Kind::Map) return schedule;
  const YamlEntry* every = node.find("every");
  const YamlEntry* cron = node.find("cron");
  const YamlEntry* timezone = node.find("timezone");
  if (every != nullptr && cron != nullptr) {
    reader.findings().error(cron->key_at, "schedule has both every and cron", "keep one of them");
  } else if (every == nullptr && cron == nullptr) {
    reader.findings().error(node.at, "schedule has neither every nor cron",
                            "write {every: 6h}, {cron: \"0 */6 * * *\"} or manual");
  } else if (timezone != nullptr && cron == nullptr) {
    reader.findings().error(timezone->key_at, "schedule.timezone needs cron",
                            "an interval does not depend on a time zone");
  }
  if (every != nullptr) schedule.every = parse_duration(reader.text(every->value));
  if (cron != nullptr) schedule.cron = reader.text(cron->value);
  if (timezone != nullptr) schedule.timezone = reader.text(timezone->value, schedule.timezone);
  return schedule;
}

Retention build_retention(const YamlNode* node, const Reader& reader) {
  Retention retention;
  const auto read = [&](std::string_view key, std::chrono::seconds& into) {
    if (const auto value = parse_duration(reader.text(Reader::child(node, key)))) into = *value;
  };
  read("runs", retention.runs);
  read("resolved_errors", retention.resolved_errors);
  return retention;
}

}  // namespace

Connection build_connection(const YamlNode* node, const Reader& reader) {
  Connection connection;
  if (node == nullptr || node->kind != Kind::Map) return connection;
  connection.at = node->at;
  connection.connector = reader.text(Reader::child(node, "connector"));
  connection.rate = parse_rate(reader.text(Reader::child(node, "rate")));
  const auto share = core_number(reader.text(Reader::child(node, "share"), "1"));
  connection.share = share.value_or(1.0);
  connection.sha256 = build_digests(Reader::child(node, "sha256"), reader);
  connection.worker = build_worker(Reader::child(node, "worker"), reader);
  connection.options = reader.options(*node, connection_keys(), connection.option_positions);
  return connection;
}

Integration build_integration(const YamlNode& root, const Reader& reader,
                              const LoadOptions& options, const PresetFolders& folders) {
  Integration integration;
  integration.file = reader.findings().file();
  if (root.kind != Kind::Map) return integration;
  integration.name = reader.text(Reader::child(&root, "integration"));
  integration.source = build_connection(Reader::child(&root, "source"), reader);
  integration.destination = build_connection(Reader::child(&root, "destination"), reader);
  integration.schedule = build_schedule(root.find("schedule"), reader);
  integration.retention = build_retention(Reader::child(&root, "retention"), reader);
  const YamlNode* syncs = Reader::child(&root, "syncs");
  if (syncs == nullptr) return integration;
  for (const auto& entry : syncs->entries) {
    integration.syncs.push_back(build_sync(entry, reader, options, folders));
  }
  return integration;
}

}  // namespace sluice::host
