#include "import_body.hpp"

#include <algorithm>
#include <array>
#include <boost/json/monotonic_resource.hpp>
#include <utility>

#include "texts.hpp"

namespace activecampaign {

namespace {

constexpr std::size_t kEnvelope = 200;            // bytes around the contacts
constexpr std::size_t kContactMemory = 8u << 10;  // what most contacts need

std::string_view import_name(std::string_view api_name) {
  if (api_name == "firstName") return "first_name";
  if (api_name == "lastName") return "last_name";
  return api_name;
}

std::string contact_json(const Job& job, const TagBook& tags, const WriteOptions& options) {
  std::array<unsigned char, kContactMemory> memory;
  json::monotonic_resource values{memory.data(), memory.size()};
  json::object contact(&values);
  contact["email"] = job.contact.email;
  for (const auto& [name, text] : job.contact.built_in) contact[import_name(name)] = text;
  json::array fields(&values);
  fields.reserve(job.contact.custom.size());
  for (const auto& value : job.contact.custom) {
    auto& field = fields.emplace_back(json::object_kind).get_object();
    field["id"] = id_value(value.field->id);
    field["value"] = value.text;
  }
  if (!fields.empty()) contact["fields"] = std::move(fields);
  json::array names(&values);
  for (const auto& name : job.contact.add_tags) {
    // The account's own spelling, so that no second tag appears beside it.
    const auto* tag = tags.find(name);
    names.emplace_back(tag == nullptr ? name : tag->name);
  }
  for (const auto& name : job.contact.keep_tags) {
    if (const auto* tag = tags.find(name)) names.emplace_back(tag->name);
  }
  if (!names.empty()) contact["tags"] = std::move(names);
  json::array lists(&values);
  for (const auto& list : lists_for_import(job)) {
    lists.push_back(json::object{{"listid", id_value(list)}});
  }
  if (!lists.empty()) contact["subscribe"] = std::move(lists);
  // Documented at two places; where it does not belong it is ignored.
  if (options.exclude_automations) contact["exclude_automations"] = true;
  return sluice::to_json(contact);
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

}  // namespace

bool is_importable_email(std::string_view email) {
  const auto at = email.find('@');
  if (at == std::string_view::npos || at == 0) return false;
  for (const char c : email.substr(0, at)) {
    if (static_cast<unsigned char>(c) <= ' ' ||
        std::string_view{"\"(),:;<>@[]\\"}.find(c) != std::string_view::npos) {
      return false;
    }
  }
  const auto domain = email.substr(at + 1);
  const auto dot = domain.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || domain.size() - dot - 1 < 2) return false;
  const auto plain = [](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.';
  };
  const auto top = domain.substr(dot + 1);
  return std::all_of(domain.begin(), domain.end(), plain) &&
         std::count_if(top.begin(), top.end(), is_letter) >= 2;
}

std::vector<std::string> lists_for_import(const Job& job) {
  std::vector<std::string> lists;
  for (const auto* wanted : {&job.contact.subscribe, &job.contact.keep_lists}) {
    for (const auto& list : *wanted) {
      if (!job.consent.person_left(list)) insert(lists, list);
    }
  }
  return lists;
}

bool fits_import(const Job& job, const WriteOptions& options) {
  const auto& write = *job.write;
  if (options.mode != sluice::WriteMode::Upsert || write.op != sluice::Write::Op::Upsert ||
      write.previous_key || !write.if_empty.empty()) {
    return false;
  }
  const auto& contact = job.contact;
  if (contact.clears_something() || !contact.unsubscribe.empty() || !contact.remove_tags.empty() ||
      !is_importable_email(contact.email)) {
    return false;
  }
  // Sluice's own unsubscription, or under `always` anybody's, is undone by a single call only.
  const auto needs_a_call = [&](const std::string& list) {
    return job.consent.we_withdrew(list) ||
           (options.resubscribe == Resubscribe::Always && job.consent.person_left(list));
  };
  return std::none_of(contact.subscribe.begin(), contact.subscribe.end(), needs_a_call) &&
         std::none_of(contact.keep_lists.begin(), contact.keep_lists.end(), needs_a_call);
}

std::string import_body(const ImportChunk& chunk, const WriteOptions& options) {
  std::string body = "{\"contacts\":[";
  for (std::size_t i = 0; i < chunk.contacts.size(); ++i) {
    if (i > 0) body += ',';
    body += chunk.contacts[i];
  }
  body += "]";
  if (options.exclude_automations) body += ",\"exclude_automations\":true";
  return body + "}";
}

std::vector<ImportChunk> cut_into_imports(const Jobs& jobs, const TagBook& tags,
                                          const WriteOptions& options) {
  std::vector<ImportChunk> chunks;
  std::size_t bytes = 0;
  for (auto* job : jobs) {
    auto text = contact_json(*job, tags, options);
    if (text.size() + kEnvelope > kMostBytes) continue;
    if (chunks.empty() || chunks.back().jobs.size() == kMostContacts ||
        bytes + text.size() + 1 > kMostBytes) {
      chunks.emplace_back();
      bytes = kEnvelope;
    }
    bytes += text.size() + 1;
    chunks.back().jobs.push_back(job);
    chunks.back().contacts.push_back(std::move(text));
  }
  if (chunks.size() < 2 || chunks.back().jobs.size() != 1) return chunks;
  auto& last = chunks.back();
  auto& neighbour = chunks[chunks.size() - 2];
  const auto moved = neighbour.contacts.back().size() + last.contacts.back().size();
  if (neighbour.jobs.size() > 2 && moved + kEnvelope < kMostBytes) {
    last.jobs.push_back(neighbour.jobs.back());
    last.contacts.push_back(std::move(neighbour.contacts.back()));
    neighbour.jobs.pop_back();
    neighbour.contacts.pop_back();
  }
  return chunks;
}

}  // namespace activecampaign
