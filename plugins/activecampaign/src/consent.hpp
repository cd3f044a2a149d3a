// Who may be put on a list: the one place where that is decided.
#pragma once

#include <map>
#include <optional>
#include <sluice/sdk.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace activecampaign {

// `resubscribe:` — what undoes an unsubscription.
enum class Resubscribe {
  Never = 1,  // nothing
  Own,        // Sluice may undo its own
  Always      // Sluice may undo anybody's
};
[[nodiscard]] Resubscribe parse_resubscribe(std::string_view text);

// A contact's memberships: status by list id. Statuses are the vendor's: 0 unconfirmed, 1 active,
// 2 unsubscribed, 3 bounced.
using Memberships = std::map<std::string, std::string>;
inline constexpr std::string_view kActive = "1";
inline constexpr std::string_view kUnsubscribed = "2";

// How a list is named among opted_out and withdrawn: "list:<id>".
[[nodiscard]] std::string scope_of(std::string_view list_id);
// How a tag that marks a deletion is named among withdrawn: "tag:<name>".
[[nodiscard]] std::string mark_of(std::string_view tag);

// What is known of a person besides the memberships: the scopes in which the person, or Sluice
// itself, has withdrawn.
struct Consent {
  std::vector<std::string> opted_out;
  std::vector<std::string> withdrawn;

  [[nodiscard]] bool person_left(std::string_view list_id) const;
  [[nodiscard]] bool we_withdrew(std::string_view list_id) const;
  // The tags with which deletions have marked the contact: they go when the person returns.
  [[nodiscard]] std::vector<std::string> marks() const;
};

// Did the person leave this list, or never confirm it? `status`: none when there is no membership.
[[nodiscard]] bool is_own_decision(const Consent& consent, std::string_view list_id,
                                   const std::optional<std::string>& status);

// May Sluice set this membership to active? False also when it is active already.
[[nodiscard]] bool may_subscribe(Resubscribe policy, const Consent& consent,
                                 std::string_view list_id,
                                 const std::optional<std::string>& status);

// The complete sets after memberships were read (and changed): what was known before stays known
// for lists without a membership, so that it survives the contact's deletion.
[[nodiscard]] Consent consent_after(const Consent& before, const Memberships& memberships,
                                    const std::vector<std::string>& newly_withdrawn);

// What a write says, of its two keys together.
[[nodiscard]] Consent consent_of(const sluice::Write& write);
// What stays with the old e-mail of a contact that gets another one, by the memberships that it
// brings along.
[[nodiscard]] Consent consent_under_old_key(const sluice::Write& write,
                                            const Memberships& memberships,
                                            const std::vector<std::string>& newly_withdrawn);
// What holds where the new e-mail has a contact of its own: what the person decided under the old
// one too, but nothing of what Sluice did there. `old`: the memberships of the old contact.
[[nodiscard]] Consent consent_under_taken_key(const sluice::Write& write, const Memberships& old);

}  // namespace activecampaign
