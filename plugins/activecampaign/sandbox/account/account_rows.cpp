// Memberships, field values and tags of contacts.
#include <algorithm>

#include "account/account.hpp"
#include "account/email.hpp"
#include "account/times.hpp"

namespace activecampaign_sandbox {

namespace {

// The source that a subscription through the API is stored with, also when the caller sends none.
constexpr int kApiSource = 4;

template <class Rows, class Member>
auto* find_row(Rows& rows, Member member, Id id) {
  const auto found =
      std::find_if(rows.begin(), rows.end(), [&](const auto& row) { return row.*member == id; });
  return found == rows.end() ? nullptr : &*found;
}

bool is_option(const Field& field, std::string_view value) {
  return std::any_of(field.options.begin(), field.options.end(),
                     [&](const FieldOption& option) { return option.value == value; });
}

bool only_options(const Field& field, std::string_view value) {
  const auto parts = split_multi_value(value);
  return std::all_of(parts.begin(), parts.end(),
                     [&](const std::string& part) { return is_option(field, part); });
}

}  // namespace

bool has_options(std::string_view field_type) {
  return field_type == "dropdown" || field_type == "radio" || field_type == "listbox" ||
         field_type == "checkbox" || field_type == "multiselect";
}

std::vector<std::string> split_multi_value(std::string_view value) {
  std::vector<std::string> parts;
  while (!value.empty()) {
    const std::size_t bar = value.find("||");
    if (bar != 0) parts.emplace_back(value.substr(0, bar));
    if (bar == std::string_view::npos) break;
    value.remove_prefix(bar + 2);
  }
  return parts;
}

void Account::count_membership(Id list, int status, int by) {
  List* row = lists.find(list);
  if (row == nullptr) return;
  row->members += static_cast<std::uint64_t>(by);
  if (status == kSubscribed) row->active += static_cast<std::uint64_t>(by);
}

const Membership* Account::find_membership(const Contact& contact, Id list) {
  return find_row(contact.lists, &Membership::list, list);
}

bool Account::set_membership(Contact& contact, Id list, int status, int source_id,
                             bool automations) {
  Membership* row = find_row(contact.lists, &Membership::list, list);
  const bool is_new = row == nullptr;
  if (is_new) {
    row = &contact.lists.emplace_back();
    row->id = contacts.memberships.add(contact.id);
    row->list = list;
    row->created = now();
  } else if (row->status == status ||
             (switches.resubscribe_needs_source && row->status == kUnsubscribed &&
              status == kSubscribed && source_id != kApiSource)) {
    return false;
  } else {
    count_membership(list, row->status, -1);
  }
  row->status = status;
  row->source_id = source_id == 0 ? kApiSource : source_id;
  row->updated = now();
  if (status == kSubscribed && row->subscribed == 0) row->subscribed = now();
  if (status == kUnsubscribed) row->unsubscribed = now();
  count_membership(list, status, 1);
  if (automations && status == kSubscribed) ++contact.automation_runs;
  contacts.changed();
  return true;
}

const FieldValue* Account::find_value(const Contact& contact, Id field) {
  return find_row(contact.values, &FieldValue::field, field);
}

std::string Account::stored_value(const Field& field, std::string_view value) const {
  if (field.type == "datetime") {
    // A time is converted to the account's zone, so it reads back as another text.
    if (const auto time = parse_time(value, std::nullopt)) {
      return iso_time(*time, switches.utc_offset_minutes);
    }
  }
  return std::string{value};
}

FieldValue* Account::set_value(Contact& contact, const Field& field, std::string_view value,
                               bool* fresh) {
  const bool is_date = field.type == "date" || field.type == "datetime";
  FieldValue* row = find_row(contact.values, &FieldValue::field, field.id);
  if (value.empty() && is_date && switches.empty_date_keeps) return row;
  if (switches.option_mismatch_drops && has_options(field.type) && !only_options(field, value)) {
    return nullptr;
  }
  if (fresh != nullptr) *fresh = row == nullptr;
  if (row == nullptr) {
    row = &contact.values.emplace_back();
    row->id = contacts.values.add(contact.id);
    row->field = field.id;
    row->created = now();
  }
  row->value = stored_value(field, value);
  row->updated = now();
  contacts.changed();
  return row;
}

bool Account::remove_value(Id value_id) {
  Contact* contact = contacts.find(contacts.values.owner(value_id));
  if (contact == nullptr) return false;
  std::erase_if(contact->values, [&](const FieldValue& row) { return row.id == value_id; });
  contacts.values.drop(value_id);
  contacts.changed();
  return true;
}

const ContactTag* Account::find_tag(const Contact& contact, Id tag) {
  return find_row(contact.tags, &ContactTag::tag, tag);
}

bool Account::add_tag(Contact& contact, Tag& tag, bool automations) {
  if (find_tag(contact, tag.id) != nullptr) return false;
  ContactTag& row = contact.tags.emplace_back();
  row.id = contacts.tags.add(contact.id);
  row.tag = tag.id;
  row.created = now();
  ++tag.subscribers;
  if (automations) ++contact.automation_runs;
  contacts.changed();
  return true;
}

bool Account::remove_tag(Contact& contact, Id tag) {
  const ContactTag* row = find_tag(contact, tag);
  if (row == nullptr) return false;
  contacts.tags.drop(row->id);
  std::erase_if(contact.tags, [&](const ContactTag& each) { return each.tag == tag; });
  if (Tag* counted = tags.find(tag)) --counted->subscribers;
  contacts.changed();
  return true;
}

}  // namespace activecampaign_sandbox
