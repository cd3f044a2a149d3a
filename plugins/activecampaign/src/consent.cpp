#include "consent.hpp"

#include <algorithm>

#include "texts.hpp"

namespace activecampaign {

namespace {

constexpr std::string_view kListScope = "list:";
constexpr std::string_view kTagScope = "tag:";

std::optional<std::string> status_of(const Memberships& memberships, const std::string& scope) {
  if (!scope.starts_with(kListScope)) return std::nullopt;
  const auto found = memberships.find(scope.substr(kListScope.size()));
  if (found == memberships.end()) return std::nullopt;
  return found->second;
}

// A person's own word takes the place of ours.
void drop_overruled(Consent& consent) {
  std::erase_if(consent.withdrawn,
                [&](const std::string& scope) { return contains(consent.opted_out, scope); });
}

Consent merged(Consent consent, const Consent& other) {
  for (const auto& scope : other.opted_out) insert(consent.opted_out, scope);
  for (const auto& scope : other.withdrawn) insert(consent.withdrawn, scope);
  drop_overruled(consent);
  return consent;
}

}  // namespace

Resubscribe parse_resubscribe(std::string_view text) {
  if (text == "never") return Resubscribe::Never;
  if (text == "always") return Resubscribe::Always;
  if (text == "own") return Resubscribe::Own;
  throw sluice::Error{sluice::Code::Config,
                      "resubscribe: \"" + std::string{text} + "\" is none of never, own, always"};
}

std::string scope_of(std::string_view list_id) {
  return std::string{kListScope} + std::string{list_id};
}

std::string mark_of(std::string_view tag) {
  return std::string{kTagScope} + std::string{tag};
}

std::vector<std::string> Consent::marks() const {
  std::vector<std::string> tags;
  for (const auto& scope : withdrawn) {
    if (scope.starts_with(kTagScope)) tags.push_back(scope.substr(kTagScope.size()));
  }
  return tags;
}

bool Consent::person_left(std::string_view list_id) const {
  return contains(opted_out, scope_of(list_id));
}

bool Consent::we_withdrew(std::string_view list_id) const {
  return contains(withdrawn, scope_of(list_id));
}

bool is_own_decision(const Consent& consent, std::string_view list_id,
                     const std::optional<std::string>& status) {
  if (status == kActive) return false;
  if (consent.person_left(list_id)) return true;
  return status && !(*status == kUnsubscribed && consent.we_withdrew(list_id));
}

bool may_subscribe(Resubscribe policy, const Consent& consent, std::string_view list_id,
                   const std::optional<std::string>& status) {
  if (status == kActive) return false;
  // Neither an unconfirmed nor a bounced address becomes valid by our word.
  if (status && *status != kUnsubscribed) return false;
  if (is_own_decision(consent, list_id, status)) return policy == Resubscribe::Always;
  if (consent.we_withdrew(list_id)) return policy != Resubscribe::Never;
  return true;
}

Consent consent_after(const Consent& before, const Memberships& memberships,
                      const std::vector<std::string>& newly_withdrawn) {
  Consent after;
  const auto is_new = [&](const std::string& scope) {
    return std::any_of(newly_withdrawn.begin(), newly_withdrawn.end(),
                       [&](const auto& list) { return scope_of(list) == scope; });
  };
  for (const auto& scope : before.opted_out) {
    if (status_of(memberships, scope) != kActive && !is_new(scope)) insert(after.opted_out, scope);
  }
  for (const auto& scope : before.withdrawn) {
    if (status_of(memberships, scope) != kActive) insert(after.withdrawn, scope);
  }
  for (const auto& list : newly_withdrawn) insert(after.withdrawn, scope_of(list));
  for (const auto& [list, status] : memberships) {
    if (contains(newly_withdrawn, list)) continue;
    if (is_own_decision(before, list, status)) insert(after.opted_out, scope_of(list));
  }
  drop_overruled(after);
  return after;
}

Consent consent_of(const sluice::Write& write) {
  return merged({write.opted_out, write.withdrawn},
                {write.previous_opted_out, write.previous_withdrawn});
}

Consent consent_under_old_key(const sluice::Write& write, const Memberships& memberships,
                              const std::vector<std::string>& newly_withdrawn) {
  return consent_after({write.previous_opted_out, write.previous_withdrawn}, memberships,
                       newly_withdrawn);
}

Consent consent_under_taken_key(const sluice::Write& write, const Memberships& old) {
  return merged({write.opted_out, write.withdrawn},
                {consent_under_old_key(write, old, {}).opted_out, {}});
}

}  // namespace activecampaign
