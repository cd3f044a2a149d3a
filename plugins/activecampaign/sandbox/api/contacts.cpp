#include <array>

#include "account/email.hpp"
#include "account/hash.hpp"
#include "api/contact_body.hpp"
#include "api/errors.hpp"
#include "api/handlers.hpp"
#include "api/render.hpp"

namespace activecampaign_sandbox {

namespace {

json::array written_values(const Renderer& render, const Contact& contact,
                           const std::vector<WrittenValue>& written) {
  json::array values;
  for (const auto& [field, fresh] : written) {
    const FieldValue* row = Account::find_value(contact, field);
    if (row == nullptr) continue;
    values.emplace_back(render.value(contact, *row, fresh ? Shown::Fresh : Shown::Repeated));
  }
  return values;
}

// Only the values of this call are shown as objects; the row lists the ids of all.
json::object written_body(json::array values, bool were_sent, json::object contact) {
  json::object body(contact.storage());
  if (were_sent) body.emplace("fieldValues", std::move(values));
  body.emplace("contact", std::move(contact));
  return body;
}

SandboxResponse create(const Call& call, const std::string& email, const json::object& sent,
                       Write kind) {
  const ContactChange change = read_contact_change(call, sent);
  if (call.account.at_contact_limit()) {
    throw over_contact_limit(call.account.switches.over_limit_status);
  }
  Contact& contact = call.account.create_contact(email);
  const auto written = call.account.apply(contact, change);
  call.account.record_write(contact, kind);
  const Renderer render{call};
  return reply(201, written_body(written_values(render, contact, written), !change.values.empty(),
                                 render.created_contact(contact, kind == Write::Sync)));
}

SandboxResponse sync(const Call& call) {
  const json::object sent = call.body("contact");
  const std::string email = read_email(sent);
  if (email.empty()) throw bad_request("Contact email must be provided for sync");
  if (!is_valid_email(email)) throw email_invalid();
  Contact* contact = call.account.contacts.find_by_email(email);
  if (contact == nullptr) return create(call, email, sent, Write::Sync);
  const ContactChange change = read_contact_change(call, sent);
  const auto written = call.account.apply(*contact, change);
  call.account.record_write(*contact, Write::Sync);
  const Renderer render{call};
  return reply(200, written_body(written_values(render, *contact, written), !change.values.empty(),
                                 render.written_contact(*contact)));
}

SandboxResponse create_contact(const Call& call) {
  const json::object sent = call.body("contact");
  const std::string email = read_email(sent);
  if (!is_valid_email(email)) throw email_invalid();
  if (call.account.contacts.find_by_email(email) != nullptr) throw email_duplicate();
  return create(call, email, sent, Write::Create);
}

SandboxResponse update_contact(const Call& call) {
  Contact& contact = call.contact();
  const json::object sent = call.body("contact");
  ContactChange change = read_contact_change(call, sent);
  if (const std::string email = read_email(sent); !email.empty()) {
    if (!is_valid_email(email)) throw email_invalid();
    const Contact* owner = call.account.contacts.find_by_email(email);
    if (owner != nullptr && owner != &contact) throw email_duplicate();
    change.email = email;
  }
  const auto written = call.account.apply(contact, change);
  contact.edited = true;
  call.account.record_write(contact, Write::Update);
  const Renderer render{call};
  return reply(200, written_body(written_values(render, contact, written), !change.values.empty(),
                                 render.written_contact(contact)));
}

SandboxResponse delete_contact(const Call& call) {
  Contact* contact = call.account.contacts.find(call.id());
  if (contact == nullptr) {
    throw ApiError{404, json::object{{"message", "No result found for contact with id " +
                                                     call.request.param("id")}}};
  }
  call.account.record_write(*contact, Write::Delete);
  call.account.remove_contact(*contact);
  return reply(200, json::object{});
}

json::array memberships(const Renderer& render, const Contact& contact) {
  json::array rows(render.storage());
  for (const auto& row : contact.lists) {
    rows.emplace_back(render.membership(contact, row, Shown::Read));
  }
  return rows;
}

json::array values(const Renderer& render, const Contact& contact) {
  json::array rows(render.storage());
  for (const auto& row : contact.values) rows.emplace_back(render.value(contact, row, Shown::Read));
  return rows;
}

json::array tags(const Renderer& render, const Contact& contact) {
  json::array rows(render.storage());
  for (const auto& row : contact.tags) rows.emplace_back(render.contact_tag(contact, row));
  return rows;
}

json::array companies(const Call& call, const Renderer& render, const Contact& contact) {
  json::array rows(render.storage());
  if (const CompanyContact* link = call.account.company_link(contact.id)) {
    rows.emplace_back(render.company_contact(*link));
  }
  return rows;
}

template <class Rows>
json::array ids_of(const Rows& rows) {
  json::array ids;
  for (const auto& row : rows) ids.emplace_back(id_text(row.id));
  return ids;
}

SandboxResponse get_contact(const Call& call) {
  const Renderer render{call};
  if (call.account.switches.tombstones) {
    if (const Contact* gone = call.account.contacts.find_deleted(call.id())) {
      return reply(200, json::object{{"contact", render.tombstone(*gone)}});
    }
  }
  const Contact& contact = call.contact();
  json::object row = render.contact(contact, true);
  row.emplace("contactAutomations", json::array{});
  row.emplace("contactLists", ids_of(contact.lists));
  row.emplace("fieldValues", ids_of(contact.values));
  row.emplace("geoIps", json::array{});
  row.emplace("deals", json::array{});
  json::object body(render.storage());
  body.emplace("contactAutomations", json::array{});
  body.emplace("contactLists", memberships(render, contact));
  body.emplace("deals", json::array{});
  body.emplace("fieldValues", values(render, contact));
  body.emplace("geoIps", json::array{});
  body.emplace("accountContacts", companies(call, render, contact));
  if (call.query("include").find("contactTags") != std::string_view::npos) {
    body.emplace("contactTags", tags(render, contact));
  }
  body.emplace("contact", std::move(row));
  return reply(200, std::move(body));
}

SandboxResponse get_contact_rows(const Call& call) {
  const Contact& contact = call.contact();
  const Renderer render{call};
  const std::string& name = call.request.param("rows");
  json::array rows;
  if (name == "contactLists") {
    rows = memberships(render, contact);
  } else if (name == "contactTags") {
    rows = tags(render, contact);
  } else if (name == "fieldValues") {
    rows = values(render, contact);
  } else if (name == "accountContacts") {
    rows = companies(call, render, contact);
  }
  json::object body;
  body.emplace(name, std::move(rows));
  return reply(200, std::move(body));
}

json::object page_input(const Call& call, PageBounds bounds) {
  auto text = [&](std::string_view name) {
    const std::string_view value = call.query(name);
    return value.empty() ? json::value(nullptr) : json::value(value);
  };
  return {{"segmentid", text("segmentid")},
          {"formid", call.query_number("formid", 0)},
          {"listid", call.query_number("listid", 0)},
          {"tagid", call.query_number("tagid", 0)},
          {"limit", bounds.limit},
          {"offset", bounds.offset},
          {"search", text("search")},
          {"sort", nullptr},
          {"seriesid", call.query_number("seriesid", 0)},
          {"waitid", call.query_number("waitid", 0)},
          {"status", call.query_number("status", -1)},
          {"forceQuery", call.query_number("forceQuery", 0)},
          {"cacheid", hash_text(call.request.raw_query)}};
}

void append(json::array& all, json::array rows) {
  for (json::value& row : rows) all.emplace_back(std::move(row));
}

void add_included(const Call& call, const Renderer& render, const ContactPage& page,
                  json::object& body) {
  const std::string include = ',' + std::string{call.query("include")} + ',';
  auto side = [&](const char* name, auto rows_of) {
    if (include.find(',' + std::string{name} + ',') == std::string::npos) return;
    json::array all(render.storage());
    for (const Contact* contact : page.contacts) append(all, rows_of(*contact));
    body.emplace(name, std::move(all));
  };
  side("contactLists", [&](const Contact& contact) { return memberships(render, contact); });
  side("contactTags", [&](const Contact& contact) { return tags(render, contact); });
  side("fieldValues", [&](const Contact& contact) { return values(render, contact); });
  side("accountContacts", [&](const Contact& contact) { return companies(call, render, contact); });
}

SandboxResponse list_contacts(const Call& call) {
  const PageBounds bounds = page_bounds(call);
  const ContactPage page =
      call.search.page(call.account, read_contact_query(call), bounds.offset, bounds.limit);
  const Renderer render{call};
  json::array contacts(render.storage());
  contacts.reserve(page.contacts.size());
  const bool with_values = call.query("include").find("fieldValues") != std::string_view::npos;
  for (const Contact* contact : page.contacts) {
    json::object row = render.contact(*contact, true);
    if (with_values) row.emplace("fieldValues", render.value_ids(*contact));
    contacts.emplace_back(std::move(row));
  }
  json::object body(render.storage());
  add_included(call, render, page, body);
  body.emplace("scoreValues", json::array{});
  body.emplace("contacts", std::move(contacts));
  json::object meta;
  meta.emplace("page_input", page_input(call, bounds));
  meta.emplace("total", std::to_string(page.total));
  meta.emplace("sortable", true);
  body.emplace("meta", std::move(meta));
  return reply(200, std::move(body));
}

constexpr std::array kRoutes = {
    Route{"POST", "/contact/sync", sync},
    // The plural path is plain creation: a known trap.
    Route{"POST", "/contacts/sync", create_contact},
    Route{"GET", "/contacts", list_contacts},
    Route{"POST", "/contacts", create_contact},
    Route{"GET", "/contacts/{id}", get_contact},
    Route{"PUT", "/contacts/{id}", update_contact},
    Route{"PATCH", "/contacts/{id}", update_contact},
    Route{"DELETE", "/contacts/{id}", delete_contact},
    Route{"GET", "/contacts/{id}/{rows}", get_contact_rows},
};

}  // namespace

std::span<const Route> contact_routes() {
  return kRoutes;
}

}  // namespace activecampaign_sandbox
