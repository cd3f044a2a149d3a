// GET /contacts: which contacts, in which order.
#pragma once

#include <deque>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "account/account.hpp"

namespace activecampaign_sandbox {

// An absent member restricts nothing.
struct ContactQuery {
  std::string email;       // exact, case-insensitive
  std::string email_like;  // these four: contained, case-insensitive
  std::string search;
  std::string phone;    // a prefix
  std::string exclude;  // id to leave out
  std::set<Id> ids;
  std::optional<Id> list;
  int status = -1;  // with `list`: in that list; else in any
  std::optional<Id> tag;
  Id id_greater = 0;
  Id id_less = 0;
  std::optional<Seconds> created_before;
  std::optional<Seconds> created_after;
  std::optional<Seconds> updated_before;
  std::optional<Seconds> updated_after;
  std::vector<std::pair<std::string, bool>> orders;  // column, descending; none = by e-mail

  // Equal keys mean equal queries.
  [[nodiscard]] std::string key() const;
};

struct ContactPage {
  std::vector<const Contact*> contacts;
  std::size_t total = 0;
};

// Remembers the matching ids of the last few queries until a contact changes, so that walking all
// pages of a large account costs one scan rather than one a page.
class ContactSearch {
 public:
  [[nodiscard]] ContactPage page(const Account& account, const ContactQuery& query,
                                 std::size_t offset, std::size_t limit);

 private:
  struct Result {
    std::string key;
    std::uint64_t version = 0;
    std::vector<Id> ids;
  };
  std::deque<Result> results_;
};

}  // namespace activecampaign_sandbox
