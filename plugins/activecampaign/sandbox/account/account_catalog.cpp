// Lists, tags and custom fields.
#include <fmt/format.h>

#include <algorithm>

#include "account/account.hpp"
#include "account/email.hpp"

namespace activecampaign_sandbox {

namespace {

// A title becomes `TITLE_OF_FIELD`; a tag that the client names loses its blanks.
std::string make_perstag(std::string_view title, std::string_view perstag) {
  std::string made;
  for (const char c : perstag.empty() ? title : perstag) {
    if (c == ' ') {
      if (perstag.empty()) made += '_';
    } else {
      made += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
  }
  return made;
}

bool is_perstag_taken(const Table<Field>& fields, std::string_view perstag) {
  return std::any_of(fields.rows().begin(), fields.rows().end(),
                     [&](const auto& row) { return row.second.perstag == perstag; });
}

}  // namespace

List& Account::add_list(std::string name) {
  List list;
  list.string_id = fold(name);
  std::replace(list.string_id.begin(), list.string_id.end(), ' ', '-');
  list.name = std::move(name);
  list.created = now();
  list.updated = now();
  return lists.add(std::move(list));
}

void Account::remove_list(Id list) {
  for (Contact& contact : contacts.rows()) {
    const Membership* row = find_membership(contact, list);
    if (row == nullptr) continue;
    contacts.memberships.drop(row->id);
    std::erase_if(contact.lists, [&](const Membership& each) { return each.list == list; });
  }
  for (auto& [id, field] : fields.rows()) {
    std::erase_if(field.rels, [&](const FieldRel& rel) { return rel.list == list; });
  }
  lists.erase(list);
  contacts.changed();
}

List* Account::find_list(std::string_view name) {
  for (auto& [id, list] : lists.rows()) {
    if (list.name == name) return &list;
  }
  return nullptr;
}

Tag& Account::create_tag(std::string name, std::string type, std::string description) {
  Tag tag;
  tag.name = std::move(name);
  tag.type = std::move(type);
  tag.description = std::move(description);
  tag.created = now();
  tag.updated = now();
  Tag& added = tags.add(std::move(tag));
  tag_names_.emplace(fold(added.name), added.id);
  return added;
}

Tag* Account::find_tag_by_name(std::string_view name) {
  const auto found = tag_names_.find(fold(name));
  return found == tag_names_.end() ? nullptr : tags.find(found->second);
}

void Account::rename_tag(Tag& tag, std::string name) {
  tag_names_.erase(fold(tag.name));
  tag_names_.emplace(fold(name), tag.id);
  tag.name = std::move(name);
  tag.updated = now();
}

void Account::delete_tag(Id tag) {
  const Tag* gone = tags.find(tag);
  if (gone == nullptr) return;
  for (Contact& contact : contacts.rows()) remove_tag(contact, tag);
  tag_names_.erase(fold(gone->name));
  tags.erase(tag);
}

Field& Account::add_field(std::string title, std::string type, std::string_view perstag) {
  Field field;
  const std::string wanted = make_perstag(title, perstag);
  field.perstag = wanted;
  for (int n = 2; is_perstag_taken(fields, field.perstag); ++n) {
    field.perstag = fmt::format("{}_{}", wanted, n);
  }
  field.title = std::move(title);
  field.type = std::move(type);
  field.order = static_cast<std::int64_t>(fields.size()) + 1;
  field.created = now();
  field.updated = now();
  return fields.add(std::move(field));
}

Field* Account::find_field(std::string_view title) {
  const std::string folded = fold(title);
  for (auto& [id, field] : fields.rows()) {
    if (switches.field_titles_exact ? field.title == title : fold(field.title) == folded) {
      return &field;
    }
  }
  return nullptr;
}

void Account::remove_field(Id field) {
  for (Contact& contact : contacts.rows()) {
    const FieldValue* row = find_value(contact, field);
    if (row == nullptr) continue;
    contacts.values.drop(row->id);
    std::erase_if(contact.values, [&](const FieldValue& each) { return each.field == field; });
  }
  fields.erase(field);
  contacts.changed();
}

FieldOption& Account::add_option(Field& field, std::string value, std::string label) {
  FieldOption& option = field.options.emplace_back();
  option.id = next_option_id();
  option.order = static_cast<std::int64_t>(field.options.size());
  option.value = std::move(value);
  option.label = std::move(label);
  option.updated = now();
  return option;
}

Company& Account::add_company(std::string name) {
  Company company;
  company.name = std::move(name);
  company.created = now();
  company.updated = now();
  Company& added = companies.add(std::move(company));
  company_names_.emplace(added.name, added.id);
  return added;
}

Company* Account::find_company(std::string_view name) {
  const auto found = company_names_.find(std::string{name});
  return found == company_names_.end() ? nullptr : companies.find(found->second);
}

void Account::rename_company(Company& company, std::string name) {
  company_names_.erase(company.name);
  company.name = std::move(name);
  company_names_.emplace(company.name, company.id);
}

void Account::remove_company(Id company) {
  const Company* gone = companies.find(company);
  if (gone == nullptr) return;
  std::erase_if(company_links_, [&](const auto& link) {
    const CompanyContact* row = company_contacts.find(link.second);
    return row != nullptr && row->company == company;
  });
  std::erase_if(company_contacts.rows(),
                [&](const auto& row) { return row.second.company == company; });
  company_names_.erase(gone->name);
  companies.erase(company);
}

const CompanyContact* Account::company_link(Id contact) const {
  const auto found = company_links_.find(contact);
  return found == company_links_.end() ? nullptr : company_contacts.find(found->second);
}

CompanyContact& Account::link_company(Id contact, Id company, std::string job_title) {
  CompanyContact link;
  link.company = company;
  link.contact = contact;
  link.job_title = std::move(job_title);
  link.created = now();
  link.updated = now();
  CompanyContact& added = company_contacts.add(std::move(link));
  company_links_[contact] = added.id;
  contacts.changed();
  return added;
}

bool Account::unlink_company(Id link) {
  const CompanyContact* row = company_contacts.find(link);
  if (row == nullptr) return false;
  company_links_.erase(row->contact);
  company_contacts.erase(link);
  contacts.changed();
  return true;
}

}  // namespace activecampaign_sandbox
