#include "writer.hpp"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

#include "estimate.hpp"
#include "import.hpp"
#include "import_body.hpp"
#include "outstanding.hpp"
#include "remote_contact.hpp"
#include "removal.hpp"
#include "single_path.hpp"
#include "verify.hpp"

namespace activecampaign {

using sluice::Outcome;
using sluice::Write;
using sluice::WriteMode;

namespace {

// Up to ten rows an import saves nothing, and single calls tell at once what became of them.
constexpr std::size_t kFewestForImport = 11;
constexpr std::size_t kImportsInFlight = 4;

WriteOptions options_of(const sluice::WriteRequest& request, const AccountModel& model) {
  auto options = read_write_options(request.options, model);
  options.mode = request.mode;
  return options;
}

std::vector<Outcome> outcomes_of(const std::vector<Job>& jobs) {
  std::vector<Outcome> outcomes;
  outcomes.reserve(jobs.size());
  for (const auto& job : jobs) {
    outcomes.push_back(
        job.outcome.value_or(Outcome::unconfirmed("the contact's fate was not determined")));
  }
  return outcomes;
}

}  // namespace

ContactWriter::ContactWriter(sluice::Context& context, Client& client, AccountModel model,
                             const sluice::WriteRequest& request)
    : client_{client},
      model_{std::move(model)},
      options_{options_of(request, model_)},
      tags_{client, model_, options_.create_tags},
      settlement_{client, own_, model_, tags_, options_, pace_} {
  if (request.settle.count() > 0) await_outstanding_imports(context, client, request.settle);
}

sluice::WriterLimits ContactWriter::limits() const {
  const bool imports =
      options_.transport != TransportChoice::Sync && options_.mode == WriteMode::Upsert;
  sluice::WriterLimits limits;
  limits.preferred_records = imports ? kImportsInFlight * kMostContacts : 100;
  limits.max_bytes = kImportsInFlight * kMostBytes;
  return limits;
}

Job ContactWriter::job_of(const Write& write) const {
  Job job;
  job.write = &write;
  job.consent = consent_of(write);
  job.contact.email = trim(write.key);
  if (write.op == Write::Op::Delete) {
    if (write.action == kUnsubscribeAction) {
      job.contact.unsubscribe = lists_to_leave(write, model_, options_);
    } else if (write.action == kTagAction) {
      job.contact.add_tags = {options_.delete_tag};
    } else if (write.action != kDeleteAction) {
      job.impossible =
          Outcome::rejected("unknown_action", "there is no delete action \"" + write.action + '"');
    }
    return job;
  }
  auto contact = build_contact(write, model_, options_);
  if (auto* problem = std::get_if<Outcome>(&contact)) {
    job.impossible = std::move(*problem);
  } else {
    job.contact = std::move(std::get<Contact>(contact));
    for (const auto& tag : job.consent.marks()) job.contact.withdraw_tag(tag);
  }
  return job;
}

std::vector<Job> ContactWriter::jobs_of(std::span<const Write> writes) const {
  std::vector<Job> jobs;
  jobs.reserve(writes.size());
  for (const auto& write : writes) jobs.push_back(job_of(write));
  return jobs;
}

Jobs ContactWriter::choose_imports(Jobs& singles) const {
  Jobs imports;
  if (options_.transport == TransportChoice::Sync) return imports;
  const auto middle = std::stable_partition(singles.begin(), singles.end(), [&](const Job* job) {
    return !job->open() || !fits_import(*job, options_);
  });
  const auto fitting = static_cast<std::size_t>(std::distance(middle, singles.end()));
  // Only an import can keep automations from starting.
  const std::size_t fewest = options_.exclude_automations                  ? 1
                             : options_.transport == TransportChoice::Bulk ? 2
                                                                           : kFewestForImport;
  if (fitting < fewest) return imports;
  imports.assign(middle, singles.end());
  singles.erase(middle, singles.end());
  return imports;
}

std::vector<Outcome> ContactWriter::write(sluice::Context& context, std::span<const Write> batch) {
  auto jobs = jobs_of(batch);
  Jobs all;
  for (auto& job : jobs) {
    if (job.impossible) job.outcome = job.impossible;
    all.push_back(&job);
  }
  require_tags(context, tags_, all);
  Jobs removals;
  Jobs singles;
  for (auto* job : all) {
    (job->write->op == Write::Op::Delete ? removals : singles).push_back(job);
  }
  const auto imports = choose_imports(singles);
  remove_contacts(context, client_, own_, tags_, removals);
  write_singly(context, client_, own_, tags_, options_, singles);
  // Imports come last: an error before them loses no receipt.
  import_contacts(context, client_, tags_, options_, pace_, imports);
  write_singly(context, client_, own_, tags_, options_, imports);
  return outcomes_of(jobs);
}

std::vector<Outcome> ContactWriter::poll(sluice::Context& context, const sluice::Receipt& receipt,
                                         std::span<const Write> writes) {
  auto jobs = jobs_of(writes);
  Jobs all;
  for (auto& job : jobs) all.push_back(&job);
  settlement_.settle(context, receipt, all);
  return outcomes_of(jobs);
}

std::vector<sluice::RemoteRow> ContactWriter::lookup(sluice::Context& context,
                                                     const std::vector<std::string>& keys,
                                                     bool by_remote_id) {
  tags_.load(context);
  const auto contacts = by_remote_id ? read_contacts_by_id(context, client_, keys)
                                     : read_contacts(context, client_, keys);
  std::vector<sluice::RemoteRow> rows(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (contacts[i]) rows[i] = to_row(*contacts[i], model_);
    // The asked key in its own spelling, so that the answer can be matched.
    if (!by_remote_id || !contacts[i]) rows[i].key = keys[i];
    if (by_remote_id) rows[i].remote_id = keys[i];
  }
  return rows;
}

std::vector<sluice::Refusal> ContactWriter::screen(sluice::Context& context,
                                                   const std::vector<std::string>& keys) {
  if (!exclusions_) exclusions_ = read_exclusions(context, client_);
  std::vector<sluice::Refusal> refusals;
  for (const auto& key : keys) {
    const auto found =
        std::find_if(exclusions_->begin(), exclusions_->end(), [&](const Exclusion& exclusion) {
          return exclusion.concerns(trim(key), options_.list_id);
        });
    if (found != exclusions_->end())
      refusals.push_back({key, "excluded", found->describe(), "email"});
  }
  return refusals;
}

// Contacts whose ids are known are read a hundred a call; the others, and those that are not found
// under their id any more, by e-mail.
std::vector<sluice::Difference> ContactWriter::verify(sluice::Context& context,
                                                      std::span<const Write> batch) {
  tags_.load(context);
  const auto jobs = jobs_of(batch);
  std::vector<sluice::Difference> differences(batch.size());
  std::vector<std::string> ids;
  std::vector<std::size_t> by_id, by_email;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (batch[i].remote_id) {
      ids.push_back(*batch[i].remote_id);
      by_id.push_back(i);
    } else {
      by_email.push_back(i);
    }
  }
  const auto known = read_contacts_by_id(context, client_, ids);
  for (std::size_t n = 0; n < by_id.size(); ++n) {
    const std::size_t i = by_id[n];
    if (known[n] && fold(known[n]->email) == fold(batch[i].key)) {
      differences[i] = compare(jobs[i], *known[n], model_, options_);
      continue;
    }
    if (known[n]) differences[i].key = known[n]->email;
    by_email.push_back(i);
  }
  std::vector<std::string> emails;
  emails.reserve(by_email.size());
  for (const auto i : by_email) emails.emplace_back(trim(batch[i].key));
  const auto found = read_contacts(context, client_, emails);
  for (std::size_t n = 0; n < by_email.size(); ++n) {
    const std::size_t i = by_email[n];
    if (found[n]) differences[i] = compare(jobs[i], *found[n], model_, options_);
  }
  return differences;
}

std::vector<sluice::CallEstimate> ContactWriter::estimate(sluice::Context&,
                                                          std::span<const Write> batch) {
  FutureFields future{model_};
  const auto known = future.without_unknown(batch);
  auto jobs = jobs_of(known);
  future.complete(batch, jobs);
  Jobs singles;
  CallCounts counts;
  for (auto& job : jobs) {
    if (job.impossible) continue;  // refused without a call
    if (job.write->op == Write::Op::Delete) {
      counts.general += removal_calls(job);
    } else {
      singles.push_back(&job);
    }
  }
  const auto imports = choose_imports(singles);
  for (const auto* job : singles) counts.general += single_calls(*job, options_);
  for (const auto& chunk : cut_into_imports(imports, tags_, options_)) counts.add_import(chunk);
  return counts.by_class(client_);
}

}  // namespace activecampaign
