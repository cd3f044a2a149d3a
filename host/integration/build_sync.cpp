#include <algorithm>
#include <map>

#include "integration/build.hpp"
#include "integration/options.hpp"
#include "integration/scalar.hpp"
#include "integration/suggest.hpp"

namespace sluice::host {
namespace {

using Kind = YamlNode::Kind;

ReadConfig build_read(const YamlNode* node, const Reader& reader) {
  ReadConfig read;
  if (node == nullptr || node->kind != Kind::Map) return read;
  read.at = node->at;
  read.stream = reader.text(Reader::child(node, "stream"));
  read.options = reader.options(*node, read_keys(), read.option_positions);
  return read;
}

// What only a ledger can carry out.
void require_no_ledger(const YamlNode& node, const Reader& reader) {
  for (const std::string_view key :
       {"on_delete", "on_exclude", "on_duplicate", "max_deletes", "documents"}) {
    if (const auto* entry = node.find(key)) {
      reader.findings().error(
          entry->key_at, std::string{key} + " needs the ledger, which `ledger: false` turns off",
          "remove one of the two");
    }
  }
}

WriteConfig build_write(const YamlNode* node, const Reader& reader) {
  WriteConfig write;
  if (node == nullptr || node->kind != Kind::Map) return write;
  const auto text = [&](std::string_view key, std::string fallback) {
    return reader.text(Reader::child(node, key), std::move(fallback));
  };
  write.at = node->at;
  write.object = text("object", "");
  write.match = text("match", "");
  const std::string mode = text("mode", "upsert");
  write.mode = mode == "create"   ? WriteMode::Create
               : mode == "update" ? WriteMode::Update
                                  : WriteMode::Upsert;
  write.on_delete = text("on_delete", write.on_delete);
  write.on_exclude = text("on_exclude", write.on_exclude);
  const std::string duplicates = text("on_duplicate", "error");
  write.on_duplicate = duplicates == "latest"  ? DuplicatePolicy::Latest
                       : duplicates == "first" ? DuplicatePolicy::First
                                               : DuplicatePolicy::Error;
  write.max_deletes = parse_delete_limit(text("max_deletes", "")).value_or(DeleteLimit{});
  const YamlNode* ledger = Reader::child(node, "ledger");
  write.ledger = ledger == nullptr || reader.flag(ledger);
  if (!write.ledger) require_no_ledger(*node, reader);
  const YamlNode* documents = Reader::child(node, "documents");
  write.documents = documents == nullptr || reader.flag(documents);
  write.options = reader.options(*node, write_keys(), write.option_positions);
  return write;
}

std::vector<const YamlNode*> maps_of(const YamlNode* sequence) {
  std::vector<const YamlNode*> maps;
  if (sequence == nullptr) return maps;
  std::copy_if(sequence->items.begin(), sequence->items.end(), std::back_inserter(maps),
               [](const YamlNode* item) { return item->kind == Kind::Map; });
  return maps;
}

MappingTest build_test(const YamlNode& node, const Reader& reader) {
  MappingTest test;
  test.at = node.at;
  test.name = reader.text(Reader::child(&node, "name"));
  test.given = reader.object(Reader::child(&node, "given"));
  test.expect = reader.object(Reader::child(&node, "expect"));
  test.expect_error = reader.text(Reader::child(&node, "expect_error"));
  test.expect_filtered = reader.flag(Reader::child(&node, "expect_filtered"));
  std::vector<const YamlEntry*> expectations;
  for (const std::string_view key : {"expect", "expect_error", "expect_filtered"}) {
    if (const auto* entry = node.find(key)) expectations.push_back(entry);
  }
  const std::string hint = "one of expect, expect_error and expect_filtered says what must happen";
  if (expectations.empty()) {
    reader.findings().error(node.at, "the test expects nothing", hint);
  } else if (expectations.size() > 1) {
    reader.findings().error(expectations[1]->key_at, "the test expects two different things", hint);
  } else if (node.find("expect_filtered") != nullptr && !test.expect_filtered) {
    reader.findings().error(expectations[0]->key_at, "the test expects nothing", hint);
  }
  return test;
}

FieldMapping build_field(const YamlEntry& entry, const Reader& reader) {
  FieldMapping field;
  field.name = entry.key;
  field.at = entry.key_at;
  const YamlNode* node = entry.value;
  if (node->kind != Kind::Map) {
    field.value = reader.expression(node);
    return field;
  }
  field.value = reader.expression(Reader::child(node, "value"));
  field.type = reader.text(Reader::child(node, "type"));
  if (reader.text(Reader::child(node, "null")) == "clear") field.null = NullPolicy::Clear;
  if (reader.text(Reader::child(node, "overwrite")) == "if_empty") {
    field.overwrite = Overwrite::IfEmpty;
  }
  return field;
}

// Destinations do not tell field names apart by case.
std::string folded(std::string_view name) {
  std::string result{name};
  std::transform(result.begin(), result.end(), result.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return result;
}

// The file's own entries take the place of the preset's; one that is `~` takes the preset's away.
void merge_fields(std::vector<FieldMapping>& fields, const std::vector<FieldEntry>& own,
                  const Reader& reader) {
  auto of_preset = static_cast<std::ptrdiff_t>(fields.size());
  for (const auto& entry : own) {
    const auto end = fields.begin() + of_preset;
    const auto same = std::find_if(fields.begin(), end, [&](const FieldMapping& field) {
      return folded(field.name) == folded(entry.mapping.name);
    });
    if (!entry.left_out && same != end) {
      *same = entry.mapping;
    } else if (!entry.left_out) {
      fields.push_back(entry.mapping);
    } else if (same != end) {
      fields.erase(same);
      --of_preset;
    } else {
      reader.findings().error(
          entry.mapping.at, in_quotes(entry.mapping.name) + " is left out by ~ but not in a preset",
          "remove the line, or write an expression");
    }
  }
}

}  // namespace

std::vector<FieldEntry> build_fields(const YamlNode* fields, const Reader& reader) {
  std::vector<FieldEntry> result;
  if (fields == nullptr) return result;
  std::map<std::string, Position> known;
  for (const auto& entry : fields->entries) {
    const auto [first, added] = known.emplace(folded(entry.key), entry.key_at);
    if (!added) {
      reader.findings().error(entry.key_at,
                              in_quotes(entry.key) + " is the same field as in line " +
                                  std::to_string(first->second.line),
                              "upper and lower case make no difference");
    }
    const bool is_null = entry.value->kind == Kind::Null;
    // A key with nothing behind it is reported by the shape check.
    if (is_null && entry.value->text.empty()) continue;
    result.push_back({build_field(entry, reader), is_null});
  }
  return result;
}

SyncConfig build_sync(const YamlEntry& entry, const Reader& reader, const LoadOptions& options,
                      const PresetFolders& folders) {
  SyncConfig sync;
  sync.name = entry.key;
  sync.at = entry.key_at;
  const YamlNode* node = entry.value;
  sync.read = build_read(Reader::child(node, "read"), reader);
  sync.write = build_write(Reader::child(node, "write"), reader);
  for (const auto* check : maps_of(Reader::child(node, "check"))) {
    sync.checks.push_back({reader.expression(Reader::child(check, "that")),
                           reader.text(Reader::child(check, "say"))});
  }
  if (const auto* filter = Reader::child(node, "filter")) sync.filter = reader.expression(filter);
  const YamlNode* preset = Reader::child(node, "preset");
  sync.preset = reader.text(preset);
  if (is_name(sync.preset)) {
    auto loaded = load_preset(sync.preset, preset->at, folders, options, reader.findings());
    sync.preset_file = std::move(loaded.file);
    sync.fields = std::move(loaded.fields);
  }
  merge_fields(sync.fields, build_fields(Reader::child(node, "fields"), reader), reader);
  for (const auto* rule : maps_of(Reader::child(node, "rules"))) {
    sync.rules.push_back({reader.expression(Reader::child(rule, "when")),
                          reader.object(Reader::child(rule, "set")), rule->at});
  }
  for (const auto* test : maps_of(Reader::child(node, "tests"))) {
    sync.tests.push_back(build_test(*test, reader));
  }
  return sync;
}

}  // namespace sluice::host
