// lists, their exclusions and permissions.
#include <algorithm>
#include <array>

#include "api/errors.hpp"
#include "api/handlers.hpp"
#include "api/render.hpp"

namespace activecampaign_sandbox {

namespace {

List& list_of(const Call& call) {
  List* list = call.account.lists.find(call.id());
  if (list == nullptr) throw not_found("_List", call.request.param("id"));
  return *list;
}

SandboxResponse list_lists(const Call& call) {
  const auto by_name = text_filters(call, "name");
  std::vector<const List*> rows;
  for (const auto& [id, list] : call.account.lists.rows()) {
    if (passes(by_name, list.name)) rows.push_back(&list);
  }
  if (const int order = order_of(call, "name")) {
    std::stable_sort(rows.begin(), rows.end(), [order](const List* a, const List* b) {
      return order > 0 ? a->name < b->name : b->name < a->name;
    });
  }
  const Renderer render{call};
  json::array lists;
  for (const List* row : cut_page(rows, page_bounds(call))) lists.emplace_back(render.list(*row));
  json::object body;
  body.emplace("lists", std::move(lists));
  body.emplace("meta", total_meta(rows.size()));
  return reply(200, std::move(body));
}

SandboxResponse get_list(const Call& call) {
  return reply(200, json::object{{"list", Renderer{call}.list(list_of(call))}});
}

void read_list(const json::object& body, List& list) {
  if (const auto text = text_in(body, "name")) list.name = *text;
  if (const auto text = text_in(body, "stringid")) list.string_id = *text;
  if (const auto text = text_in(body, "channel")) list.channel = *text;
  if (const auto text = text_in(body, "sender_url")) list.sender_url = *text;
  if (const auto text = text_in(body, "sender_reminder")) list.sender_reminder = *text;
}

SandboxResponse create_list(const Call& call) {
  const json::object body = call.body("list");
  for (const char* name : {"name", "stringid", "sender_url", "sender_reminder"}) {
    if (text_in(body, name).value_or("").empty()) throw missing_attribute(name);
  }
  List& list = call.account.add_list(*text_in(body, "name"));
  read_list(body, list);
  return reply(201, json::object{{"list", Renderer{call}.created_list(list)}});
}

SandboxResponse update_list(const Call& call) {
  List& list = list_of(call);
  read_list(call.body("list"), list);
  list.updated = call.account.now();
  return reply(200, json::object{{"list", Renderer{call}.list(list)}});
}

SandboxResponse delete_list(const Call& call) {
  if (call.account.lists.find(call.id()) == nullptr) {
    throw not_found_as_403("_List", call.request.param("id"));
  }
  call.account.remove_list(call.id());
  return reply(200, json::object{});
}

SandboxResponse create_list_group(const Call& call) {
  const json::object body = call.body("listGroup");
  const Id list = id_in(body, "listid");
  if (call.account.lists.find(list) == nullptr) {
    throw not_found("_List", text_in(body, "listid").value_or(""));
  }
  const Id group = id_in(body, "groupid");
  return reply(201, json::object{{"listGroup",
                                  {{"listid", list},
                                   {"groupid", group},
                                   {"id", id_text(list)},
                                   {"links", json::object{}}}}});
}

SandboxResponse list_exclusions(const Call& call) {
  std::vector<const Exclusion*> rows;
  for (const auto& [id, row] : call.account.exclusions.rows()) rows.push_back(&row);
  const Renderer render{call};
  json::array exclusions;
  for (const Exclusion* row : cut_page(rows, page_bounds(call))) {
    exclusions.emplace_back(render.exclusion(*row));
  }
  json::object body;
  body.emplace("exclusions", std::move(exclusions));
  body.emplace("meta", json::object{{"total", rows.size()}});
  return reply(200, std::move(body));
}

Exclusion& exclusion_of(const Call& call) {
  Exclusion* row = call.account.exclusions.find(call.id());
  if (row == nullptr) throw not_found("Exclusion", call.request.param("id"));
  return *row;
}

SandboxResponse get_exclusion(const Call& call) {
  return reply(200, json::object{{"exclusion", Renderer{call}.exclusion(exclusion_of(call))}});
}

SandboxResponse update_exclusion(const Call& call) {
  Exclusion& row = exclusion_of(call);
  const json::object body = call.body("exclusion");
  std::vector<std::string> lists = row.lists;
  if (const json::value* sent = body.if_contains("lists"); sent != nullptr && sent->is_array()) {
    lists.clear();
    for (const json::value& list : sent->get_array()) {
      if (!list.is_string()) {
        throw unprocessable("The lists must be given as strings", "field_invalid",
                            "/data/attributes/lists");
      }
      lists.emplace_back(list.get_string());
    }
  }
  row.lists = std::move(lists);
  if (const auto text = text_in(body, "matchPhrase")) row.phrase = *text;
  if (const auto text = text_in(body, "matchType")) row.match = *text;
  if (const auto text = text_in(body, "channel")) row.channel = *text;
  return reply(200, json::object{{"exclusion", Renderer{call}.exclusion(row)}});
}

constexpr std::array kRoutes = {
    Route{"GET", "/lists", list_lists},
    Route{"POST", "/lists", create_list},
    Route{"GET", "/lists/exclusions", list_exclusions},
    Route{"GET", "/lists/exclusions/{id}", get_exclusion},
    Route{"PUT", "/lists/exclusions/{id}", update_exclusion},
    Route{"GET", "/lists/{id}", get_list},
    Route{"PUT", "/lists/{id}", update_list},
    Route{"PATCH", "/lists/{id}", update_list},
    Route{"DELETE", "/lists/{id}", delete_list},
    Route{"POST", "/listGroups", create_list_group},
};

}  // namespace

std::span<const Route> list_routes() {
  return kRoutes;
}

}  // namespace activecampaign_sandbox
