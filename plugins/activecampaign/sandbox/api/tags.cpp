#include <algorithm>
#include <array>

#include "account/email.hpp"
#include "api/errors.hpp"
#include "api/handlers.hpp"
#include "api/render.hpp"

namespace activecampaign_sandbox {

namespace {

Tag& tag_of(const Call& call) {
  Tag* tag = call.account.tags.find(call.id());
  if (tag == nullptr) throw not_found("Tag", call.request.param("id"));
  return *tag;
}

SandboxResponse list_tags(const Call& call) {
  const std::string search = fold(call.query("search"));
  const auto filters = text_filters(call, "search", "contains");
  std::vector<const Tag*> rows;
  for (const auto& [id, tag] : call.account.tags.rows()) {
    // A tag made without a type exists, but is shown nowhere.
    if (tag.type.empty() || !passes(filters, tag.name)) continue;
    if (fold(tag.name).find(search) != std::string::npos) rows.push_back(&tag);
  }
  const std::string order = fold(call.query("orders[search]"));
  if (order == "asc" || order == "desc") {
    std::stable_sort(rows.begin(), rows.end(), [&](const Tag* a, const Tag* b) {
      return order == "asc" ? fold(a->name) < fold(b->name) : fold(b->name) < fold(a->name);
    });
  }
  const Renderer render{call};
  json::array tags;
  for (const Tag* tag : cut_page(rows, page_bounds(call))) tags.emplace_back(render.tag(*tag));
  json::object body;
  body.emplace("tags", std::move(tags));
  body.emplace("meta", total_meta(rows.size()));
  return reply(200, std::move(body));
}

SandboxResponse get_tag(const Call& call) {
  return reply(200, json::object{{"tag", Renderer{call}.tag(tag_of(call))}});
}

SandboxResponse create_tag(const Call& call) {
  const json::object body = call.body("tag");
  const std::string name = text_in(body, "tag").value_or("");
  if (name.empty()) throw missing_attribute("tag");
  if (Tag* known = call.account.find_tag_by_name(name)) {
    if (call.account.switches.tag_duplicate_refused) {
      throw unprocessable("Tag already exists in the system", "duplicate", "/data/attributes/tag");
    }
    return reply(200, json::object{{"tag", Renderer{call}.tag(*known)}});
  }
  Tag& tag = call.account.create_tag(name, text_in(body, "tagType").value_or(""),
                                     text_in(body, "description").value_or(""));
  return reply(201, json::object{{"tag", Renderer{call}.tag(tag)}});
}

SandboxResponse update_tag(const Call& call) {
  Tag& tag = tag_of(call);
  const json::object body = call.body("tag");
  if (const auto name = text_in(body, "tag"); name && !name->empty()) {
    const Tag* other = call.account.find_tag_by_name(*name);
    if (other != nullptr && other != &tag) {
      throw unprocessable("Tag already exists in the system", "duplicate", "/data/attributes/tag");
    }
    call.account.rename_tag(tag, *name);
  }
  if (const auto text = text_in(body, "tagType")) tag.type = *text;
  if (const auto text = text_in(body, "description")) tag.description = *text;
  tag.updated = call.account.now();
  return reply(200, json::object{{"tag", Renderer{call}.tag(tag)}});
}

SandboxResponse delete_tag(const Call& call) {
  call.account.delete_tag(tag_of(call).id);
  return reply(200, json::object{});
}

constexpr std::array kRoutes = {
    Route{"GET", "/tags", list_tags},         Route{"POST", "/tags", create_tag},
    Route{"GET", "/tags/{id}", get_tag},      Route{"PUT", "/tags/{id}", update_tag},
    Route{"PATCH", "/tags/{id}", update_tag}, Route{"DELETE", "/tags/{id}", delete_tag},
};

}  // namespace

std::span<const Route> tag_routes() {
  return kRoutes;
}

}  // namespace activecampaign_sandbox
