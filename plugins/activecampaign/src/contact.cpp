#include "contact.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "texts.hpp"
#include "values.hpp"

namespace activecampaign {

using sluice::Outcome;

namespace {

constexpr std::array<std::string_view, 4> kBuiltIn{"email", "firstName", "lastName", "phone"};

// Every name once, whatever its case, without those of `except`.
std::vector<std::string> tag_names(const std::vector<std::string>& names,
                                   const std::vector<std::string>& except) {
  std::vector<std::string> result;
  const auto known = [](const std::vector<std::string>& texts, const std::string& folded) {
    return std::any_of(texts.begin(), texts.end(),
                       [&](const auto& text) { return fold(text) == folded; });
  };
  for (const auto& name : names) {
    const auto folded = fold(name);
    if (folded.empty() || known(result, folded) || known(except, folded)) continue;
    result.emplace_back(trim(name));
  }
  return result;
}

std::string said_of(std::string_view field, std::string_view problem) {
  return "field \"" + std::string{field} + "\": " + std::string{problem};
}

std::optional<Outcome> add_built_in(Contact& contact, const sluice::Write& write,
                                    const std::string& name, const json::value& value) {
  auto formatted = value.is_null() ? FormattedValue{} : format_text(value);
  if (!formatted.problem.empty()) {
    return Outcome::rejected("invalid_value", said_of(name, formatted.problem), name);
  }
  if (name != "email") {
    contact.built_in.emplace_back(name, std::move(formatted.text));
    return std::nullopt;
  }
  // The key decides who is meant; the field may only spell it differently.
  if (fold(formatted.text) == fold(write.key)) contact.email = trim(formatted.text);
  return std::nullopt;
}

std::optional<Outcome> add_custom(Contact& contact, const AccountModel& model,
                                  const std::string& name, const json::value& value) {
  const auto found = model.find_fields(name);
  if (found.empty()) {
    return Outcome::rejected("unknown_field",
                             said_of(name,
                                     "the account has no such custom field; a run of the stage "
                                     "`initial` creates it"),
                             name);
  }
  if (found.size() > 1) {
    return Outcome::rejected("ambiguous_field",
                             said_of(name,
                                     "the account has several custom fields of this title; name "
                                     "the one that is meant by its personalisation tag"),
                             name);
  }
  const auto& field = *found.front();
  auto formatted = value.is_null() ? FormattedValue{} : format_value(field, value);
  if (!formatted.problem.empty()) {
    return Outcome::rejected("invalid_value", said_of(name, formatted.problem), name);
  }
  contact.custom.push_back({&field, name, std::move(formatted.text)});
  return std::nullopt;
}

const sluice::SetChange& set_of(const sluice::Write& write, const char* name) {
  static const sluice::SetChange kNone;
  const auto found = write.sets.find(name);
  return found == write.sets.end() ? kNone : found->second;
}

std::optional<Outcome> add_lists(Contact& contact, const sluice::Write& write,
                                 const AccountModel& model, const WriteOptions& options) {
  const auto& change = set_of(write, kListsField);
  if (options.list_id) insert(contact.subscribe, *options.list_id);
  for (const auto& name : change.add) {
    const auto found = model.find_lists(name);
    if (found.size() != 1) {
      return Outcome::rejected(found.empty() ? "unknown_list" : "ambiguous_list",
                               "lists: the account has " +
                                   std::string{found.empty() ? "no list \"" : "several lists \""} +
                                   name + '"',
                               kListsField);
    }
    insert(contact.subscribe, found.front()->id);
  }
  for (const auto& name : change.keep) {
    const auto found = model.find_lists(name);
    if (found.size() == 1) insert(contact.keep_lists, found.front()->id);
  }
  for (const auto& name : change.remove) {
    for (const auto* list : model.find_lists(name)) {
      if (!contains(contact.subscribe, list->id)) insert(contact.unsubscribe, list->id);
    }
  }
  return std::nullopt;
}

}  // namespace

bool is_built_in(std::string_view name) {
  return std::find(kBuiltIn.begin(), kBuiltIn.end(), name) != kBuiltIn.end();
}

void Contact::add_kept() {
  for (const auto& list : keep_lists) insert(subscribe, list);
  for (const auto& tag : keep_tags) insert(add_tags, tag);
}

bool Contact::clears_something() const {
  return std::any_of(built_in.begin(), built_in.end(),
                     [](const auto& pair) { return trim(pair.second).empty(); }) ||
         std::any_of(custom.begin(), custom.end(),
                     [](const auto& value) { return trim(value.text).empty(); });
}

void Contact::withdraw_tag(const std::string& name) {
  if (!contains(add_tags, name)) insert(remove_tags, name);
}

json::object Contact::body() const {
  json::object contact;
  contact["email"] = email;
  for (const auto& [name, text] : built_in) contact[name] = text;
  if (!custom.empty()) {
    json::array values;
    for (const auto& value : custom) {
      values.push_back(json::object{{"field", value.field->id}, {"value", value.text}});
    }
    contact["fieldValues"] = std::move(values);
  }
  return json::object{{"contact", std::move(contact)}};
}

std::variant<Contact, Outcome> build_contact(const sluice::Write& write, const AccountModel& model,
                                             const WriteOptions& options) {
  Contact contact;
  contact.email = trim(write.key);
  for (const auto& pair : write.fields) {
    const std::string name{pair.key()};
    if (name == kTagsField || name == kListsField) continue;
    auto problem = is_built_in(name) ? add_built_in(contact, write, name, pair.value())
                                     : add_custom(contact, model, name, pair.value());
    if (problem) return std::move(*problem);
  }
  if (auto problem = add_lists(contact, write, model, options)) return std::move(*problem);
  const auto& tags = set_of(write, kTagsField);
  contact.add_tags = tag_names(tags.add, {});
  contact.keep_tags = tag_names(tags.keep, contact.add_tags);
  contact.remove_tags = tag_names(tags.remove, contact.add_tags);
  return contact;
}

std::vector<std::string> tags_left_behind(const sluice::Write& write) {
  return tag_names(set_of(write, kTagsField).remove, {});
}

std::vector<std::string> lists_to_leave(const sluice::Write& write, const AccountModel& model,
                                        const WriteOptions& options) {
  std::vector<std::string> lists;
  if (options.list_id) lists.push_back(*options.list_id);
  const auto& change = set_of(write, kListsField);
  for (const auto* names : {&change.add, &change.remove, &change.keep}) {
    for (const auto& name : *names) {
      for (const auto* list : model.find_lists(name)) insert(lists, list->id);
    }
  }
  return lists;
}

}  // namespace activecampaign
