#include "control/mutate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <random>

#include "account/email.hpp"
#include "account/seed.hpp"
#include "api/call.hpp"
#include "control/mutation.hpp"
#include "sluice/error.hpp"

namespace activecampaign_sandbox {

namespace {

using sluice::Code;
using sluice::Error;

using Step = void (*)(Mutation&, const json::value&);

struct NamedStep {
  std::string_view name;
  Step run;
};

// In the order in which they are carried out.
constexpr std::array kSteps = {
    NamedStep{"add_fields", mutate_add_fields},
    NamedStep{"remove_fields", mutate_remove_fields},
    NamedStep{"add_lists", mutate_add_lists},
    NamedStep{"remove_lists", mutate_remove_lists},
    NamedStep{"add_tag_names", mutate_add_tag_names},
    NamedStep{"remove_tag_names", mutate_remove_tag_names},
    NamedStep{"create_contacts", mutate_create_contacts},
    NamedStep{"update_contacts", mutate_update_contacts},
    NamedStep{"delete_contacts", mutate_delete_contacts},
    NamedStep{"merge_contacts", mutate_merge_contacts},
    NamedStep{"set_membership", mutate_set_membership},
    NamedStep{"add_tags", mutate_add_tags},
    NamedStep{"remove_tags", mutate_remove_tags},
    NamedStep{"bounce", mutate_bounce},
    NamedStep{"unbounce", mutate_unbounce},
    NamedStep{"exclude", mutate_exclude},
    NamedStep{"unexclude", mutate_unexclude},
    NamedStep{"contact_limit", mutate_contact_limit},
    NamedStep{"bulk", mutate_bulk},
    NamedStep{"switches", mutate_switches},
};

constexpr std::array<std::string_view, 4> kGeneric = {"create", "update", "delete", "seed"};

void refuse_unknown(const json::object& body) {
  for (const auto& member : body) {
    const std::string_view name = member.key();
    const bool is_known = std::find(kGeneric.begin(), kGeneric.end(), name) != kGeneric.end() ||
                          std::any_of(kSteps.begin(), kSteps.end(),
                                      [&](const auto& step) { return step.name == name; });
    if (!is_known) throw Error{Code::Config, fmt::format("no mutation is called '{}'", name)};
  }
}

std::uint64_t number_in(const json::object& body, std::string_view name, std::uint64_t otherwise) {
  const json::value* value = body.if_contains(name);
  if (value == nullptr) return otherwise;
  if (!value->is_int64() || value->get_int64() < 0) {
    throw Error{Code::Config, fmt::format("'{}' must be a whole number from 0", name)};
  }
  return static_cast<std::uint64_t>(value->get_int64());
}

std::vector<Contact*> pick_live(Account& account, std::uint64_t count, std::mt19937_64& random) {
  std::vector<Contact*> live;
  for (Contact& contact : account.contacts.rows()) {
    if (!contact.deleted) live.push_back(&contact);
  }
  count = std::min<std::uint64_t>(count, live.size());
  for (std::size_t i = 0; i < count; ++i) {
    std::swap(live[i], live[i + random() % (live.size() - i)]);
  }
  live.resize(count);
  return live;
}

void run_generic(Mutation& mutation, const json::object& body) {
  std::mt19937_64 random{number_in(body, "seed", 1)};
  for (Contact* contact : pick_live(mutation.account, number_in(body, "delete", 0), random)) {
    mutation.deleted.push_back(contact->id);
    mutation.account.remove_contact(*contact);
  }
  for (Contact* contact : pick_live(mutation.account, number_in(body, "update", 0), random)) {
    change_randomly(mutation.account, *contact, random);
    mutation.updated.push_back(contact->id);
  }
  for (std::uint64_t n = number_in(body, "create", 0); n > 0; --n) {
    mutation.created.push_back(add_random_contact(mutation.account, random).id);
  }
}

json::array id_texts(const std::vector<Id>& ids) {
  json::array made;
  for (const Id id : ids) made.emplace_back(std::to_string(id));
  return made;
}

}  // namespace

json::value mutate(Account& account, BulkImporter& importer, const json::object& body) {
  refuse_unknown(body);
  Mutation mutation{account, importer, {}, {}, {}};
  run_generic(mutation, body);
  for (const NamedStep& step : kSteps) {
    if (const json::value* argument = body.if_contains(step.name)) step.run(mutation, *argument);
  }
  json::array touched = id_texts(mutation.created);
  for (json::value& id : id_texts(mutation.updated)) touched.push_back(std::move(id));
  for (json::value& id : id_texts(mutation.deleted)) touched.push_back(std::move(id));
  json::object answer;
  answer.emplace("touched", std::move(touched));
  answer.emplace("created", id_texts(mutation.created));
  answer.emplace("updated", id_texts(mutation.updated));
  answer.emplace("deleted", id_texts(mutation.deleted));
  return answer;
}

}  // namespace activecampaign_sandbox
