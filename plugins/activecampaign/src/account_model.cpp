#include "account_model.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace activecampaign {

using sluice::Code;
using sluice::Error;
using sluice::FieldType;

FieldType field_type_of(std::string_view vendor_type) {
  const auto type = fold(vendor_type);
  if (type == "textarea") return FieldType::Textarea;
  if (type == "number" || type == "currency") return FieldType::Number;
  if (type == "date") return FieldType::Date;
  if (type == "datetime") return FieldType::Datetime;
  if (type == "dropdown" || type == "radio") return FieldType::Option;
  if (type == "checkbox" || type == "listbox" || type == "multiselect") return FieldType::Options;
  return FieldType::Text;
}

void AccountModel::load_lists(sluice::Context& context, Client& client) {
  std::vector<MailingList> lists;
  std::set<std::string> seen;
  for (const auto& page : client.get_pages(context, "/lists", "lists")) {
    for (const auto& row : items(page, "lists")) {
      const auto& object = as_object(row);
      MailingList list{scalar(object, "id"), scalar(object, "name")};
      if (!list.id.empty() && seen.insert(list.id).second) lists.push_back(std::move(list));
    }
  }
  lists_ = std::move(lists);
  lists_are_loaded_ = true;
}

namespace {

CustomField read_field(const json::object& row) {
  CustomField field;
  field.id = scalar(row, "id");
  field.title = scalar(row, "title");
  field.perstag = scalar(row, "perstag");
  field.vendor_type = scalar(row, "type");
  field.type = field_type_of(field.vendor_type);
  return field;
}

}  // namespace

void AccountModel::load_fields(sluice::Context& context, Client& client) {
  std::vector<CustomField> fields;
  std::map<std::string, std::vector<std::pair<long, CustomField::Option>>> options;
  std::map<std::string, std::set<std::string>> relations;
  std::set<std::string> seen;
  std::set<std::string> seen_options;
  bool relations_are_known = true;
  for (const auto& page : client.get_pages(context, "/fields", "fields")) {
    relations_are_known = relations_are_known && has_array(page, "fieldRels");
    for (const auto& row : items(page, "fields")) {
      auto field = read_field(as_object(row));
      if (!field.id.empty() && seen.insert(field.id).second) fields.push_back(std::move(field));
    }
    for (const auto& row : items(page, "fieldOptions")) {
      const auto& option = as_object(row);
      if (const auto id = scalar(option, "id"); !id.empty() && !seen_options.insert(id).second) {
        continue;
      }
      options[scalar(option, "field")].push_back(
          {std::atol(scalar(option, "orderid").c_str()),
           {scalar(option, "value"), scalar(option, "label")}});
    }
    for (const auto& row : items(page, "fieldRels")) {
      relations[scalar(as_object(row), "field")].insert(scalar(as_object(row), "relid"));
    }
  }
  for (auto& field : fields) {
    auto& found = options[field.id];
    std::stable_sort(found.begin(), found.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    for (auto& [order, option] : found) field.options.push_back(std::move(option));
    field.lists = relations[field.id];
    field.lists_are_known = relations_are_known;
  }
  fields_ = std::move(fields);
  fields_are_loaded_ = true;
}

void AccountModel::load_tags(sluice::Context& context, Client& client) {
  tags_.clear();
  tag_names_.clear();
  for (const auto& page : client.get_pages(context, "/tags", "tags")) {
    for (const auto& row : items(page, "tags")) {
      const auto& tag = as_object(row);
      // Tags of templates live in the same collection.
      if (const auto type = scalar(tag, "tagType"); !type.empty() && type != "contact") continue;
      add_tag({scalar(tag, "id"), scalar(tag, "tag")});
    }
  }
  tags_are_loaded_ = true;
}

void AccountModel::complete(sluice::Context& context, Client& client) {
  if (!lists_are_loaded_) load_lists(context, client);
  if (!fields_are_loaded_) load_fields(context, client);
}

void AccountModel::add_tag(const Tag& tag) {
  const auto key = fold(tag.name);
  tag_names_[tag.id] = key;
  tags_.try_emplace(key, tag);
}

Matches<MailingList> AccountModel::find_lists(std::string_view name_or_id) const {
  const auto wanted = trim(name_or_id);
  Matches<MailingList> found;
  for (const auto& list : lists_) {
    if (list.id == wanted) return {&list};
    if (trim(list.name) == wanted) found.push_back(&list);
  }
  return found;
}

Matches<CustomField> AccountModel::find_fields(std::string_view title_or_perstag) const {
  auto wanted = trim(title_or_perstag);
  const auto matching = [&](auto matches) {
    Matches<CustomField> found;
    for (const auto& field : fields_) {
      if (matches(field)) found.push_back(&field);
    }
    return found;
  };
  auto found = matching([&](const auto& f) { return trim(f.title) == wanted; });
  if (!found.empty()) return found;
  auto tag = wanted;
  if (tag.size() > 2 && tag.starts_with('%') && tag.ends_with('%')) {
    tag = tag.substr(1, tag.size() - 2);
  }
  found = matching([&](const auto& f) { return !f.perstag.empty() && f.perstag == tag; });
  if (!found.empty()) return found;
  found = matching([&](const auto& f) { return fold(f.title) == fold(wanted); });
  if (!found.empty()) return found;
  return matching(
      [&](const auto& f) { return !f.perstag.empty() && fold(f.perstag) == fold(tag); });
}

const CustomField* AccountModel::field_by_id(std::string_view id) const {
  const auto found =
      std::find_if(fields_.begin(), fields_.end(), [&](const auto& f) { return f.id == id; });
  return found == fields_.end() ? nullptr : &*found;
}

const Tag* AccountModel::find_tag(std::string_view name) const {
  const auto found = tags_.find(fold(name));
  return found == tags_.end() ? nullptr : &found->second;
}

const Tag* AccountModel::tag_by_id(std::string_view id) const {
  const auto name = tag_names_.find(std::string{id});
  return name == tag_names_.end() ? nullptr : find_tag(name->second);
}

namespace {

std::string describe(const MailingList& list) {
  return "\"" + list.name + "\" (id " + list.id + ")";
}

std::string join_lists(const Matches<MailingList>& lists) {
  constexpr std::size_t kShown = 20;
  std::string text;
  for (std::size_t i = 0; i < lists.size() && i < kShown; ++i) {
    text += (i == 0 ? "" : ", ") + describe(*lists[i]);
  }
  if (lists.size() > kShown) {
    text += " and " + std::to_string(lists.size() - kShown) + " more";
  }
  return text;
}

}  // namespace

const MailingList& require_list(const AccountModel& model, std::string_view name_or_id) {
  const std::string name{trim(name_or_id)};
  const auto found = model.find_lists(name);
  if (found.size() == 1) return *found.front();
  if (found.size() > 1) {
    throw Error{Code::Config, "list: \"" + name + "\" is ambiguous, " + join_lists(found) +
                                  " match: write the id of the one that is meant"};
  }
  std::string message = "list: the account has no list \"" + name + "\"";
  Matches<MailingList> all;
  for (const auto& list : model.lists()) {
    if (fold(list.name) == fold(name)) message += "; did you mean " + describe(list) + "?";
    all.push_back(&list);
  }
  message += all.empty() ? "; it has no lists at all: create it at ActiveCampaign first"
                         : "; existing lists: " + join_lists(all);
  throw Error{Code::Config, message};
}

}  // namespace activecampaign
