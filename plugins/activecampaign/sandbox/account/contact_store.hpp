// The contacts, by id and by address, and the rows that hang on them.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "account/model.hpp"

namespace activecampaign_sandbox {

// Which contact a membership, field value or contact tag belongs to. Row ids grow and are never
// used twice.
class RowOwners {
 public:
  [[nodiscard]] Id add(Id contact) {
    owners_.push_back(contact);
    return static_cast<Id>(owners_.size());
  }
  [[nodiscard]] Id owner(Id row) const {
    return row == 0 || row > owners_.size() ? 0 : owners_[row - 1];
  }
  void set_owner(Id row, Id contact) { owners_[row - 1] = contact; }
  void drop(Id row) { set_owner(row, 0); }

 private:
  std::vector<Id> owners_;
};

// Addresses of contacts are compared case-insensitively; a reference to a contact stays valid for
// the store's life.
class ContactStore {
 public:
  // `email` must be free.
  Contact& create(std::string email, Seconds now);
  // Live contacts only.
  [[nodiscard]] Contact* find(Id id);
  [[nodiscard]] const Contact* find(Id id) const;
  [[nodiscard]] Contact* find_by_email(std::string_view email);
  // A contact that was deleted or merged away.
  [[nodiscard]] const Contact* find_deleted(Id id) const;
  // The new address must be free or the contact's own.
  void rename(Contact& contact, std::string email);
  // Keeps the row as a tombstone and frees its address.
  void remove(Contact& contact, Seconds now);

  [[nodiscard]] std::size_t live() const { return by_email_.size(); }
  [[nodiscard]] std::size_t ever() const { return rows_.size(); }
  // Folded address → id, in ascending order.
  [[nodiscard]] const std::map<std::string, Id, std::less<>>& by_email() const { return by_email_; }
  // All rows in id order, deleted ones included.
  [[nodiscard]] const std::deque<Contact>& rows() const { return rows_; }
  [[nodiscard]] std::deque<Contact>& rows() { return rows_; }

  // Grows with every change; equal versions mean equal answers to a query.
  [[nodiscard]] std::uint64_t version() const { return version_; }
  void changed() { ++version_; }

  RowOwners memberships;
  RowOwners values;
  RowOwners tags;

 private:
  std::deque<Contact> rows_;
  std::map<std::string, Id, std::less<>> by_email_;
  std::uint64_t version_ = 0;
};

}  // namespace activecampaign_sandbox
