#include "account/contact_query.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <span>

#include "account/email.hpp"

namespace activecampaign_sandbox {

namespace {

constexpr std::size_t kRememberedQueries = 4;

bool contains(std::string_view text, const std::string& folded_part) {
  return fold(text).find(folded_part) != std::string::npos;
}

bool has_status(const Contact& contact, const Membership& row, int status) {
  if (status < 0) return true;
  if (status == kBounced && contact.bounced) return true;
  return row.status == status;
}

bool in_lists(const Contact& contact, const ContactQuery& query) {
  if (!query.list && query.status < 0) return true;
  if (!query.list && query.status == kBounced && contact.bounced) return true;
  return std::any_of(contact.lists.begin(), contact.lists.end(), [&](const Membership& row) {
    return (!query.list || row.list == *query.list) && has_status(contact, row, query.status);
  });
}

bool in_times(const Contact& contact, const ContactQuery& query) {
  return !(query.created_before && contact.created >= *query.created_before) &&
         !(query.created_after && contact.created <= *query.created_after) &&
         !(query.updated_before && contact.updated >= *query.updated_before) &&
         !(query.updated_after && contact.updated <= *query.updated_after);
}

bool in_texts(const Contact& contact, const ContactQuery& query) {
  if (!query.email_like.empty() && !contains(contact.email, query.email_like)) return false;
  if (!query.phone.empty() && !contact.phone.starts_with(query.phone)) return false;
  return query.search.empty() || contains(contact.email, query.search) ||
         contains(contact.first_name, query.search) || contains(contact.last_name, query.search) ||
         contains(contact.phone, query.search) ||
         contains(contact.first_name + ' ' + contact.last_name, query.search);
}

bool matches(const Contact& contact, const ContactQuery& query) {
  if (query.id_greater != 0 && contact.id <= query.id_greater) return false;
  if (query.id_less != 0 && contact.id >= query.id_less) return false;
  if (!query.ids.empty() && !query.ids.contains(contact.id)) return false;
  if (!query.email.empty() && fold(contact.email) != query.email) return false;
  if (!query.exclude.empty() && std::to_string(contact.id) == query.exclude) return false;
  if (query.tag && Account::find_tag(contact, *query.tag) == nullptr) return false;
  return in_lists(contact, query) && in_times(contact, query) && in_texts(contact, query);
}

int three_way(const Contact& a, const Contact& b, std::string_view column) {
  auto compare = [](const auto& x, const auto& y) { return x < y ? -1 : (y < x ? 1 : 0); };
  if (column == "id") return compare(a.id, b.id);
  if (column == "cdate") return compare(a.created, b.created);
  if (column == "udate") return compare(a.updated, b.updated);
  if (column == "email") return compare(fold(a.email), fold(b.email));
  if (column == "first_name") return compare(fold(a.first_name), fold(b.first_name));
  if (column == "last_name") return compare(fold(a.last_name), fold(b.last_name));
  if (column == "name") {
    return compare(fold(a.first_name + ' ' + a.last_name), fold(b.first_name + ' ' + b.last_name));
  }
  return 0;
}

void sort_ids(std::vector<Id>& ids, const ContactStore& contacts, const ContactQuery& query) {
  std::stable_sort(ids.begin(), ids.end(), [&](Id left, Id right) {
    const Contact& a = contacts.rows()[left - 1];
    const Contact& b = contacts.rows()[right - 1];
    for (const auto& [column, descending] : query.orders) {
      const int order = three_way(a, b, column);
      if (order != 0) return descending ? order > 0 : order < 0;
    }
    return a.id < b.id;
  });
}

std::vector<Id> find_ids(const Account& account, const ContactQuery& query) {
  const ContactStore& contacts = account.contacts;
  std::vector<Id> ids;
  if (!query.email.empty()) {
    const auto found = contacts.by_email().find(query.email);
    if (found != contacts.by_email().end() && matches(contacts.rows()[found->second - 1], query)) {
      ids.push_back(found->second);
    }
    return ids;
  }
  if (query.orders.empty()) {
    for (const auto& [email, id] : contacts.by_email()) {
      if (matches(contacts.rows()[id - 1], query)) ids.push_back(id);
    }
    return ids;
  }
  for (const Contact& contact : contacts.rows()) {
    if (!contact.deleted && matches(contact, query)) ids.push_back(contact.id);
  }
  if (query.orders.front() != std::pair<std::string, bool>{"id", false}) {
    sort_ids(ids, contacts, query);
  }
  return ids;
}

ContactPage cut(const Account& account, std::span<const Id> ids, std::size_t offset,
                std::size_t limit) {
  ContactPage page;
  page.total = ids.size();
  for (std::size_t i = offset; i < std::min(ids.size(), offset + limit); ++i) {
    page.contacts.push_back(&account.contacts.rows()[ids[i] - 1]);
  }
  return page;
}

}  // namespace

std::string ContactQuery::key() const {
  auto time = [](const std::optional<Seconds>& value) {
    return value ? std::to_string(*value) : "-";
  };
  std::string made = fmt::format(
      "{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}", email, email_like, search, phone,
      exclude, fmt::join(ids, ","), list.value_or(0), status, tag.value_or(0), id_less,
      time(created_before), time(created_after), time(updated_before), time(updated_after));
  for (const auto& [column, descending] : orders) made += fmt::format("\n{}{}", column, descending);
  return made;
}

ContactPage ContactSearch::page(const Account& account, const ContactQuery& query,
                                std::size_t offset, std::size_t limit) {
  const std::uint64_t version = account.contacts.version();
  // A walk by `id_greater` asks a new question on each page; all of them are answered from the
  // unrestricted one.
  const bool keyset = query.id_greater != 0 && !query.orders.empty() &&
                      query.orders.front() == std::pair<std::string, bool>{"id", false};
  if (!query.email.empty()) return cut(account, find_ids(account, query), offset, limit);
  ContactQuery base = query;
  if (keyset) base.id_greater = 0;
  const std::string key = base.key() + '\n' + std::to_string(base.id_greater);
  auto found = std::find_if(results_.begin(), results_.end(),
                            [&](const Result& result) { return result.key == key; });
  if (found == results_.end() || found->version != version) {
    if (found != results_.end()) results_.erase(found);
    if (results_.size() == kRememberedQueries) results_.pop_back();
    results_.push_front({key, version, find_ids(account, base)});
    found = results_.begin();
  }
  std::span<const Id> ids = found->ids;
  if (keyset) {
    const auto begin = std::upper_bound(found->ids.begin(), found->ids.end(), query.id_greater);
    ids = ids.subspan(static_cast<std::size_t>(begin - found->ids.begin()));
  }
  return cut(account, ids, offset, limit);
}

}  // namespace activecampaign_sandbox
