#include "account/contact_store.hpp"

#include "account/email.hpp"

namespace activecampaign_sandbox {

Contact& ContactStore::create(std::string email, Seconds now) {
  Contact& contact = rows_.emplace_back();
  contact.id = static_cast<Id>(rows_.size());
  contact.created = now;
  contact.updated = now;
  by_email_.emplace(fold(email), contact.id);
  contact.email = std::move(email);
  changed();
  return contact;
}

Contact* ContactStore::find(Id id) {
  if (id == 0 || id > rows_.size() || rows_[id - 1].deleted) return nullptr;
  return &rows_[id - 1];
}

const Contact* ContactStore::find(Id id) const {
  if (id == 0 || id > rows_.size() || rows_[id - 1].deleted) return nullptr;
  return &rows_[id - 1];
}

Contact* ContactStore::find_by_email(std::string_view email) {
  const auto found = by_email_.find(fold(email));
  return found == by_email_.end() ? nullptr : &rows_[found->second - 1];
}

const Contact* ContactStore::find_deleted(Id id) const {
  if (id == 0 || id > rows_.size() || !rows_[id - 1].deleted) return nullptr;
  return &rows_[id - 1];
}

void ContactStore::rename(Contact& contact, std::string email) {
  by_email_.erase(fold(contact.email));
  by_email_.emplace(fold(email), contact.id);
  contact.email = std::move(email);
  changed();
}

void ContactStore::remove(Contact& contact, Seconds now) {
  by_email_.erase(fold(contact.email));
  for (const Membership& row : contact.lists) memberships.drop(row.id);
  for (const FieldValue& row : contact.values) values.drop(row.id);
  for (const ContactTag& row : contact.tags) tags.drop(row.id);
  contact.deleted = true;
  contact.deleted_at = now;
  changed();
}

}  // namespace activecampaign_sandbox
