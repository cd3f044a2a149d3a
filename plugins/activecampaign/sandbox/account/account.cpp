#include "account/account.hpp"

#include <algorithm>

#include "account/email.hpp"

namespace activecampaign_sandbox {

namespace {

// Exclusions for text messages alone do not concern e-mail.
bool matches(const Exclusion& exclusion, const std::string& email) {
  const std::string phrase = fold(exclusion.phrase);
  if (phrase.empty() || exclusion.channel == "allSms") return false;
  if (exclusion.match == "contain") return email.find(phrase) != std::string::npos;
  if (exclusion.match == "begin") return email.starts_with(phrase);
  if (exclusion.match == "end") return email.ends_with(phrase);
  return email == phrase;
}

}  // namespace

Account::Account(Switches initial_switches) : switches{std::move(initial_switches)} {}

Contact& Account::create_contact(const std::string& email, bool automations) {
  Contact& contact = contacts.create(switches.keep_email_case ? email : fold(email), now());
  contact.bounced = bounced.contains(fold(email));
  if (automations) ++contact.automation_runs;
  return contact;
}

std::vector<WrittenValue> Account::apply(Contact& contact, const ContactChange& change) {
  if (change.email && *change.email != contact.email) {
    contacts.rename(contact, switches.keep_email_case ? *change.email : fold(*change.email));
  }
  if (change.first_name) contact.first_name = *change.first_name;
  if (change.last_name) contact.last_name = *change.last_name;
  if (change.phone) contact.phone = *change.phone;
  std::vector<WrittenValue> written;
  for (const ValueChange& entry : change.values) {
    const Field* field = fields.find(entry.field);
    if (field == nullptr) continue;
    bool fresh = false;
    if (set_value(contact, *field, entry.value, &fresh) == nullptr) continue;
    const bool is_repeated =
        std::any_of(written.begin(), written.end(),
                    [field](const WrittenValue& earlier) { return earlier.field == field->id; });
    if (!is_repeated) written.push_back({field->id, fresh});
  }
  contacts.changed();
  return written;
}

void Account::remove_contact(Contact& contact) {
  for (const Membership& row : contact.lists) count_membership(row.list, row.status, -1);
  for (const ContactTag& row : contact.tags) {
    if (Tag* tag = tags.find(row.tag)) --tag->subscribers;
  }
  if (const CompanyContact* link = company_link(contact.id)) unlink_company(link->id);
  contacts.remove(contact, now());
}

void Account::merge_contacts(Contact& from, Contact& into) {
  for (const Membership& row : from.lists) {
    if (find_membership(into, row.list) == nullptr) {
      set_membership(into, row.list, row.status, row.source_id, false);
    }
  }
  for (const ContactTag& row : from.tags) {
    if (Tag* tag = tags.find(row.tag)) add_tag(into, *tag, false);
  }
  for (const FieldValue& row : from.values) {
    const FieldValue* own = find_value(into, row.field);
    const Field* field = fields.find(row.field);
    if (field != nullptr && (own == nullptr || own->value.empty())) {
      set_value(into, *field, row.value);
    }
  }
  into.updated = now();
  remove_contact(from);
}

bool Account::at_contact_limit() const {
  return contact_limit && contacts.live() >= *contact_limit;
}

bool Account::is_excluded(std::string_view email) const {
  if (exclusions.size() == 0) return false;
  const std::string folded = fold(email);
  return std::any_of(exclusions.rows().begin(), exclusions.rows().end(),
                     [&](const auto& row) { return matches(row.second, folded); });
}

bool Account::is_bounced(std::string_view email) const {
  return !bounced.empty() && bounced.contains(fold(email));
}

void Account::set_bounced(std::string_view email, bool is_bounced) {
  if (is_bounced) {
    bounced.insert(fold(email));
  } else {
    bounced.erase(fold(email));
  }
  if (Contact* contact = contacts.find_by_email(email)) {
    contact->bounced = is_bounced;
    contact->updated = now();
    contacts.changed();
  }
}

void Account::record_write(Contact& contact, Write kind) {
  ++contact.writes[static_cast<std::size_t>(kind)];
  contact.updated = now();
  contacts.changed();
}

}  // namespace activecampaign_sandbox
