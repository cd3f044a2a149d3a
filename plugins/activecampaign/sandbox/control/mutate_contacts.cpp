#include <fmt/format.h>

#include "account/email.hpp"
#include "api/call.hpp"
#include "control/mutation.hpp"
#include "sluice/error.hpp"

namespace activecampaign_sandbox {

namespace {

using sluice::Code;
using sluice::Error;

Tag& tag_named(Account& account, const std::string& name) {
  Tag* tag = account.find_tag_by_name(name);
  return tag == nullptr ? account.create_tag(name, "contact") : *tag;
}

int required_status(const json::object& row, std::string_view name) {
  const std::string status = required_text(row, name);
  if (status.size() != 1 || status[0] < '0' || status[0] > '3') {
    throw Error{Code::Config, fmt::format("'{}' must be 0 to 3, not {}", name, status)};
  }
  return status[0] - '0';
}

void set_everything(Mutation& mutation, Contact& contact, const json::object& wanted) {
  Account& account = mutation.account;
  ContactChange change;
  change.first_name = text_in(wanted, "firstName");
  change.last_name = text_in(wanted, "lastName");
  change.phone = text_in(wanted, "phone");
  if (const json::value* fields = wanted.if_contains("fields")) {
    for (const auto& [title, value] : as_object(*fields)) {
      change.values.push_back({named_field(account, std::string{title}).id, as_text(value)});
    }
  }
  account.apply(contact, change);
  if (const json::value* tags = wanted.if_contains("tags")) {
    for (const json::value& tag : as_list(*tags)) {
      account.add_tag(contact, tag_named(account, as_text(tag)), false);
    }
  }
  if (const json::value* lists = wanted.if_contains("lists")) {
    for (const auto& [list, status] : as_object(*lists)) {
      account.set_membership(contact, named_list(account, std::string{list}).id,
                             static_cast<int>(status.to_number<std::int64_t>()), 4, false);
    }
  }
  contact.updated = account.now();
  account.contacts.changed();
}

// One step over rows of {"email" or "id", …}.
template <class Change>
void for_each_contact(Mutation& mutation, const json::value& rows, Change change) {
  for (const json::value& row : as_list(rows)) {
    const json::object& object = as_object(row);
    const std::string name =
        object.contains("id") ? required_text(object, "id") : required_text(object, "email");
    Contact& contact = named_contact(mutation.account, name);
    change(contact, object);
    contact.updated = mutation.account.now();
    mutation.account.contacts.changed();
    mutation.updated.push_back(contact.id);
  }
}

void set_bounced(Mutation& mutation, const json::value& emails, bool is_bounced) {
  for (const json::value& email : as_list(emails)) {
    mutation.account.set_bounced(as_text(email), is_bounced);
  }
}

}  // namespace

void mutate_create_contacts(Mutation& mutation, const json::value& contacts) {
  for (const json::value& row : as_list(contacts)) {
    const json::object& wanted = as_object(row);
    const std::string email = required_text(wanted, "email");
    if (mutation.account.contacts.find_by_email(email) != nullptr) {
      throw Error{Code::Config, fmt::format("a contact with the address {} exists", email)};
    }
    Contact& contact = mutation.account.create_contact(email, false);
    set_everything(mutation, contact, wanted);
    mutation.created.push_back(contact.id);
  }
}

void mutate_update_contacts(Mutation& mutation, const json::value& contacts) {
  for_each_contact(mutation, contacts, [&](Contact& contact, const json::object& wanted) {
    if (const auto email = text_in(wanted, "new_email")) {
      const Contact* owner = mutation.account.contacts.find_by_email(*email);
      if (owner != nullptr && owner != &contact) {
        throw Error{Code::Config, fmt::format("a contact with the address {} exists", *email)};
      }
      mutation.account.apply(
          contact, {.email = *email, .first_name = {}, .last_name = {}, .phone = {}, .values = {}});
    }
    set_everything(mutation, contact, wanted);
  });
}

void mutate_delete_contacts(Mutation& mutation, const json::value& contacts) {
  for (const json::value& name : as_list(contacts)) {
    Contact& contact = named_contact(mutation.account, as_text(name));
    mutation.account.remove_contact(contact);
    mutation.deleted.push_back(contact.id);
  }
}

void mutate_merge_contacts(Mutation& mutation, const json::value& pairs) {
  for (const json::value& pair : as_list(pairs)) {
    Contact& from = named_contact(mutation.account, required_text(as_object(pair), "from"));
    Contact& into = named_contact(mutation.account, required_text(as_object(pair), "into"));
    if (&from == &into) throw Error{Code::Config, "a contact cannot be merged into itself"};
    mutation.account.merge_contacts(from, into);
    mutation.deleted.push_back(from.id);
    mutation.updated.push_back(into.id);
  }
}

void mutate_set_membership(Mutation& mutation, const json::value& memberships) {
  for (const json::value& membership : as_list(memberships)) {
    const json::object& row = as_object(membership);
    const int status = required_status(row, "status");
    Contact& contact =
        named_contact(mutation.account, required_text(row, row.contains("id") ? "id" : "email"));
    const Id list = named_list(mutation.account, required_text(row, "list")).id;
    const Membership* known = Account::find_membership(contact, list);
    if (known != nullptr && known->status == status) continue;  // nothing happens
    if (row.contains("from") &&
        (known == nullptr || known->status != required_status(row, "from"))) {
      continue;
    }
    // What a person decides is never refused for a missing source.
    mutation.account.set_membership(contact, list, status, 4, false);
    contact.updated = mutation.account.now();
    mutation.account.contacts.changed();
    mutation.updated.push_back(contact.id);
  }
}

void mutate_add_tags(Mutation& mutation, const json::value& tags) {
  for_each_contact(mutation, tags, [&](Contact& contact, const json::object& row) {
    mutation.account.add_tag(contact, tag_named(mutation.account, required_text(row, "tag")),
                             false);
  });
}

void mutate_remove_tags(Mutation& mutation, const json::value& tags) {
  for_each_contact(mutation, tags, [&](Contact& contact, const json::object& row) {
    const std::string name = required_text(row, "tag");
    const Tag* tag = mutation.account.find_tag_by_name(name);
    if (tag == nullptr || !mutation.account.remove_tag(contact, tag->id)) {
      throw Error{Code::NotFound, fmt::format("{} has no tag '{}'", contact.email, name)};
    }
  });
}

void mutate_bounce(Mutation& mutation, const json::value& emails) {
  set_bounced(mutation, emails, true);
}

void mutate_unbounce(Mutation& mutation, const json::value& emails) {
  set_bounced(mutation, emails, false);
}

}  // namespace activecampaign_sandbox
