#include <fmt/format.h>

#include <array>

#include "account/hash.hpp"
#include "account/times.hpp"
#include "api/render.hpp"

namespace activecampaign_sandbox {

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 18> kContactLinks = {{
    {"bounceLogs", "bounceLogs"},
    {"contactAutomations", "contactAutomations?limit=2500&orders%5Blastdate%5D=DESC"},
    {"contactData", "contactData"},
    {"contactGoals", "contactGoals"},
    {"contactLists", "contactLists"},
    {"contactLogs", "contactLogs"},
    {"contactTags", "contactTags"},
    {"contactDeals", "contactDeals"},
    {"deals", "deals"},
    {"fieldValues", "fieldValues"},
    {"geoIps", "geoIps"},
    {"notes", "notes"},
    {"organization", "organization"},
    {"plusAppend", "plusAppend"},
    {"trackingLogs", "trackingLogs"},
    {"scoreValues", "scoreValues"},
    {"accountContacts", "accountContacts"},
    {"automationEntryCounts", "automationEntryCounts"},
}};

std::string_view domain_of(std::string_view email) {
  const std::size_t at = email.rfind('@');
  return at == std::string_view::npos ? std::string_view{} : email.substr(at + 1);
}

}  // namespace

json::string id_text(Id id) {
  return json::string{fmt::format_int{id}.c_str()};
}

json::object total_meta(std::size_t total) {
  return {{"total", std::to_string(total)}};
}

std::string Renderer::iso(Seconds time) const {
  return iso_time(time, offset_);
}
std::string Renderer::wall(Seconds time) const {
  return wall_time(time, offset_);
}
std::string Renderer::link(std::string_view path) const {
  return fmt::format("{}/{}", base_, path);
}

json::value Renderer::echo(Id id, Shown shown) const {
  if (shown == Shown::Fresh && !account_.switches.all_ids_as_strings) return id;
  return id_text(id);
}

json::object Renderer::contact_links(Id id) const {
  json::object links(storage_);
  links.reserve(kContactLinks.size());
  const std::string prefix = fmt::format("{}/contacts/{}/", base_, id);
  for (const auto& [name, path] : kContactLinks) {
    std::string url = prefix;
    url += path;
    links.emplace(name, std::move(url));
  }
  return links;
}

json::array Renderer::value_ids(const Contact& contact) const {
  json::array ids(storage_);
  for (const FieldValue& row : contact.values) ids.emplace_back(id_text(row.id));
  return ids;
}

json::object Renderer::created_contact(const Contact& contact, bool is_sync) const {
  json::object row;
  row["email"] = contact.email;
  row["phone"] = contact.phone;
  row["firstName"] = contact.first_name;
  row["lastName"] = contact.last_name;
  if (is_sync) row["email_empty"] = false;
  row["cdate"] = iso(contact.created);
  row["udate"] = iso(contact.updated);
  row["orgid"] = is_sync ? "" : "0";
  row["orgname"] = "";
  row["links"] = contact_links(contact.id);
  if (is_sync) row["hash"] = hash_text(contact.email);
  if (is_sync || !contact.values.empty()) row["fieldValues"] = value_ids(contact);
  row["id"] = id_text(contact.id);
  row["organization"] = is_sync ? json::value("") : json::value(nullptr);
  return row;
}

json::object Renderer::contact(const Contact& contact, bool is_read) const {
  const std::string created = iso(contact.created);
  const std::string created_wall = wall(contact.created);
  const std::string updated_wall = wall(contact.updated);
  json::object row(storage_);
  row.reserve(56);
  row.emplace("cdate", created);
  row.emplace("email", contact.email);
  row.emplace("phone", contact.phone);
  row.emplace("firstName", contact.first_name);
  row.emplace("lastName", contact.last_name);
  row.emplace("orgid", "0");
  row.emplace("orgname", "");
  row.emplace("segmentio_id", "");
  row.emplace("bounced_hard", contact.bounced ? "1" : "0");
  row.emplace("bounced_soft", "0");
  row.emplace("bounced_date", nullptr);
  row.emplace("ip", "0");
  row.emplace("ua", contact.edited ? json::value("") : json::value(nullptr));
  row.emplace("hash", hash_text(contact.email));
  row.emplace("socialdata_lastcheck", nullptr);
  row.emplace("email_local", "");
  row.emplace("email_domain", domain_of(contact.email));
  row.emplace("sentcnt", "0");
  row.emplace("rating_tstamp", nullptr);
  row.emplace("gravatar", "0");
  row.emplace("deleted", contact.deleted ? "1" : "0");
  row.emplace("anonymized", "0");
  row.emplace("adate", nullptr);
  row.emplace("udate", iso(contact.updated));
  row.emplace("edate", nullptr);
  row.emplace("deleted_at",
              contact.deleted ? json::value(wall(contact.deleted_at)) : json::value(nullptr));
  row.emplace("created_utc_timestamp", created_wall);
  row.emplace("updated_utc_timestamp", updated_wall);
  row.emplace("created_timestamp", created_wall);
  row.emplace("updated_timestamp", updated_wall);
  row.emplace("created_by", contact.edited ? json::value("0") : json::value(nullptr));
  row.emplace("updated_by", contact.edited ? json::value("0") : json::value(nullptr));
  add_sms_and_score(row, contact, is_read);
  row.emplace("links", contact_links(contact.id));
  row.emplace("id", id_text(contact.id));
  row.emplace("organization", nullptr);
  return row;
}

void Renderer::add_sms_and_score(json::object& row, const Contact& contact, bool is_read) const {
  auto flip = [&](std::string_view text) {
    return contact.edited ? json::value(text) : json::value(nullptr);
  };
  row.emplace("mpp_tracking", "0");
  if (is_read) {
    for (const char* name : {"last_click_date", "last_open_date", "last_mpp_open_date"}) {
      row.emplace(name, nullptr);
    }
  }
  row.emplace("best_send_hour", flip("0"));
  row.emplace("sms_consent", flip("0"));
  row.emplace("sms_consent_updated_at", flip("0000-00-00 00:00:00"));
  if (!is_read) return;
  row.emplace("whatsapp_id", nullptr);
  row.emplace("whatsapp_username", nullptr);
  row.emplace("scoreValues", json::array{});
  json::array companies;
  if (const CompanyContact* link = account_.company_link(contact.id)) {
    companies.emplace_back(id_text(link->id));
  }
  row.emplace("accountContacts", std::move(companies));
}

json::object Renderer::written_contact(const Contact& contact) const {
  json::object row = this->contact(contact, false);
  row.emplace("fieldValues", value_ids(contact));
  return row;
}

json::array Renderer::contacts_sidecar(const Contact& contact) const {
  json::array contacts;
  contacts.emplace_back(this->contact(contact, false));
  return contacts;
}

json::object Renderer::tombstone(const Contact& contact) const {
  json::object row = this->contact(contact, true);
  row["email"] = fmt::format("deleted+{}@{}", contact.id, domain_of(contact.email));
  return row;
}

}  // namespace activecampaign_sandbox
