// The steps that change the account rather than one contact, and the helpers of all steps.
#include <fmt/format.h>

#include <algorithm>

#include "account/email.hpp"
#include "account/seed.hpp"
#include "api/call.hpp"
#include "control/mutation.hpp"
#include "sluice/error.hpp"

namespace activecampaign_sandbox {

namespace {

using sluice::Code;
using sluice::Error;

std::size_t count_in(const json::object& object, std::string_view name, std::size_t otherwise) {
  const auto text = text_in(object, name);
  if (!text) return otherwise;
  if (*text == "0") return 0;
  const Id number = to_id(*text);
  if (number == 0) {
    throw Error{Code::Config, fmt::format("'{}' must be a whole number from 0", name)};
  }
  return number;
}

}  // namespace

const json::array& as_list(const json::value& value) {
  if (!value.is_array()) throw Error{Code::Config, "a list is expected: " + sluice::to_json(value)};
  return value.get_array();
}

const json::object& as_object(const json::value& value) {
  if (!value.is_object()) {
    throw Error{Code::Config, "an object is expected: " + sluice::to_json(value)};
  }
  return value.get_object();
}

std::string as_text(const json::value& value) {
  if (value.is_string()) return std::string{value.get_string()};
  if (value.is_number() || value.is_bool()) return sluice::to_json(value);
  throw Error{Code::Config, "a text is expected: " + sluice::to_json(value)};
}

std::string required_text(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr) throw Error{Code::Config, fmt::format("'{}' is missing", name)};
  return as_text(*value);
}

Contact& named_contact(Account& account, const std::string& name) {
  Contact* contact = name.find('@') == std::string::npos ? account.contacts.find(to_id(name))
                                                         : account.contacts.find_by_email(name);
  if (contact == nullptr) throw Error{Code::NotFound, fmt::format("no contact '{}'", name)};
  return *contact;
}

List& named_list(Account& account, const std::string& name) {
  List* list = account.find_list(name);
  if (list == nullptr) list = account.lists.find(to_id(name));
  if (list == nullptr) throw Error{Code::NotFound, fmt::format("no list '{}'", name)};
  return *list;
}

Field& named_field(Account& account, const std::string& name) {
  Field* field = account.find_field(name);
  if (field == nullptr) field = account.fields.find(to_id(name));
  if (field == nullptr) throw Error{Code::NotFound, fmt::format("no field '{}'", name)};
  return *field;
}

void mutate_add_fields(Mutation& mutation, const json::value& fields) {
  for (const json::value& entry : as_list(fields)) {
    if (!entry.is_object()) {
      add_field_by_spec(mutation.account, as_text(entry));
      continue;
    }
    const json::object& wanted = entry.get_object();
    Field& field = mutation.account.add_field(required_text(wanted, "title"),
                                              text_in(wanted, "type").value_or("text"),
                                              text_in(wanted, "perstag").value_or(""));
    field.rels.push_back({.id = mutation.account.next_rel_id(),
                          .list = 0,
                          .order = 1,
                          .created = mutation.account.now()});
    if (const json::value* options = wanted.if_contains("options")) {
      for (const json::value& option : as_list(*options)) {
        mutation.account.add_option(field, as_text(option), as_text(option));
      }
    }
  }
}

void mutate_remove_fields(Mutation& mutation, const json::value& titles) {
  for (const json::value& title : as_list(titles)) {
    mutation.account.remove_field(named_field(mutation.account, as_text(title)).id);
  }
}

void mutate_add_lists(Mutation& mutation, const json::value& names) {
  for (const json::value& name : as_list(names)) mutation.account.add_list(as_text(name));
}

void mutate_remove_lists(Mutation& mutation, const json::value& names) {
  for (const json::value& name : as_list(names)) {
    mutation.account.remove_list(named_list(mutation.account, as_text(name)).id);
  }
}

void mutate_add_tag_names(Mutation& mutation, const json::value& names) {
  for (const json::value& entry : as_list(names)) {
    const bool is_object = entry.is_object();
    const std::string name = is_object ? required_text(entry.get_object(), "name") : as_text(entry);
    const std::string type =
        is_object ? text_in(entry.get_object(), "type").value_or("") : "contact";
    if (mutation.account.find_tag_by_name(name) == nullptr) {
      mutation.account.create_tag(name, type);
    }
  }
}

void mutate_remove_tag_names(Mutation& mutation, const json::value& names) {
  for (const json::value& entry : as_list(names)) {
    const std::string name = as_text(entry);
    const Tag* tag = mutation.account.find_tag_by_name(name);
    if (tag == nullptr) throw Error{Code::NotFound, fmt::format("no tag '{}'", name)};
    mutation.account.delete_tag(tag->id);
  }
}

void mutate_exclude(Mutation& mutation, const json::value& exclusions) {
  for (const json::value& entry : as_list(exclusions)) {
    Exclusion row;
    row.created = mutation.account.now();
    if (entry.is_object()) {
      row.phrase = required_text(entry.get_object(), "phrase");
      row.match = text_in(entry.get_object(), "match").value_or("exact");
      row.channel = text_in(entry.get_object(), "channel").value_or("all");
    } else {
      row.phrase = as_text(entry);
    }
    mutation.account.exclusions.add(std::move(row));
  }
}

void mutate_unexclude(Mutation& mutation, const json::value& phrases) {
  for (const json::value& entry : as_list(phrases)) {
    const std::string phrase = fold(as_text(entry));
    std::erase_if(mutation.account.exclusions.rows(),
                  [&](const auto& row) { return fold(row.second.phrase) == phrase; });
  }
}

void mutate_contact_limit(Mutation& mutation, const json::value& limit) {
  if (limit.is_null()) {
    mutation.account.contact_limit.reset();
  } else if (limit.is_int64() && limit.get_int64() >= 0) {
    mutation.account.contact_limit = static_cast<std::uint64_t>(limit.get_int64());
  } else {
    throw Error{Code::Config, "'contact_limit' must be a whole number from 0, or null"};
  }
}

void mutate_bulk(Mutation& mutation, const json::value& plan) {
  const json::object& wanted = as_object(plan);
  BulkPlan& current = mutation.importer.plan;
  if (const json::value* stick = wanted.if_contains("stick_waiting")) {
    current.stick_waiting = truthy(*stick);
  }
  current.fail_next = count_in(wanted, "fail_next", current.fail_next);
  current.interrupt_next = count_in(wanted, "interrupt_next", current.interrupt_next);
  if (wanted.contains("omit_rows")) {
    current.omit_rows = count_in(wanted, "omit_rows", 0);
    current.omit_batches = count_in(wanted, "omit_batches", 1);
    const json::value* applied = wanted.if_contains("omitted_are_applied");
    current.omitted_are_applied = applied != nullptr && truthy(*applied);
  }
}

void mutate_switches(Mutation& mutation, const json::value& switches) {
  for (const auto& [name, value] : as_object(switches)) {
    set_switch(mutation.account.switches, name, as_text(value));
  }
}

}  // namespace activecampaign_sandbox
