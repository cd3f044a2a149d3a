#include "file_writer.hpp"

#include <algorithm>
#include <sluice/error.hpp>
#include <utility>

#include "document_store.hpp"
#include "record_parser.hpp"

namespace file_connector {
namespace {

namespace json = sluice::json;
using sluice::Effect;
using sluice::Outcome;
using sluice::Write;

bool is_empty(const json::value* value) {
  return value == nullptr || value->is_null() ||
         (value->is_string() && value->get_string().empty());
}

auto find_text(json::array& members, const std::string& text) {
  return std::find_if(members.begin(), members.end(), [&](const json::value& member) {
    return member.is_string() && member.get_string() == text;
  });
}

void change_set(json::object& document, const std::string& name, const sluice::SetChange& change,
                bool is_new) {
  auto& value = document[name];
  if (!value.is_array()) value.emplace_array();
  auto& members = value.get_array();
  for (const auto& text : change.remove) {
    const auto member = find_text(members, text);
    if (member != members.end()) members.erase(member);
  }
  const auto add = [&](const std::vector<std::string>& texts) {
    for (const auto& text : texts) {
      if (find_text(members, text) == members.end()) members.emplace_back(text);
    }
  };
  add(change.add);
  if (is_new) add(change.keep);
}

// A list of texts counts as a set as well: the file does not say which it is.
std::map<std::string, std::vector<std::string>> sets_of(const json::object& document) {
  std::map<std::string, std::vector<std::string>> sets;
  for (const auto& member : document) {
    const auto* list = member.value().if_array();
    if (list == nullptr || !std::all_of(list->begin(), list->end(),
                                        [](const auto& item) { return item.is_string(); })) {
      continue;
    }
    auto& texts = sets[member.key()];
    for (const auto& item : *list) texts.emplace_back(item.get_string());
  }
  return sets;
}

}  // namespace

json::object merged(json::object document, const Write& write) {
  const bool is_new = document.empty();
  for (const auto& field : write.fields) {
    const std::string name{field.key()};
    const bool only_if_empty =
        std::find(write.if_empty.begin(), write.if_empty.end(), name) != write.if_empty.end();
    if (only_if_empty && !is_empty(document.if_contains(name))) continue;
    if (!field.value().is_null()) {
      document[name] = field.value();
    } else if (const auto known = document.find(name); known != document.end()) {
      document.stable_erase(known);
    }
  }
  for (const auto& [name, change] : write.sets) change_set(document, name, change, is_new);
  return document;
}

// The document as the store will have it after the write.
json::object FileWriter::after(json::object document, const Write& write) const {
  return store_->stored(merged(std::move(document), write));
}

// The members that a write would change.
std::vector<std::string> FileWriter::changed(const json::object& known, const Write& write) const {
  const auto now_all = after(known, write);
  std::vector<std::string> names;
  const auto note = [&](std::string_view name) {
    const auto* before = known.if_contains(name);
    const auto* now = now_all.if_contains(name);
    const bool same = before == nullptr || now == nullptr ? before == now : *before == *now;
    if (!same) names.emplace_back(name);
  };
  for (const auto& field : write.fields) note(field.key());
  for (const auto& [name, unused] : write.sets) note(name);
  return names;
}

std::vector<Outcome> FileWriter::write(sluice::Context& context, std::span<const Write> batch) {
  store_->refresh_to_write(context);
  std::vector<Outcome> outcomes;
  outcomes.reserve(batch.size());
  try {
    for (const auto& write : batch) outcomes.push_back(apply(write));
  } catch (...) {
    store_->discard();
    throw;
  }
  store_->commit();
  return outcomes;
}

Outcome FileWriter::apply(const Write& write) {
  if (write.key.empty()) return Outcome::rejected("key", "the key is empty", match_);
  if (write.fields.contains(kDeletedMember)) {
    return Outcome::rejected("field", "this name marks deletions; name the field otherwise",
                             std::string{kDeletedMember});
  }
  return write.op == Write::Op::Upsert ? upsert(write) : remove(write);
}

Outcome FileWriter::upsert(const Write& write) {
  const auto under_key = store_->find(write.key);
  const auto renamed = write.previous_key && *write.previous_key != write.key
                           ? store_->find(*write.previous_key)
                           : std::nullopt;
  const bool rekey = renamed && !under_key;
  const auto& known = rekey ? renamed : under_key;
  if (mode_ == sluice::WriteMode::Create && known) {
    // The work of an attempt whose answer was lost.
    if (write.repeated && after(*known, write) == *known) return Outcome::ok(Effect::Created);
    return Outcome::rejected("exists", "a document with this key exists", match_);
  }
  if (mode_ == sluice::WriteMode::Update && !known) {
    return Outcome::rejected("not_found", "no document has this key", match_);
  }

  const auto* named = write.fields.if_contains(match_);
  if (!known && write.sets.empty() && named != nullptr && key_text(*named) == write.key) {
    store_->put_new(write.key, write.fields);
    return Outcome::ok(Effect::Created);
  }
  auto document = after(known.value_or(json::object{}), write);
  const auto* key = document.if_contains(match_);
  if (key == nullptr || key_text(*key) != write.key) document[match_] = write.key;
  auto outcome = Outcome::ok(!known               ? Effect::Created
                             : *known == document ? Effect::Unchanged
                                                  : Effect::Updated);
  outcome.rekeyed = rekey || !renamed;
  if (outcome.effect == Effect::Unchanged) return outcome;
  if (rekey) store_->remove(*write.previous_key);
  store_->put(write.key, document);
  return outcome;
}

Outcome FileWriter::remove(const Write& write) {
  if (write.action != deletion_) {
    return Outcome::rejected("action", "this file knows no deletion called '" + write.action +
                                           "', only '" + deletion_ + "'");
  }
  if (!store_->find(write.key)) return Outcome::ok(Effect::Unchanged);
  store_->remove(write.key);
  return Outcome::ok(Effect::Deleted);
}

void FileWriter::flush(sluice::Context& context) {
  store_->sync(context);
}

std::vector<sluice::RemoteRow> FileWriter::lookup(sluice::Context& context,
                                                  const std::vector<std::string>& keys,
                                                  bool by_remote_id) {
  if (by_remote_id) {
    throw sluice::Error{sluice::Code::Unsupported, "documents of a file have no ids, only keys"};
  }
  store_->refresh(context);
  std::vector<sluice::RemoteRow> rows;
  rows.reserve(keys.size());
  for (const auto& key : keys) {
    sluice::RemoteRow row;
    row.key = key;
    if (auto document = store_->find(key)) {
      row.found = true;
      row.sets = sets_of(*document);
      row.fields = *std::move(document);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<sluice::Difference> FileWriter::verify(sluice::Context& context,
                                                   std::span<const Write> batch) {
  store_->refresh(context);
  std::vector<sluice::Difference> differences;
  differences.reserve(batch.size());
  for (const auto& write : batch) {
    sluice::Difference difference;
    if (const auto known = store_->find(write.key)) {
      difference.found = true;
      if (mode_ != sluice::WriteMode::Create) difference.names = changed(*known, write);
    }
    differences.push_back(std::move(difference));
  }
  return differences;
}

}  // namespace file_connector
