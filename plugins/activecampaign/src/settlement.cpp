#include "settlement.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "remote_contact.hpp"
#include "single_path.hpp"
#include "verify.hpp"

namespace activecampaign {

using sluice::Effect;
using sluice::Outcome;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr seconds kYoung{30};  // an import may be unknown for a moment
constexpr std::chrono::minutes kClocksDiffer{2};
constexpr std::size_t kFewLookups = 10;  // up to here, asking for each is cheaper than pages

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

}  // namespace

void require_tags(sluice::Context& context, TagBook& tags, const Jobs& jobs) {
  std::set<std::string> names;
  bool reads = false;
  for (const auto* job : jobs) {
    if (!job->open()) continue;
    names.insert(job->contact.add_tags.begin(), job->contact.add_tags.end());
    reads = reads || !job->contact.remove_tags.empty() || !job->contact.keep_tags.empty();
  }
  if (reads) tags.load(context);
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
    write_again(context, accept_present(context, import, jobs));
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
  Jobs rest, again;
  for (auto* job : jobs) {
    const bool failed = failure.contains(fold(job->contact.email));
    job->repeats_an_import = failed;
    (failed ? again : rest).push_back(job);
  }
  if (success.size() == rest.size()) {
    for (auto* job : rest) accept(*job, std::nullopt);
  } else {
    const bool whole = import.sent == jobs.size() && !import.some_were_left_out();
    const auto missing = whole ? accept_listed(context, import, success, rest)
                               : read_back(context, import, success, rest);
    if (!missing.empty()) {
      context.warn("import " + import.batch_id + " does not account for " +
                   std::to_string(missing.size()) + " of its " + std::to_string(import.sent) +
                   " contacts: they are written singly");
    }
    for (auto* job : missing) {
      // Left out as an excluded address, perhaps: then it must not be put on a list either.
      job->repeats_an_import = import.some_were_left_out();
      again.push_back(job);
    }
  }
  write_again(context, again);
}

// Of a whole import: where there are as many ids as contacts that were new, and none of them is a
// known contact's, `success` lists the created, all of them, and who they are need not be read.
// Returns the jobs that nothing confirms.
Jobs Settlement::accept_listed(sluice::Context& context, const ImportReceipt& import,
                               const std::set<std::string>& success, const Jobs& jobs) {
  Jobs created, known;
  for (auto* job : jobs) (job->write->delivered ? known : created).push_back(job);
  if (success.size() != created.size()) return read_back(context, import, success, jobs);
  auto missing = accept_present(context, import, known);
  const bool others_are_listed = std::any_of(known.begin(), known.end(), [&](const auto* job) {
    return job->contact_id.empty() || success.contains(job->contact_id);
  });
  if (others_are_listed) {
    const auto more = read_back(context, import, success, created);
    missing.insert(missing.end(), more.begin(), more.end());
  } else {
    for (auto* job : created) accept(*job, std::nullopt);
  }
  return missing;
}

Jobs Settlement::read_back(sluice::Context& context, const ImportReceipt& import,
                           const std::set<std::string>& success, const Jobs& jobs) {
  return accept_present(context, import, accept_named(context, success, jobs));
}

// The documentation differs on whom `success` lists: the created, or the updated too. The jobs
// whose contacts it does not list remain.
Jobs Settlement::accept_named(sluice::Context& context, const std::set<std::string>& success,
                              const Jobs& jobs) {
  std::map<std::string, std::string> ids;  // by folded e-mail
  for (const auto& [id, row] :
       read_rows_by_id(context, client_, {success.begin(), success.end()})) {
    if (success.contains(id) && !is_tombstone(row)) ids[fold(scalar(row, "email"))] = id;
  }
  Jobs unnamed;
  for (auto* job : jobs) {
    const auto found = ids.find(fold(job->contact.email));
    if (found == ids.end()) {
      unnamed.push_back(job);
    } else {
      accept(*job, found->second);
    }
  }
  return unnamed;
}

// That a contact is there, or has changed, proves nothing: another hand may have made or changed
// it. The jobs remain whose contacts lack something.
Jobs Settlement::accept_present(sluice::Context& context, const ImportReceipt& import,
                                const Jobs& jobs) {
  const auto emails_of = [](const Jobs& some) {
    std::vector<std::string> emails;
    emails.reserve(some.size());
    for (const auto* job : some) emails.push_back(job->contact.email);
    return emails;
  };
  for (auto* job : jobs) job->contact.add_kept();  // as the import said them
  if (std::any_of(jobs.begin(), jobs.end(),
                  [](const auto* job) { return !job->contact.add_tags.empty(); })) {
    tags_.load(context);
  }
  Jobs lacking;
  const auto take = [&](Job& job, const std::optional<RemoteContact>& remote) {
    if (job.impossible || !remote || !compare(job, *remote, model_, options_).names.empty()) {
      lacking.push_back(&job);
      return;
    }
    if (job.write->delivered) job.effect = Effect::Updated;
    job.contact_id = remote->id;
    job.memberships = remote->lists;
    finish(job);
  };
  Jobs unseen = jobs;
  if (jobs.size() > kFewLookups) {
    unseen.clear();
    const auto remote =
        read_changed_contacts(context, client_, import.sent_at - kClocksDiffer, emails_of(jobs));
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      if (remote[i]) {
        take(*jobs[i], remote[i]);
      } else {
        unseen.push_back(jobs[i]);
      }
    }
  }
  const auto remote = read_contacts(context, client_, emails_of(unseen));
  for (std::size_t i = 0; i < unseen.size(); ++i) take(*unseen[i], remote[i]);
  return lacking;
}

void Settlement::write_again(sluice::Context& context, const Jobs& jobs) {
  for (auto* job : jobs) {
    if (job->open() && job->impossible) job->outcome = job->impossible;
  }
  require_tags(context, tags_, jobs);
  write_singly(context, client_, own_, tags_, options_, jobs);
}

}  // namespace activecampaign
