#include "control/dump.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "account/times.hpp"
#include "sluice/json.hpp"

namespace activecampaign_sandbox {

namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, kWriteKinds> kWriteNames = {
    "create", "sync", "update", "delete", "list", "tag", "field_value", "bulk", "account"};

json::object writes_by(const Contact& contact) {
  json::object made;
  for (std::size_t i = 0; i < kWriteKinds; ++i) {
    if (contact.writes[i] != 0) made.emplace(kWriteNames[i], contact.writes[i]);
  }
  return made;
}

std::uint32_t all_writes(const Contact& contact) {
  return std::accumulate(contact.writes.begin(), contact.writes.end(), 0U);
}

json::object lists_of(const Account& account, const Contact& contact) {
  json::object made;
  for (const Membership& row : contact.lists) {
    const List* list = account.lists.find(row.list);
    if (list == nullptr) continue;
    // Names of lists are not unique; a second one of the name is told apart by its id.
    const bool is_taken = made.contains(list->name);
    made[is_taken ? list->name + '#' + std::to_string(list->id) : list->name] = row.status;
  }
  return made;
}

json::array tags_of(const Account& account, const Contact& contact) {
  std::vector<std::string_view> names;
  for (const ContactTag& row : contact.tags) {
    if (const Tag* tag = account.tags.find(row.tag)) names.push_back(tag->name);
  }
  std::sort(names.begin(), names.end());
  json::array made;
  for (const std::string_view name : names) made.emplace_back(name);
  return made;
}

json::object values_of(const Account& account, const Contact& contact) {
  json::object made;
  for (const FieldValue& row : contact.values) {
    const Field* field = account.fields.find(row.field);
    if (field != nullptr && !row.value.empty()) made.emplace(field->title, row.value);
  }
  return made;
}

json::object contact_entry(const Account& account, const Contact& contact) {
  json::object made;
  made.emplace("id", std::to_string(contact.id));
  made.emplace("email", contact.email);
  made.emplace("firstName", contact.first_name);
  made.emplace("lastName", contact.last_name);
  made.emplace("phone", contact.phone);
  made.emplace("bounced", contact.bounced);
  made.emplace("lists", lists_of(account, contact));
  made.emplace("tags", tags_of(account, contact));
  made.emplace("fields", values_of(account, contact));
  const CompanyContact* link = account.company_link(contact.id);
  const Company* company = link == nullptr ? nullptr : account.companies.find(link->company);
  made.emplace("account", company == nullptr ? json::value(nullptr) : json::value(company->name));
  made.emplace("writes", all_writes(contact));
  made.emplace("writes_by", writes_by(contact));
  made.emplace("automation_runs", contact.automation_runs);
  made.emplace("cdate", iso_time(contact.created, account.switches.utc_offset_minutes));
  made.emplace("udate", iso_time(contact.updated, account.switches.utc_offset_minutes));
  return made;
}

// Writes row by row: a large account is never held as a second tree.
template <class Rows, class Entry>
void write_rows(std::string& out, std::string_view name, const Rows& rows, Entry entry) {
  out += ",\"";
  out += name;
  out += "\":[";
  bool first = true;
  for (const auto& row : rows) {
    const json::value made = entry(row);
    if (made.is_null()) continue;
    if (!first) out += ',';
    first = false;
    sluice::write_json(out, made);
  }
  out += ']';
}

json::array ids(const std::vector<Id>& rows) {
  json::array made;
  for (const Id id : rows) made.emplace_back(std::to_string(id));
  return made;
}

json::array texts(const std::vector<std::string>& rows) {
  json::array made;
  for (const std::string& text : rows) made.emplace_back(text);
  return made;
}

json::value field_entry(const Field& field) {
  json::array options;
  for (const FieldOption& option : field.options) options.emplace_back(option.value);
  json::array lists;
  for (const FieldRel& rel : field.rels) lists.emplace_back(std::to_string(rel.list));
  return {{"id", std::to_string(field.id)},
          {"title", field.title},
          {"type", field.type},
          {"perstag", field.perstag},
          {"options", std::move(options)},
          {"lists", std::move(lists)}};
}

void write_catalog(std::string& out, const Account& account) {
  write_rows(out, "accounts", account.companies.rows(), [](const auto& row) -> json::value {
    const Company& company = row.second;
    return {
        {"id", std::to_string(company.id)}, {"name", company.name}, {"accountUrl", company.url}};
  });
  write_rows(out, "lists", account.lists.rows(), [](const auto& row) -> json::value {
    const List& list = row.second;
    return {{"id", std::to_string(list.id)},
            {"name", list.name},
            {"members", list.members},
            {"active", list.active}};
  });
  write_rows(out, "tags", account.tags.rows(), [](const auto& row) -> json::value {
    const Tag& tag = row.second;
    return {{"id", std::to_string(tag.id)},
            {"name", tag.name},
            {"type", tag.type},
            {"subscribers", tag.subscribers}};
  });
  write_rows(out, "fields", account.fields.rows(),
             [](const auto& row) -> json::value { return field_entry(row.second); });
  write_rows(out, "exclusions", account.exclusions.rows(), [](const auto& row) -> json::value {
    const Exclusion& exclusion = row.second;
    return {{"id", std::to_string(exclusion.id)},
            {"phrase", exclusion.phrase},
            {"match", exclusion.match}};
  });
  write_rows(out, "bounced", account.bounced,
             [](const std::string& email) { return json::value(email); });
}

}  // namespace

std::string dump(const Account& account, const BulkImporter& importer) {
  std::string out = "{\"account\":";
  sluice::write_json(
      out,
      json::object{{"contacts", account.contacts.live()},
                   {"deleted", account.contacts.ever() - account.contacts.live()},
                   {"contact_limit", account.contact_limit ? json::value(*account.contact_limit)
                                                           : json::value(nullptr)}});
  write_rows(out, "contacts", account.contacts.rows(), [&](const Contact& contact) {
    return contact.deleted ? json::value(nullptr) : json::value(contact_entry(account, contact));
  });
  write_rows(out, "deleted", account.contacts.rows(), [](const Contact& contact) -> json::value {
    if (!contact.deleted) return nullptr;
    return {{"id", std::to_string(contact.id)},
            {"email", contact.email},
            {"writes", all_writes(contact)}};
  });
  write_catalog(out, account);
  write_rows(out, "batches", importer.batches(), [](const Batch& batch) -> json::value {
    return {{"id", batch.id},
            {"status", to_string(batch.state)},
            {"contacts", batch.size},
            {"created", ids(batch.created)},
            {"updated", ids(batch.updated)},
            {"failure", texts(batch.failure)}};
  });
  out += '}';
  return out;
}

}  // namespace activecampaign_sandbox
