#include "estimate.hpp"

#include <utility>

#include "removal.hpp"

namespace activecampaign {

using sluice::Write;

namespace {

template <typename Container>
std::int64_t count(const Container& container) {
  return static_cast<std::int64_t>(container.size());
}

// A contact that Sluice wrote before is a member already: only lists that rules add are joined.
std::int64_t list_calls(const Job& job) {
  const auto& contact = job.contact;
  const bool concerned = !contact.subscribe.empty() || !contact.unsubscribe.empty() ||
                         !job.consent.opted_out.empty() || !job.consent.withdrawn.empty();
  if (!concerned) return 0;
  const bool existed = job.write->delivered;
  const auto changed = job.write->sets.find(kListsField);
  const auto added = changed == job.write->sets.end() ? 0 : count(changed->second.add);
  return (existed ? 1 : 0) + (existed ? added : count(contact.subscribe)) +
         count(contact.unsubscribe);
}

std::int64_t tag_calls(const Job& job) {
  const auto& contact = job.contact;
  const bool reads =
      job.write->delivered && (!contact.remove_tags.empty() || contact.add_tags.size() > 1);
  return (reads ? 1 : 0) + count(contact.add_tags) + count(contact.remove_tags);
}

}  // namespace

void CallCounts::add_import(const ImportChunk& chunk) {
  constexpr std::int64_t kImportAndQuestion = 2;
  general += kImportAndQuestion;
  ++(chunk.jobs.size() == 1 ? bulk_single : bulk);
}

std::vector<sluice::CallEstimate> CallCounts::by_class(const Client& client) const {
  std::vector<sluice::CallEstimate> estimates;
  for (const auto& rate : client.rates()) {
    const auto calls = rate.name == kBulkClass         ? bulk
                       : rate.name == kBulkSingleClass ? bulk_single
                                                       : general;
    if (calls > 0) estimates.push_back({rate, calls});
  }
  return estimates;
}

std::int64_t single_calls(const Job& job, const WriteOptions& options) {
  const auto& write = *job.write;
  std::int64_t calls = 1;
  if (write.previous_key) ++calls;
  if (!write.if_empty.empty()) {
    calls += write.delivered ? 2 : 1;  // the contact, and what its fields hold
  } else if (options.mode == sluice::WriteMode::Update && !write.previous_key) {
    ++calls;
  }
  return calls + list_calls(job) + tag_calls(job);
}

std::int64_t removal_calls(const Job& job) {
  constexpr std::int64_t kLookUpAndReadLists = 2;
  const bool deletes = job.write->action == kDeleteAction;
  return kLookUpAndReadLists + count(job.contact.unsubscribe) + count(job.contact.add_tags) +
         (deletes ? 1 : 0);
}

bool FutureFields::is_unknown(std::string_view name) const {
  return !is_built_in(name) && name != kTagsField && name != kListsField &&
         model_.find_fields(name).empty();
}

std::vector<Write> FutureFields::without_unknown(std::span<const Write> writes) const {
  std::vector<Write> known(writes.begin(), writes.end());
  for (auto& write : known) {
    json::object fields;
    for (auto& field : write.fields) {
      if (!is_unknown(field.key())) fields[field.key()] = std::move(field.value());
    }
    write.fields = std::move(fields);
  }
  return known;
}

void FutureFields::complete(std::span<const Write> writes, std::vector<Job>& jobs) {
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    for (const auto& field : writes[i].fields) {
      if (!is_unknown(field.key())) continue;
      const std::string name{field.key()};
      auto& future = fields_[name];
      future.title = name;
      jobs[i].contact.custom.push_back(
          {&future, name, field.value().is_null() ? "" : sluice::to_json(field.value())});
    }
  }
}

}  // namespace activecampaign
