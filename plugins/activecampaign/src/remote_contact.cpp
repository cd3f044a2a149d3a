#include "remote_contact.hpp"

#include <date/date.h>

#include <array>
#include <utility>

#include "find.hpp"
#include "values.hpp"

namespace activecampaign {

namespace {

constexpr std::size_t kRowsPerCall = 100;
constexpr std::string_view kCollections = "fieldValues,contactLists,contactTags";

struct Collection {
  const char* name;
  void (*add)(RemoteContact&, const json::object& row);
};

void add_value(RemoteContact& contact, const json::object& row) {
  contact.values[scalar(row, "field")] = scalar(row, "value");
}
void add_list(RemoteContact& contact, const json::object& row) {
  contact.lists[scalar(row, "list")] = scalar(row, "status");
}
void add_tag(RemoteContact& contact, const json::object& row) {
  contact.tags.push_back(scalar(row, "tag"));
}

constexpr std::array<Collection, 3> kParts{
    {{"fieldValues", add_value}, {"contactLists", add_list}, {"contactTags", add_tag}}};

RemoteContact start(const json::object& row) {
  RemoteContact contact;
  contact.id = scalar(row, "id");
  contact.email = scalar(row, "email");
  contact.row = row;
  return contact;
}

// Collections that came along with the answer are taken from it, the others are asked for.
class Details {
 public:
  void add(RemoteContact& contact, const json::object& page) {
    for (const auto& part : kParts) {
      if (!has_array(page, part.name)) {
        missing_.emplace_back(&contact, &part);
        continue;
      }
      for (const auto& row : items(page, part.name)) {
        if (scalar(as_object(row), "contact") == contact.id) part.add(contact, as_object(row));
      }
    }
  }

  void fetch(sluice::Context& context, Client& client) {
    std::vector<sluice::HttpRequest> requests;
    requests.reserve(missing_.size());
    for (const auto& [contact, part] : missing_) {
      const std::string name{part->name};
      requests.push_back(
          get_request(path_to("contacts", contact->id) + '/' + name, "/contacts/{id}/" + name));
    }
    const auto answers = client.send_all(context, std::move(requests));
    for (std::size_t i = 0; i < answers.size(); ++i) {
      const auto& [contact, part] = missing_[i];
      if (!answers[i].ok() && answers[i].kind != Answer::Kind::Missing) {
        throw answers[i].error("reading a contact's " + std::string{part->name});
      }
      for (const auto& row : items(answers[i].body, part->name))
        part->add(*contact, as_object(row));
    }
  }

 private:
  std::vector<std::pair<RemoteContact*, const Collection*>> missing_;
};

}  // namespace

bool is_tombstone(const json::object& row) {
  return fold(scalar(row, "email")).starts_with("deleted+" + scalar(row, "id") + "@");
}

std::vector<std::optional<RemoteContact>> read_contacts(sluice::Context& context, Client& client,
                                                        const std::vector<std::string>& emails) {
  const auto found = find_contacts(context, client, emails, kCollections);
  std::vector<std::optional<RemoteContact>> result(emails.size());
  Details details;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i].problem) throw found[i].problem->error("looking contacts up");
    if (!found[i].contact) continue;
    result[i] = start(*found[i].contact);
    details.add(*result[i], found[i].page);
  }
  details.fetch(context, client);
  return result;
}

std::vector<std::optional<RemoteContact>> read_changed_contacts(
    sluice::Context& context, Client& client, std::chrono::system_clock::time_point since,
    const std::vector<std::string>& emails) {
  std::map<std::string, std::size_t> places;  // by folded e-mail
  for (std::size_t i = 0; i < emails.size(); ++i) places.emplace(fold(emails[i]), i);
  std::vector<std::optional<RemoteContact>> result(emails.size());
  Details details;
  const auto from = date::format("%FT%T.000Z", date::floor<std::chrono::seconds>(since));
  std::string last = "0";
  // Others change too: what lies further behind is cheaper found by e-mail.
  for (std::size_t page = 0; page <= emails.size() / kRowsPerCall + 2; ++page) {
    const auto body = client.get(context, "/contacts",
                                 {{"limit", std::to_string(kRowsPerCall)},
                                  {"orders[id]", "ASC"},
                                  {"id_greater", last},
                                  {"filters[updated_after]", from},
                                  {"include", std::string{kCollections}}});
    const auto& rows = items(body, "contacts");
    for (const auto& value : rows) {
      const auto& row = as_object(value);
      const auto place = places.find(fold(scalar(row, "email")));
      if (place == places.end() || is_tombstone(row)) continue;
      result[place->second] = start(row);
      details.add(*result[place->second], body);
    }
    if (rows.size() < kRowsPerCall) break;
    last = scalar(as_object(rows.back()), "id");
  }
  details.fetch(context, client);
  return result;
}

namespace {

std::vector<json::object> pages_by_id(sluice::Context& context, Client& client,
                                      const std::vector<std::string>& ids,
                                      std::string_view include) {
  std::vector<sluice::HttpRequest> requests;
  for (std::size_t start_at = 0; start_at < ids.size(); start_at += kRowsPerCall) {
    sluice::Pairs query{{"limit", std::to_string(kRowsPerCall)}};
    for (std::size_t i = start_at; i < ids.size() && i < start_at + kRowsPerCall; ++i) {
      query.emplace_back("ids[]", ids[i]);
    }
    if (!include.empty()) query.emplace_back("include", std::string{include});
    requests.push_back(get_request("/contacts", "/contacts", std::move(query)));
  }
  std::vector<json::object> pages;
  for (auto& answer : client.send_all(context, std::move(requests))) {
    if (!answer.ok()) throw answer.error("looking contacts up by id");
    pages.push_back(std::move(answer.body));
  }
  return pages;
}

}  // namespace

std::map<std::string, json::object> read_rows_by_id(sluice::Context& context, Client& client,
                                                    const std::vector<std::string>& ids) {
  std::map<std::string, json::object> rows;
  for (const auto& page : pages_by_id(context, client, ids, {})) {
    for (const auto& row : items(page, "contacts")) {
      rows[scalar(as_object(row), "id")] = as_object(row);
    }
  }
  return rows;
}

std::vector<std::optional<RemoteContact>> read_contacts_by_id(sluice::Context& context,
                                                              Client& client,
                                                              const std::vector<std::string>& ids) {
  const auto pages = pages_by_id(context, client, ids, kCollections);
  std::vector<std::optional<RemoteContact>> result(ids.size());
  Details details;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto& page = pages[i / kRowsPerCall];
    for (const auto& row : items(page, "contacts")) {
      if (scalar(as_object(row), "id") != ids[i] || is_tombstone(as_object(row))) continue;
      result[i] = start(as_object(row));
      details.add(*result[i], page);
      break;
    }
  }
  details.fetch(context, client);
  return result;
}

namespace {

json::value text_or_null(const std::string& text) {
  if (is_blank(text)) return nullptr;
  return json::value(text);
}

}  // namespace

sluice::RemoteRow to_row(const RemoteContact& contact, const AccountModel& model) {
  sluice::RemoteRow result;
  result.key = contact.email;
  result.found = true;
  result.remote_id = contact.id;
  for (const char* name : {"email", "firstName", "lastName", "phone"}) {
    result.fields[name] = text_or_null(scalar(contact.row, name));
  }
  for (const auto& field : model.fields()) {
    if (is_built_in(field.title)) continue;
    const auto stored = contact.values.find(field.id);
    result.fields[field.title] =
        stored == contact.values.end() ? json::value{} : parse_value(field, stored->second);
  }
  auto& tags = result.sets[kTagsField];
  for (const auto& id : contact.tags) {
    if (const auto* tag = model.tag_by_id(id)) tags.push_back(tag->name);
  }
  // Rules may name a list either way.
  auto& lists = result.sets[kListsField];
  for (const auto& list : model.lists()) {
    const auto found = contact.lists.find(list.id);
    if (found == contact.lists.end() || found->second != kActive) continue;
    lists.push_back(list.name);
    lists.push_back(list.id);
  }
  result.opted_out = consent_after({}, contact.lists, {}).opted_out;
  return result;
}

}  // namespace activecampaign
