// accounts and accountContacts.
#include <array>

#include "account/email.hpp"
#include "api/errors.hpp"
#include "api/handlers.hpp"
#include "api/render.hpp"

namespace activecampaign_sandbox {

namespace {

Company& company_of(const Call& call) {
  Company* company = call.account.companies.find(call.id());
  if (company == nullptr) throw not_found("CustomerAccount", call.request.param("id"));
  return *company;
}

ApiError name_taken() {
  return unprocessable("The account name already exists in the system.", "duplicate",
                       "/data/attributes/name");
}

SandboxResponse list_companies(const Call& call) {
  const std::string search = fold(call.query("search"));
  const auto by_name = text_filters(call, "name");
  std::vector<const Company*> rows;
  for (const auto& [id, company] : call.account.companies.rows()) {
    if (!passes(by_name, company.name)) continue;
    if (fold(company.name).find(search) != std::string::npos) rows.push_back(&company);
  }
  const Renderer render{call};
  json::array companies;
  for (const Company* row : cut_page(rows, page_bounds(call))) {
    companies.emplace_back(render.company(*row));
  }
  json::object body;
  body.emplace("accounts", std::move(companies));
  body.emplace("meta", total_meta(rows.size()));
  return reply(200, std::move(body));
}

SandboxResponse get_company(const Call& call) {
  return reply(200, json::object{{"account", Renderer{call}.company(company_of(call))}});
}

SandboxResponse create_company(const Call& call) {
  const json::object body = call.body("account");
  const std::string name = text_in(body, "name").value_or("");
  if (name.empty()) {
    throw unprocessable("The account name was not provided.", "field_missing",
                        "/data/attributes/name");
  }
  if (call.account.find_company(name) != nullptr) {
    throw name_taken();
  }
  Company& company = call.account.add_company(name);
  company.url = text_in(body, "accountUrl").value_or("");
  company.owner = text_in(body, "owner").value_or("1");
  return reply(201, json::object{{"account", Renderer{call}.company(company)}});
}

SandboxResponse update_company(const Call& call) {
  Company& company = company_of(call);
  const json::object body = call.body("account");
  if (const auto text = text_in(body, "name"); text && !text->empty()) {
    const Company* other = call.account.find_company(*text);
    if (other != nullptr && other != &company) throw name_taken();
    call.account.rename_company(company, *text);
  }
  if (const auto text = text_in(body, "accountUrl")) company.url = *text;
  if (const auto text = text_in(body, "owner")) company.owner = *text;
  company.updated = call.account.now();
  return reply(200, json::object{{"account", Renderer{call}.company(company)}});
}

SandboxResponse delete_company(const Call& call) {
  call.account.remove_company(company_of(call).id);
  return reply(200, json::object{});
}

SandboxResponse list_links(const Call& call) {
  const Id contact = to_id(call.query("filters[contact]"));
  const Id company = to_id(call.query("filters[account]"));
  std::vector<const CompanyContact*> rows;
  for (const auto& [id, row] : call.account.company_contacts.rows()) {
    if ((contact == 0 || row.contact == contact) && (company == 0 || row.company == company)) {
      rows.push_back(&row);
    }
  }
  const Renderer render{call};
  json::array links;
  for (const CompanyContact* row : cut_page(rows, page_bounds(call))) {
    links.emplace_back(render.company_contact(*row));
  }
  json::object body;
  body.emplace("accountContacts", std::move(links));
  body.emplace("meta", total_meta(rows.size()));
  return reply(200, std::move(body));
}

SandboxResponse create_link(const Call& call) {
  const json::object body = call.body("accountContact");
  Contact* contact = call.account.contacts.find(id_in(body, "contact"));
  if (contact == nullptr) {
    throw not_found("Subscriber", text_in(body, "contact").value_or(""));
  }
  const Id company = id_in(body, "account");
  if (call.account.companies.find(company) == nullptr) {
    throw not_found("CustomerAccount", text_in(body, "account").value_or(""));
  }
  if (call.account.company_link(contact->id) != nullptr) {
    throw unprocessable("This contact is already associated with an account.", "field_invalid",
                        "/data/attributes/account,contact");
  }
  const CompanyContact& link =
      call.account.link_company(contact->id, company, text_in(body, "jobTitle").value_or(""));
  call.account.record_write(*contact, Write::Company);
  return reply(201, json::object{{"accountContact", Renderer{call}.company_contact(link)}});
}

CompanyContact& link_of(const Call& call) {
  CompanyContact* link = call.account.company_contacts.find(call.id());
  if (link == nullptr) throw not_found("CustomerAccountSubscriber", call.request.param("id"));
  return *link;
}

SandboxResponse get_link(const Call& call) {
  return reply(200,
               json::object{{"accountContact", Renderer{call}.company_contact(link_of(call))}});
}

SandboxResponse update_link(const Call& call) {
  CompanyContact& link = link_of(call);
  const json::object body = call.body("accountContact");
  if (const auto text = text_in(body, "jobTitle")) link.job_title = *text;
  link.updated = call.account.now();
  return get_link(call);
}

SandboxResponse delete_link(const Call& call) {
  const CompanyContact link = link_of(call);
  call.account.unlink_company(link.id);
  call.account.record_write(*call.account.contacts.find(link.contact), Write::Company);
  return reply(200, json::object{});
}

constexpr std::array kRoutes = {
    Route{"GET", "/accounts", list_companies},
    Route{"POST", "/accounts", create_company},
    Route{"GET", "/accounts/{id}", get_company},
    Route{"PUT", "/accounts/{id}", update_company},
    Route{"PATCH", "/accounts/{id}", update_company},
    Route{"DELETE", "/accounts/{id}", delete_company},
    Route{"GET", "/accountContacts", list_links},
    Route{"POST", "/accountContacts", create_link},
    Route{"GET", "/accountContacts/{id}", get_link},
    Route{"PUT", "/accountContacts/{id}", update_link},
    Route{"DELETE", "/accountContacts/{id}", delete_link},
};

}  // namespace

std::span<const Route> company_routes() {
  return kRoutes;
}

}  // namespace activecampaign_sandbox
