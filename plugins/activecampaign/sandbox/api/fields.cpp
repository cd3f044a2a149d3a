// fields, their options and the lists on which they show.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "api/errors.hpp"
#include "api/handlers.hpp"
#include "api/render.hpp"

namespace activecampaign_sandbox {

namespace {

constexpr std::array<std::string_view, 11> kTypes = {"text",     "textarea", "date",  "datetime",
                                                     "dropdown", "listbox",  "radio", "checkbox",
                                                     "hidden",   "number",   "NULL"};

Field& field_of(const Call& call) {
  Field* field = call.account.fields.find(call.id());
  if (field == nullptr) throw not_found("Field", call.request.param("id"));
  return *field;
}

std::int64_t number_in(const json::object& body, std::string_view name, std::int64_t otherwise) {
  const std::string text = text_in(body, name).value_or("");
  std::int64_t number = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

void add_sidecars(const Renderer& render, const std::vector<const Field*>& fields,
                  json::object& body) {
  json::array options;
  json::array rels;
  for (const Field* field : fields) {
    for (const FieldOption& row : field->options) options.emplace_back(render.option(*field, row));
    for (const FieldRel& row : field->rels) rels.emplace_back(render.rel(*field, row, Shown::Read));
  }
  body.emplace("fieldOptions", std::move(options));
  body.emplace("fieldRels", std::move(rels));
}

SandboxResponse list_fields(const Call& call) {
  const auto by_perstag = text_filters(call, "perstag");
  const auto by_title = text_filters(call, "title");
  std::vector<const Field*> rows;
  for (const auto& [id, field] : call.account.fields.rows()) {
    if (passes(by_perstag, field.perstag) && passes(by_title, field.title)) rows.push_back(&field);
  }
  const auto page = cut_page(rows, page_bounds(call, call.account.switches.fields_default_limit));
  const Renderer render{call};
  json::object body;
  add_sidecars(render, page, body);
  json::array fields;
  for (const Field* field : page) fields.emplace_back(render.field(*field));
  body.emplace("fields", std::move(fields));
  body.emplace("meta", json::object{{"total", std::to_string(rows.size())}, {"selected", nullptr}});
  return reply(200, std::move(body));
}

SandboxResponse get_field(const Call& call) {
  const Field& field = field_of(call);
  const Renderer render{call};
  json::object body;
  add_sidecars(render, {&field}, body);
  body.emplace("field", render.field(field));
  return reply(200, std::move(body));
}

SandboxResponse get_field_options(const Call& call) {
  const Field& field = field_of(call);
  json::object body;
  add_sidecars(Renderer{call}, {&field}, body);
  body.erase("fieldRels");
  return reply(200, std::move(body));
}

SandboxResponse get_field_rels(const Call& call) {
  const Field& field = field_of(call);
  json::object body;
  add_sidecars(Renderer{call}, {&field}, body);
  body.erase("fieldOptions");
  return reply(200, std::move(body));
}

void refuse_duplicate_title(const Call& call, const std::string& title, const Field* own) {
  const Field* other = call.account.find_field(title);
  if (other == nullptr || other == own) return;
  throw unprocessable(
      "There is already a field with this title", "duplicate", "",
      fmt::format("There is already a field named '{}' -- choose another name", title));
}

void read_field(const json::object& body, Field& field) {
  if (const auto text = text_in(body, "descript")) field.description = *text;
  if (const auto text = text_in(body, "defval")) field.default_value = *text;
  if (const json::value* value = body.if_contains("visible")) field.visible = truthy(*value);
  if (const json::value* value = body.if_contains("isrequired")) field.required = truthy(*value);
  field.order = number_in(body, "ordernum", field.order);
}

// The answer to a creation repeats what was sent and adds what the account made of it.
json::object created_field(const Renderer& render, const json::object& sent, const Field& field) {
  json::object row = sent;
  row["title"] = field.title;
  row["type"] = field.type;
  row["created_by"] = "0";
  row["updated_by"] = "0";
  row["cdate"] = render.iso(field.created);
  row["udate"] = render.iso(field.updated);
  row["perstag"] = field.perstag;
  row["ordernum"] = field.order;
  row["links"] = {{"options", render.link(fmt::format("fields/{}/options", field.id))},
                  {"relations", render.link(fmt::format("fields/{}/relations", field.id))}};
  row["id"] = id_text(field.id);
  return row;
}

SandboxResponse create_field(const Call& call) {
  const json::object body = call.body("field");
  const std::string title = text_in(body, "title").value_or("");
  if (title.empty()) throw missing_attribute("title");
  const std::string type = text_in(body, "type").value_or("text");
  const bool is_known = std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end() ||
                        (type == "currency" && call.account.switches.currency_fields);
  if (!is_known) {
    throw unprocessable("The field type is not valid", "field_invalid", "/data/attributes/type");
  }
  refuse_duplicate_title(call, title, nullptr);
  Field& field = call.account.add_field(title, type, text_in(body, "perstag").value_or(""));
  read_field(body, field);
  return reply(201, json::object{{"field", created_field(Renderer{call}, body, field)}});
}

SandboxResponse update_field(const Call& call) {
  Field& field = field_of(call);
  const json::object body = call.body("field");
  if (const auto title = text_in(body, "title")) {
    refuse_duplicate_title(call, *title, &field);
    field.title = *title;
  }
  if (const auto type = text_in(body, "type")) field.type = *type;
  read_field(body, field);
  field.updated = call.account.now();
  return reply(200, json::object{{"field", Renderer{call}.field(field)}});
}

SandboxResponse delete_field(const Call& call) {
  call.account.remove_field(field_of(call).id);
  return reply(200, json::object{});
}

SandboxResponse create_options(const Call& call) {
  const ApiError refused{422, json::object{{"errors", "The field options are not valid"}}};
  json::value document;
  try {
    document = call.request.json_body();
  } catch (const std::exception&) {
    throw refused;
  }
  const json::object* outer = document.if_object();
  const json::value* sent = outer == nullptr ? nullptr : outer->if_contains("fieldOptions");
  if (sent == nullptr || !sent->is_array() || sent->get_array().empty()) throw refused;
  for (const json::value& entry : sent->get_array()) {
    const json::object* option = entry.if_object();
    if (option == nullptr || !text_in(*option, "value") ||
        call.account.fields.find(id_in(*option, "field")) == nullptr) {
      throw refused;
    }
  }
  const Renderer render{call};
  json::array made;
  for (const json::value& entry : sent->get_array()) {
    const json::object& body = entry.get_object();
    Field& field = *call.account.fields.find(id_in(body, "field"));
    const std::string value = *text_in(body, "value");
    FieldOption& option =
        call.account.add_option(field, value, text_in(body, "label").value_or(value));
    option.order = number_in(body, "orderid", option.order);
    if (const json::value* flag = body.if_contains("isdefault")) option.is_default = truthy(*flag);
    made.emplace_back(render.option(field, option));
  }
  json::object body;
  body.emplace("fieldOptions", std::move(made));
  return reply(201, std::move(body));
}

SandboxResponse create_rel(const Call& call) {
  const json::object body = call.body("fieldRel");
  Field* field = call.account.fields.find(id_in(body, "field"));
  if (field == nullptr) throw not_found("Field", text_in(body, "field").value_or(""));
  const std::string list = text_in(body, "relid").value_or("");
  if (list.empty()) throw missing_attribute("relid");
  if (list != "0" && call.account.lists.find(to_id(list)) == nullptr) {
    throw not_found("_List", list);
  }
  auto rel = std::find_if(field->rels.begin(), field->rels.end(),
                          [&](const FieldRel& row) { return row.list == to_id(list); });
  if (rel == field->rels.end()) {
    field->rels.push_back({.id = call.account.next_rel_id(),
                           .list = to_id(list),
                           .order = static_cast<std::int64_t>(field->rels.size()) + 1,
                           .created = call.account.now()});
    rel = field->rels.end() - 1;
  }
  return reply(201, json::object{{"fieldRel", Renderer{call}.rel(*field, *rel, Shown::Fresh)}});
}

SandboxResponse delete_rel(const Call& call) {
  for (auto& [id, field] : call.account.fields.rows()) {
    const Id wanted = call.id();
    if (std::erase_if(field.rels, [&](const FieldRel& row) { return row.id == wanted; }) != 0) {
      return reply(200, json::object{});
    }
  }
  throw not_found("FieldRel", call.request.param("id"));
}

SandboxResponse create_group_member(const Call& call) {
  const json::object body = call.body("groupMember");
  if (call.account.fields.find(id_in(body, "rel_id")) == nullptr) {
    throw not_found("Field", text_in(body, "rel_id").value_or(""));
  }
  json::object row = body;
  row["id"] = id_text(id_in(body, "rel_id"));
  return reply(201, json::object{{"groupMember", std::move(row)}});
}

constexpr std::array kRoutes = {
    Route{"GET", "/fields", list_fields},
    Route{"POST", "/fields", create_field},
    Route{"GET", "/fields/{id}", get_field},
    Route{"PUT", "/fields/{id}", update_field},
    Route{"PATCH", "/fields/{id}", update_field},
    Route{"DELETE", "/fields/{id}", delete_field},
    Route{"GET", "/fields/{id}/options", get_field_options},
    Route{"GET", "/fields/{id}/relations", get_field_rels},
    Route{"POST", "/fieldOption/bulk", create_options},
    Route{"POST", "/fieldRels", create_rel},
    Route{"DELETE", "/fieldRels/{id}", delete_rel},
    Route{"POST", "/groupMembers", create_group_member},
};

}  // namespace

std::span<const Route> field_routes() {
  return kRoutes;
}

}  // namespace activecampaign_sandbox
