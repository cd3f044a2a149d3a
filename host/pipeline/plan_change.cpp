#include "pipeline/plan_change.hpp"

#include <algorithm>
#include <functional>
#include <set>

namespace sluice::host {
namespace {

using Members = std::vector<std::string>;

bool contains(const Members& texts, std::string_view text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

std::string text_of(const json::value& value) {
  if (value.is_null()) return {};
  return value.is_string() ? std::string{value.get_string()} : to_json(value);
}

json::array to_array(const Members& texts) {
  return json::array(texts.begin(), texts.end());
}

const json::object& member(const json::object& row, std::string_view name) {
  static const json::object kNone;
  const auto* value = row.if_contains(name);
  return value != nullptr && value->is_object() ? value->get_object() : kNone;
}

const Members& members(const Document& document, const std::string& name) {
  static const Members kNone;
  const auto found = document.sets.find(name);
  return found == document.sets.end() ? kNone : found->second;
}

using Equal = std::function<bool(const json::value& old, const json::value& now, bool if_empty)>;

json::array changes(const PlannedChange& change, const json::object& before, const Equal& equal) {
  json::array out;
  for (const auto& field : change.document.fields) {
    const auto* known = before.if_contains(field.key());
    const json::value old = known == nullptr ? json::value(nullptr) : *known;
    const bool if_empty = contains(change.if_empty, field.key());
    if (equal(old, field.value(), if_empty)) continue;
    json::object entry{{"name", field.key()}, {"old", old}, {"new", field.value()}};
    if (if_empty) entry["if_empty"] = true;
    out.push_back(std::move(entry));
  }
  return out;
}

using Stands = std::function<bool(const std::string& set, const std::string& member)>;

json::array changes(const PlannedChange& change, const Stands& stands) {
  std::set<std::string> names;
  for (const auto* document : {&change.document, &change.delivered}) {
    for (const auto& [name, unused] : document->sets) names.insert(name);
  }
  json::array out;
  for (const auto& name : names) {
    const Members& now = members(change.document, name);
    Members add, remove;
    for (const auto& text : now) {
      if (!stands(name, text)) add.push_back(text);
    }
    for (const auto& text : members(change.delivered, name)) {
      if (!contains(now, text) && stands(name, text)) remove.push_back(text);
    }
    if (add.empty() && remove.empty()) continue;
    out.push_back(
        json::object{{"name", name}, {"add", to_array(add)}, {"remove", to_array(remove)}});
  }
  return out;
}

}  // namespace

json::array field_changes(const PlannedChange& change) {
  return changes(change, change.delivered.fields,
                 [](const auto& old, const auto& now, bool) { return old == now; });
}

json::array field_changes(const PlannedChange& change, const json::object& remote) {
  return changes(change, member(remote, "fields"),
                 [](const auto& old, const auto& now, bool if_empty) {
                   return text_of(old) == text_of(now) || (if_empty && !text_of(old).empty());
                 });
}

json::array set_changes(const PlannedChange& change) {
  return changes(change, [&change](const std::string& set, const std::string& text) {
    return contains(members(change.delivered, set), text);
  });
}

json::array set_changes(const PlannedChange& change, const json::object& remote) {
  const json::object& sets = member(remote, "sets");
  return changes(change, [&sets](const std::string& set, const std::string& text) {
    const auto* there = sets.if_contains(set);
    if (there == nullptr || !there->is_array()) return false;
    const auto& array = there->get_array();
    return std::any_of(array.begin(), array.end(), [&text](const json::value& value) {
      return value.is_string() && value.get_string() == text;
    });
  });
}

}  // namespace sluice::host
