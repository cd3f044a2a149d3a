#include "settlement.hpp"

#include <date/date.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "find.hpp"
#include "remote_contact.hpp"
#include "single_path.hpp"
#include "values.hpp"

namespace activecampaign {

using sluice::Effect;
using sluice::Outcome;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::system_clock;

namespace {

constexpr seconds kYoung{30};            // an import may be unknown for a moment
constexpr std::size_t kFewLookups = 10;  // up to here, asking for each is cheaper than pages

// What is known of one contact after an import.
struct Seen {
  std::string id;
  std::optional<Instant> changed;
};
using SeenContacts = std::map<std::string, Seen>;  // by folded e-mail

void see(SeenContacts& seen, const json::object& row) {
  if (is_tombstone(row)) return;
  seen[fold(scalar(row, "email"))] = {scalar(row, "id"), parse_instant(scalar(row, "udate"))};
}

void accept(Job& job, std::optional<std::string> id) {
  job.outcome = Outcome::ok(job.write->delivered ? std::optional{Effect::Updated} : std::nullopt,
                            std::move(id));
}

std::set<std::string> folded_emails(const json::array& rows) {
  std::set<std::string> emails;
  for (const auto& row : rows) {
    emails.insert(fold(row.is_object() ? scalar(row.get_object(), "email") : scalar(row)));
  }
  return emails;
}

std::set<std::string> ids_of(const json::array& rows) {
  std::set<std::string> ids;
  for (const auto& row : rows) {
    ids.insert(row.is_object() ? scalar(row.get_object(), "id") : scalar(row));
  }
  return ids;
}

bool is_unseen(const SeenContacts& seen, const Job& job) {
  return !seen.contains(fold(job.contact.email));
}

// Pages of what changed since the import: a hundred contacts a call instead of one.
void see_changed(sluice::Context& context, Client& client, system_clock::time_point since,
                 std::size_t expected, SeenContacts& seen) {
  constexpr std::size_t kPage = 100;
  const auto from = date::floor<seconds>(since - std::chrono::minutes{2});
  std::string last = "0";
  for (std::size_t page = 0; page <= expected / kPage + 2; ++page) {
    const auto body = client.get(context, "/contacts",
                                 {{"limit", std::to_string(kPage)},
                                  {"orders[id]", "ASC"},
                                  {"id_greater", last},
                                  {"filters[updated_after]", date::format("%FT%T.000Z", from)}});
    const auto& rows = items(body, "contacts");
    for (const auto& row : rows) see(seen, as_object(row));
    if (rows.size() < kPage) return;
    last = scalar(as_object(rows.back()), "id");
  }
}

void see_each(sluice::Context& context, Client& client, const Jobs& jobs, SeenContacts& seen) {
  std::vector<std::string> emails;
  for (const auto* job : jobs) {
    if (is_unseen(seen, *job)) emails.push_back(job->contact.email);
  }
  for (const auto& found : find_contacts(context, client, emails)) {
    if (found.problem) throw found.problem->error("reading an import back");
    if (found.contact) see(seen, *found.contact);
  }
}

bool has_fields(const Contact& contact, const RemoteContact& remote) {
  for (const auto& [name, text] : contact.built_in) {
    if (scalar(remote.row, name) != text) return false;
  }
  return std::all_of(contact.custom.begin(), contact.custom.end(), [&](const auto& value) {
    const auto stored = remote.values.find(value.field->id);
    return same_value(*value.field, value.text,
                      stored == remote.values.end() ? std::string_view{} : stored->second);
  });
}

bool has_sets(const Job& job, const RemoteContact& remote, const TagBook& tags,
              Resubscribe policy) {
  const bool joins = std::any_of(
      job.contact.subscribe.begin(), job.contact.subscribe.end(), [&](const auto& list) {
        const auto found = remote.lists.find(list);
        return may_subscribe(
            policy, job.consent, list,
            found == remote.lists.end() ? std::nullopt : std::optional{found->second});
      });
  return !joins && std::all_of(job.contact.add_tags.begin(), job.contact.add_tags.end(),
                               [&](const auto& name) {
                                 const auto* tag = tags.find(name);
                                 return tag != nullptr &&
                                        std::find(remote.tags.begin(), remote.tags.end(),
                                                  tag->id) != remote.tags.end();
                               });
}

}  // namespace

void require_tags(sluice::Context& context, TagBook& tags, const Jobs& jobs) {
  std::set<std::string> names;
  bool removes = false;
  for (const auto* job : jobs) {
    if (!job->open()) continue;
    names.insert(job->contact.add_tags.begin(), job->contact.add_tags.end());
    removes = removes || !job->contact.remove_tags.empty();
  }
  if (removes) tags.load(context);
  tags.require(context, names);
  for (auto* job : jobs) {
    for (const auto& name : job->contact.add_tags) {
      if (!job->open()) break;
      if (auto problem = tags.problem(name)) job->outcome = std::move(*problem);
    }
  }
}

void Settlement::settle(sluice::Context& context, const sluice::Receipt& receipt,
                        const Jobs& jobs) {
  const auto import = parse_receipt(receipt.id);
  const int question = ++questions_[receipt.id];
  const auto answer = client_.send(
      context, get_request("/import/info", "/import/info", {{"batchId", import.batch_id}}));
  if (answer.kind == Answer::Kind::Denied) throw answer.error("GET /import/info");
  if (answer.kind == Answer::Kind::Passing) {
    postpone(receipt, jobs, answer.after);
    return;
  }
  const auto status = answer.ok() ? fold(scalar(answer.body, "status")) : std::string{"unknown"};
  if (status == "completed") {
    pace_.learn(receipt.age, question == 1);
    settle_finished(context, import, answer.body, jobs);
  } else if (status == "failed" || status == "interrupted") {
    context.warn("import " + import.batch_id + " " + status + ": its contacts are written singly");
    write_again(context, jobs);
  } else if (!answer.ok() && receipt.age >= kYoung) {
    context.warn("the account does not know import " + import.batch_id + " (" + answer.message +
                 "): its contacts are written singly");
    write_again(context, jobs);
  } else if (receipt.overdue) {
    context.warn("import " + import.batch_id + " is overdue (" + status +
                 "): its contacts are read back");
    decide_by_reading(context, jobs);
  } else {
    postpone(receipt, jobs);
    return;
  }
  questions_.erase(receipt.id);
}

void Settlement::postpone(const sluice::Receipt& receipt, const Jobs& jobs, milliseconds at_least) {
  const auto pause = std::max(pace_.next(receipt.age), at_least);
  for (auto* job : jobs) job->outcome = Outcome::pending(receipt.id, pause);
}

void Settlement::settle_finished(sluice::Context& context, const ImportReceipt& import,
                                 const json::object& body, const Jobs& jobs) {
  const auto failure = folded_emails(items(body, "failure"));
  const auto success = ids_of(items(body, "success"));
  Jobs rest;
  Jobs again;
  for (auto* job : jobs) {
    const bool failed = failure.contains(fold(job->contact.email));
    job->repeats_an_import = failed;
    (failed ? again : rest).push_back(job);
  }
  if (success.size() == rest.size()) {
    for (auto* job : rest) accept(*job, std::nullopt);
  } else {
    read_back(context, import, success, rest, again);
  }
  write_again(context, again);
}

// The documentation differs on whom `success` lists: the created, or the updated too. Where its
// number is not that of the rows, the contacts themselves tell.
void Settlement::read_back(sluice::Context& context, const ImportReceipt& import,
                           const std::set<std::string>& success, const Jobs& jobs, Jobs& unnamed) {
  SeenContacts seen;
  if (jobs.size() > kFewLookups) {
    see_changed(context, client_, import.sent_at, jobs.size(), seen);
  }
  if (std::any_of(jobs.begin(), jobs.end(),
                  [&](const auto* job) { return is_unseen(seen, *job); })) {
    for (const auto& [id, row] :
         read_rows_by_id(context, client_, {success.begin(), success.end()})) {
      if (success.contains(id)) see(seen, row);
    }
  }
  see_each(context, client_, jobs, seen);
  const auto since = date::floor<seconds>(import.sent_at) - seconds{1};
  std::size_t missing = 0;
  for (auto* job : jobs) {
    const auto found = seen.find(fold(job->contact.email));
    const bool confirmed =
        found != seen.end() && (success.contains(found->second.id) ||
                                (found->second.changed && *found->second.changed >= since));
    if (confirmed) {
      accept(*job, found->second.id);
      continue;
    }
    // Left out as an excluded address, perhaps: then it must not be put on a list either.
    job->repeats_an_import = import.some_were_left_out();
    unnamed.push_back(job);
    ++missing;
  }
  if (missing > 0) {
    context.warn("import " + import.batch_id + " does not account for " + std::to_string(missing) +
                 " of its " + std::to_string(import.sent) + " contacts: they are written singly");
  }
}

void Settlement::decide_by_reading(sluice::Context& context, const Jobs& jobs) {
  std::vector<std::string> emails;
  emails.reserve(jobs.size());
  for (const auto* job : jobs) emails.push_back(job->contact.email);
  const auto remote = read_contacts(context, client_, emails);
  if (std::any_of(jobs.begin(), jobs.end(),
                  [](const auto* job) { return !job->contact.add_tags.empty(); })) {
    tags_.load(context);
  }
  Jobs again;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    auto& job = *jobs[i];
    if (!job.impossible && remote[i] && has_fields(job.contact, *remote[i]) &&
        has_sets(job, *remote[i], tags_, options_.resubscribe)) {
      job.contact_id = remote[i]->id;
      job.memberships = remote[i]->lists;
      finish(job);
    } else {
      again.push_back(&job);
    }
  }
  write_again(context, again);
}

void Settlement::write_again(sluice::Context& context, const Jobs& jobs) {
  for (auto* job : jobs) {
    if (job->open() && job->impossible) job->outcome = job->impossible;
  }
  require_tags(context, tags_, jobs);
  write_singly(context, client_, tags_, options_, jobs);
}

}  // namespace activecampaign
