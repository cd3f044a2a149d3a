// Lists, fields, tags, exclusions and companies.
#include <fmt/format.h>

#include "api/render.hpp"

namespace activecampaign_sandbox {

json::object Renderer::created_list(const List& row) const {
  return {{"name", row.name},
          {"stringid", row.string_id},
          {"channel", row.channel},
          {"sender_url", row.sender_url},
          {"sender_reminder", row.sender_reminder},
          {"cdate", iso(row.created)},
          {"udate", iso(row.updated)},
          {"links",
           {{"contactGoalLists", link(fmt::format("lists/{}/contactGoalLists", row.id))},
            {"user", link(fmt::format("lists/{}/user", row.id))},
            {"addressLists", link(fmt::format("lists/{}/addressLists", row.id))}}},
          {"id", id_text(row.id)}};
}

json::object Renderer::list(const List& row) const {
  json::object made{{"stringid", row.string_id},
                    {"userid", "1"},
                    {"name", row.name},
                    {"cdate", iso(row.created)},
                    {"udate", iso(row.updated)},
                    {"channel", row.channel},
                    {"description", nullptr},
                    {"p_use_tracking", "1"},
                    {"p_use_analytics_read", "0"},
                    {"send_last_broadcast", "0"},
                    {"private", "0"},
                    {"sender_name", ""},
                    {"sender_addr1", ""},
                    {"sender_addr2", ""},
                    {"sender_city", ""},
                    {"sender_state", ""},
                    {"sender_zip", ""},
                    {"sender_country", ""},
                    {"sender_phone", ""},
                    {"sender_url", row.sender_url},
                    {"sender_reminder", row.sender_reminder},
                    {"require_name", "0"},
                    {"optinoptout", "1"},
                    {"deletestamp", nullptr},
                    {"created_timestamp", wall(row.created)},
                    {"updated_timestamp", wall(row.updated)},
                    {"created_by", "1"},
                    {"updated_by", "1"}};
  made.emplace("non_deleted_subscribers", std::to_string(row.members));
  made.emplace("active_subscribers", std::to_string(row.active));
  made.emplace(
      "links",
      json::object{{"contactGoalLists", link(fmt::format("lists/{}/contactGoalLists", row.id))},
                   {"user", link(fmt::format("lists/{}/user", row.id))},
                   {"addressLists", link(fmt::format("lists/{}/addressLists", row.id))}});
  made.emplace("id", id_text(row.id));
  made.emplace("user", "1");
  return made;
}

json::object Renderer::field(const Field& row) const {
  json::array options;
  for (const FieldOption& option : row.options) options.emplace_back(id_text(option.id));
  json::array relations;
  for (const FieldRel& rel : row.rels) relations.emplace_back(id_text(rel.id));
  return {{"title", row.title},
          {"descript", row.description},
          {"type", row.type},
          {"isrequired", row.required ? "1" : "0"},
          {"perstag", row.perstag},
          {"defval", row.default_value},
          {"show_in_list", "0"},
          {"rows", "0"},
          {"cols", "0"},
          {"visible", row.visible ? "1" : "0"},
          {"service", ""},
          {"ordernum", std::to_string(row.order)},
          {"cdate", iso(row.created)},
          {"udate", iso(row.updated)},
          {"created_timestamp", wall(row.created)},
          {"updated_timestamp", wall(row.updated)},
          {"created_by", "0"},
          {"updated_by", "0"},
          {"options", std::move(options)},
          {"relations", std::move(relations)},
          {"links",
           {{"options", link(fmt::format("fields/{}/options", row.id))},
            {"relations", link(fmt::format("fields/{}/relations", row.id))}}},
          {"id", id_text(row.id)}};
}

json::object Renderer::option(const Field& field, const FieldOption& row) const {
  return {{"field", id_text(field.id)},
          {"orderid", std::to_string(row.order)},
          {"value", row.value},
          {"label", row.label},
          {"isdefault", row.is_default ? "1" : "0"},
          {"cdate", nullptr},
          {"udate", iso(row.updated)},
          {"links", {{"field", link(fmt::format("fieldOptions/{}/field", row.id))}}},
          {"id", id_text(row.id)}};
}

json::object Renderer::rel(const Field& field, const FieldRel& row, Shown shown) const {
  json::value list = echo(row.list, shown);
  return {{"field", echo(field.id, shown)},
          {"relid", std::move(list)},
          {"dorder", shown == Shown::Fresh && !account_.switches.all_ids_as_strings
                         ? json::value(row.order)
                         : json::value(std::to_string(row.order))},
          {"cdate", iso(row.created)},
          {"links", json::array{}},
          {"id", id_text(row.id)}};
}

json::object Renderer::tag(const Tag& row) const {
  return {{"tagType", row.type},
          {"tag", row.name},
          {"description", row.description},
          {"subscriber_count", std::to_string(row.subscribers)},
          {"cdate", iso(row.created)},
          {"created_timestamp", wall(row.created)},
          {"updated_timestamp", wall(row.updated)},
          {"created_by", nullptr},
          {"updated_by", nullptr},
          {"deleted", "0"},
          {"links",
           {{"contactGoalTags", link(fmt::format("tags/{}/contactGoalTags", row.id))},
            {"templateTags", link(fmt::format("tags/{}/templateTags", row.id))}}},
          {"id", id_text(row.id)}};
}

json::object Renderer::exclusion(const Exclusion& row) const {
  json::array lists;
  for (const std::string& list : row.lists) lists.emplace_back(list);
  return {{"matchPhrase", row.phrase}, {"matchType", row.match},    {"channel", row.channel},
          {"lists", std::move(lists)}, {"cdate", iso(row.created)}, {"links", json::object{}},
          {"id", id_text(row.id)}};
}

json::object Renderer::company(const Company& row) const {
  return {{"name", row.name},
          {"accountUrl", row.url},
          {"owner", row.owner},
          {"createdTimestamp", iso(row.created)},
          {"updatedTimestamp", iso(row.updated)},
          {"links", json::object{}},
          {"id", id_text(row.id)}};
}

}  // namespace activecampaign_sandbox
