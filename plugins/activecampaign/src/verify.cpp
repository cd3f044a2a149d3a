#include "verify.hpp"

#include <algorithm>
#include <optional>

#include "texts.hpp"
#include "values.hpp"

namespace activecampaign {

namespace {

bool keeps(const sluice::Write& write, const std::string& name, std::string_view stored) {
  return contains(write.if_empty, name) && !is_blank(stored);
}

void compare_fields(const Job& job, const RemoteContact& remote, std::vector<std::string>& names) {
  for (const auto& [name, text] : job.contact.built_in) {
    const auto stored = scalar(remote.row, name);
    if (name == "email" || keeps(*job.write, name, stored)) continue;
    if (trim(stored) != trim(text)) insert(names, name);
  }
  for (const auto& value : job.contact.custom) {
    const auto found = remote.values.find(value.field->id);
    const std::string stored = found == remote.values.end() ? std::string{} : found->second;
    if (keeps(*job.write, value.name, stored)) continue;
    const bool same = is_blank(value.text)
                          ? is_blank(stored)
                          : !is_blank(stored) && same_value(*value.field, stored, value.text);
    if (!same) insert(names, value.name);
  }
}

void compare_lists(const Job& job, const RemoteContact& remote, Resubscribe policy,
                   std::vector<std::string>& names) {
  const auto status_in = [&remote](const std::string& list) {
    const auto found = remote.lists.find(list);
    return found == remote.lists.end() ? std::nullopt : std::optional{found->second};
  };
  for (const auto& list : job.contact.subscribe) {
    if (may_subscribe(policy, job.consent, list, status_in(list))) insert(names, scope_of(list));
  }
  for (const auto& list : job.contact.unsubscribe) {
    if (status_in(list) == kActive) insert(names, scope_of(list));
  }
}

void compare_tags(const Job& job, const RemoteContact& remote, const AccountModel& model,
                  std::vector<std::string>& names) {
  const auto has = [&](const std::string& name) {
    const auto* tag = model.find_tag(name);
    return tag != nullptr && contains(remote.tags, tag->id);
  };
  const auto& contact = job.contact;
  const bool lacks = !std::all_of(contact.add_tags.begin(), contact.add_tags.end(), has);
  const bool keeps_others =
      std::any_of(contact.remove_tags.begin(), contact.remove_tags.end(), has);
  if (lacks || keeps_others) insert(names, kTagsField);
}

}  // namespace

sluice::Difference compare(const Job& job, const RemoteContact& contact, const AccountModel& model,
                           const WriteOptions& options) {
  sluice::Difference difference;
  difference.found = true;
  difference.remote_id = contact.id;
  const auto consent = consent_after(job.consent, contact.lists, {});
  difference.opted_out = consent.opted_out;
  difference.withdrawn = consent.withdrawn;
  if (options.mode == sluice::WriteMode::Create) return difference;
  if (job.impossible) {
    difference.names.push_back(job.impossible->field.empty() ? "email" : job.impossible->field);
    return difference;
  }
  compare_fields(job, contact, difference.names);
  compare_lists(job, contact, options.resubscribe, difference.names);
  compare_tags(job, contact, model, difference.names);
  return difference;
}

}  // namespace activecampaign
