// contactLists, contactTags and fieldValues.
#include <array>

#include "api/errors.hpp"
#include "api/handlers.hpp"
#include "api/render.hpp"

namespace activecampaign_sandbox {

namespace {

Contact& contact_in(const Call& call, const json::object& body) {
  Contact* contact = call.account.contacts.find(id_in(body, "contact"));
  if (contact == nullptr) {
    throw not_found("Subscriber", text_in(body, "contact").value_or(""));
  }
  return *contact;
}

int status_in(const json::object& body) {
  const std::string text = text_in(body, "status").value_or("");
  if (text.size() == 1 && text[0] >= '0' && text[0] <= '3') return text[0] - '0';
  throw unprocessable("The value you selected is not a valid choice.", "field_invalid",
                      "/data/attributes/status");
}

SandboxResponse set_membership(const Call& call) {
  const json::object body = call.body("contactList");
  Contact& contact = contact_in(call, body);
  const Id list = id_in(body, "list");
  if (call.account.lists.find(list) == nullptr) {
    throw not_found("_List", text_in(body, "list").value_or(""));
  }
  const int status = status_in(body);
  const int source = static_cast<int>(id_in(body, "sourceid"));
  const bool changed = call.account.set_membership(contact, list, status, source);
  call.account.record_write(contact, Write::List);
  const Membership* row = Account::find_membership(contact, list);
  const Renderer render{call};
  json::object answer;
  if (changed) answer.emplace("contacts", render.contacts_sidecar(contact));
  answer.emplace("contactList",
                 render.membership(contact, *row, changed ? Shown::Fresh : Shown::Repeated));
  return reply(200, std::move(answer));
}

// Walks the rows of all contacts in the order of contacts, and keeps one page of them.
template <class RowsOf, class RenderRow>
SandboxResponse all_rows(const Call& call, const char* name, RowsOf rows_of, RenderRow render_row) {
  const PageBounds bounds = page_bounds(call);
  std::size_t total = 0;
  json::array rows;
  for (const Contact& contact : call.account.contacts.rows()) {
    if (contact.deleted) continue;
    for (const auto& row : rows_of(contact)) {
      if (total >= bounds.offset && rows.size() < bounds.limit) {
        rows.emplace_back(render_row(contact, row));
      }
      ++total;
    }
  }
  json::object body;
  body.emplace(name, std::move(rows));
  body.emplace("meta", total_meta(total));
  return reply(200, std::move(body));
}

SandboxResponse all_memberships(const Call& call) {
  const Renderer render{call};
  return all_rows(
      call, "contactLists", [](const Contact& contact) -> auto& { return contact.lists; },
      [&](const Contact& contact, const Membership& row) {
        return render.membership(contact, row, Shown::Read);
      });
}

SandboxResponse all_contact_tags(const Call& call) {
  const Renderer render{call};
  return all_rows(
      call, "contactTags", [](const Contact& contact) -> auto& { return contact.tags; },
      [&](const Contact& contact, const ContactTag& row) {
        return render.contact_tag(contact, row);
      });
}

SandboxResponse add_contact_tag(const Call& call) {
  const json::object body = call.body("contactTag");
  if (!body.contains("contact")) throw missing_attribute("contact");
  if (!body.contains("tag")) throw missing_attribute("tag");
  const Id id = id_in(body, "tag");
  if (id == 0) throw unprocessable_message("No tag id provided");
  Contact* contact = call.account.contacts.find(id_in(body, "contact"));
  if (contact == nullptr) throw contact_not_found();
  Tag* tag = call.account.tags.find(id);
  if (tag == nullptr) throw not_found("Tag", std::to_string(id));
  const bool added = call.account.add_tag(*contact, *tag);
  call.account.record_write(*contact, Write::Tag);
  const Renderer render{call};
  json::object answer;
  if (added) answer.emplace("contacts", render.contacts_sidecar(*contact));
  answer.emplace("contactTag", render.contact_tag(*contact, *Account::find_tag(*contact, id)));
  return reply(200, std::move(answer));
}

SandboxResponse delete_contact_tag(const Call& call) {
  Contact* contact = call.account.contacts.find(call.account.contacts.tags.owner(call.id()));
  if (contact == nullptr) throw not_found("SubscriberTag", call.request.param("id"));
  for (const ContactTag& row : contact->tags) {
    if (row.id != call.id()) continue;
    call.account.remove_tag(*contact, row.tag);
    break;
  }
  call.account.record_write(*contact, Write::Tag);
  return reply(200, json::object{});
}

SandboxResponse write_value(const Call& call, Contact& contact, const Field& field,
                            const json::object& body) {
  bool fresh = false;
  FieldValue* row =
      call.account.set_value(contact, field, text_in(body, "value").value_or(""), &fresh);
  call.account.record_write(contact, Write::FieldValue);
  const Renderer render{call};
  json::object answer;
  answer.emplace("contacts", render.contacts_sidecar(contact));
  if (row != nullptr) {
    answer.emplace("fieldValue",
                   render.value(contact, *row, fresh ? Shown::Fresh : Shown::Repeated));
  }
  return reply(200, std::move(answer));
}

SandboxResponse create_value(const Call& call) {
  const json::object body = call.body("fieldValue");
  Contact& contact = contact_in(call, body);
  const Field* field = call.account.fields.find(id_in(body, "field"));
  if (field == nullptr) {
    throw unprocessable("Field id not valid", "field_invalid", "/data/attributes/field");
  }
  return write_value(call, contact, *field, body);
}

// The contact and the row of /fieldValues/{id}; a missing one is answered with 403.
std::pair<Contact*, const FieldValue*> value_of(const Call& call) {
  Contact* contact = call.account.contacts.find(call.account.contacts.values.owner(call.id()));
  if (contact == nullptr) throw not_found_as_403("FieldValue", call.request.param("id"));
  for (const FieldValue& row : contact->values) {
    if (row.id == call.id()) return {contact, &row};
  }
  throw not_found_as_403("FieldValue", call.request.param("id"));
}

SandboxResponse update_value(const Call& call) {
  const auto [contact, row] = value_of(call);
  return write_value(call, *contact, *call.account.fields.find(row->field),
                     call.body("fieldValue"));
}

SandboxResponse get_value(const Call& call) {
  const auto [contact, row] = value_of(call);
  json::object body;
  body.emplace("fieldValue", Renderer{call}.value(*contact, *row, Shown::Read));
  return reply(200, std::move(body));
}

SandboxResponse delete_value(const Call& call) {
  const auto [contact, row] = value_of(call);
  call.account.remove_value(row->id);
  call.account.record_write(*contact, Write::FieldValue);
  return reply(200, json::object{});
}

SandboxResponse list_values(const Call& call) {
  const Renderer render{call};
  const Id field = to_id(call.query("filters[fieldid]"));
  const auto by_value = text_filters(call, "val");
  return all_rows(
      call, "fieldValues",
      [&](const Contact& contact) {
        std::vector<FieldValue> rows;
        for (const FieldValue& row : contact.values) {
          if ((field == 0 || row.field == field) && passes(by_value, row.value)) {
            rows.push_back(row);
          }
        }
        return rows;
      },
      [&](const Contact& contact, const FieldValue& row) {
        return render.value(contact, row, Shown::Read);
      });
}

constexpr std::array kRoutes = {
    Route{"GET", "/contactLists", all_memberships},
    Route{"POST", "/contactLists", set_membership},
    Route{"GET", "/contactTags", all_contact_tags},
    Route{"POST", "/contactTags", add_contact_tag},
    Route{"DELETE", "/contactTags/{id}", delete_contact_tag},
    Route{"GET", "/fieldValues", list_values},
    Route{"POST", "/fieldValues", create_value},
    Route{"GET", "/fieldValues/{id}", get_value},
    Route{"PUT", "/fieldValues/{id}", update_value},
    Route{"PATCH", "/fieldValues/{id}", update_value},
    Route{"DELETE", "/fieldValues/{id}", delete_value},
};

}  // namespace

std::span<const Route> contact_row_routes() {
  return kRoutes;
}

}  // namespace activecampaign_sandbox
