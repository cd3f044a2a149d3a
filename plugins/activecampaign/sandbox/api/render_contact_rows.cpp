// What hangs on a contact: memberships, values, tags, its company.
#include <fmt/format.h>

#include "api/render.hpp"

namespace activecampaign_sandbox {

namespace {

json::value time_or_null(Seconds time, const Renderer& renderer) {
  return time == 0 ? json::value(nullptr) : json::value(renderer.iso(time));
}

}  // namespace

json::object Renderer::membership(const Contact& contact, const Membership& row,
                                  Shown shown) const {
  const bool numbers = shown == Shown::Fresh && !account_.switches.all_ids_as_strings;
  json::object made(storage_);
  made.reserve(34);
  made.emplace("contact", echo(contact.id, shown));
  made.emplace("list", echo(row.list, shown));
  made.emplace("form", nullptr);
  made.emplace("seriesid", "0");
  made.emplace("sdate", time_or_null(row.subscribed, *this));
  made.emplace("udate", time_or_null(row.unsubscribed, *this));
  const bool status_is_number = shown != Shown::Read && !account_.switches.all_ids_as_strings;
  made.emplace("status", status_is_number ? json::value(row.status)
                                          : json::value(std::to_string(row.status)));
  made.emplace("responder", "1");
  made.emplace("sync", "0");
  made.emplace("unsubreason", row.status == kUnsubscribed ? json::value("") : json::value(nullptr));
  made.emplace("campaign", nullptr);
  made.emplace("message", nullptr);
  made.emplace("first_name", contact.first_name);
  made.emplace("last_name", contact.last_name);
  made.emplace("ip4Sub", "0");
  made.emplace("sourceid",
               numbers ? json::value(row.source_id) : json::value(std::to_string(row.source_id)));
  made.emplace("autosyncLog", nullptr);
  made.emplace("ip4_last", "0");
  made.emplace("ip4Unsub", "0");
  made.emplace("created_timestamp", wall(row.created));
  made.emplace("updated_timestamp", wall(row.updated));
  made.emplace("created_by", "0");
  made.emplace("updated_by", "0");
  made.emplace("unsubscribeAutomation", nullptr);
  if (shown == Shown::Read) {
    const List* list = account_.lists.find(row.list);
    made.emplace("channel", list == nullptr ? "email" : list->channel);
  }
  json::object links(storage_);
  for (const char* name : {"automation", "list", "contact", "form", "autosyncLog", "campaign",
                           "unsubscribeAutomation", "message"}) {
    links.emplace(name, link(fmt::format("contactLists/{}/{}", row.id, name)));
  }
  made.emplace("links", std::move(links));
  made.emplace("id", id_text(row.id));
  made.emplace("automation", nullptr);
  return made;
}

json::object Renderer::value(const Contact& contact, const FieldValue& row, Shown shown) const {
  return json::object({{"contact", echo(contact.id, shown)},
                       {"field", echo(row.field, shown)},
                       {"value", row.value},
                       {"cdate", iso(row.created)},
                       {"udate", iso(row.updated)},
                       {"created_by", nullptr},
                       {"updated_by", nullptr},
                       {"links",
                        {{"owner", link(fmt::format("fieldValues/{}/owner", row.id))},
                         {"field", link(fmt::format("fieldValues/{}/field", row.id))}}},
                       {"id", id_text(row.id)},
                       {"owner", echo(contact.id, shown)}},
                      storage_);
}

json::object Renderer::contact_tag(const Contact& contact, const ContactTag& row) const {
  return json::object({{"contact", id_text(contact.id)},
                       {"tag", id_text(row.tag)},
                       {"cdate", iso(row.created)},
                       {"links",
                        {{"tag", link(fmt::format("contactTags/{}/tag", row.id))},
                         {"contact", link(fmt::format("contactTags/{}/contact", row.id))}}},
                       {"id", id_text(row.id)}},
                      storage_);
}

json::object Renderer::company_contact(const CompanyContact& row) const {
  return {{"contact", id_text(row.contact)},
          {"account", id_text(row.company)},
          {"jobTitle", row.job_title},
          {"createdTimestamp", iso(row.created)},
          {"updatedTimestamp", iso(row.updated)},
          {"links",
           {{"contact", link(fmt::format("accountContacts/{}/contact", row.id))},
            {"account", link(fmt::format("accountContacts/{}/account", row.id))}}},
          {"id", id_text(row.id)}};
}

}  // namespace activecampaign_sandbox
