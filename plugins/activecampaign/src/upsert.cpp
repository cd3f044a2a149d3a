#include "upsert.hpp"

#include <algorithm>
#include <utility>

#include "field_values.hpp"
#include "find.hpp"
#include "values.hpp"

namespace activecampaign {

using sluice::Effect;
using sluice::HttpRequest;
using sluice::Outcome;
using sluice::WriteMode;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds kSoon{1'000};
constexpr int kTooManyRequests = 429;

bool changes_key(const sluice::Write& write) {
  return write.previous_key && fold(*write.previous_key) != fold(write.key);
}

bool is_duplicate(const Answer& answer) {
  return answer.code == "duplicate" ||
         (answer.status == 422 && fold(answer.message).find("already exists") != std::string::npos);
}

// 201 means created; the two dates guard against an account that says 201 for everything, since
// taking an existing contact for a new one would ignore its unsubscriptions.
bool is_new(const Answer& answer, const json::object& contact) {
  const auto created = scalar(contact, "cdate");
  const auto updated = scalar(contact, "udate");
  return answer.status == 201 && (created.empty() || updated.empty() || created == updated);
}

bool has_names(const json::object& row, const Contact& contact) {
  return std::all_of(contact.built_in.begin(), contact.built_in.end(), [&](const auto& field) {
    return trim(scalar(row, field.first)) == trim(field.second);
  });
}

// Other values than would have been written: somebody else's contact.
bool contradicts(const StoredValues& stored, const Contact& contact) {
  return std::any_of(contact.custom.begin(), contact.custom.end(), [&](const CustomValue& value) {
    const auto found = stored.find(value.field->id);
    return found != stored.end() && !is_blank(found->second.text) &&
           !same_value(*value.field, found->second.text, value.text);
  });
}

Outcome exists_already(const std::string& said) {
  return Outcome::rejected("exists",
                           "mode create: the account has a contact with this e-mail already" +
                               (said.empty() ? said : ": " + said),
                           "email");
}

}  // namespace

void Upsert::run(sluice::Context& context, const Jobs& jobs) {
  rows_.clear();
  for (auto* job : jobs) {
    if (!job->open()) continue;
    rows_.emplace_back();
    rows_.back().job = job;
  }
  find_targets(context);
  drop_filled_fields(context);
  leave_lists(context);
  write(context);
  settle_taken_keys(context);
  settle_unknown_creations(context);
  proof_.settle(context, client_);
}

void Upsert::find_targets(sluice::Context& context) {
  std::vector<Progress*> previous;
  for (auto& row : rows_) {
    if (changes_key(*row.job->write)) previous.push_back(&row);
  }
  find(context, previous, true);
  std::vector<Progress*> current;
  for (auto& row : rows_) {
    const bool needs = options_.mode == WriteMode::Update || !row.job->write->if_empty.empty();
    if (row.job->open() && row.target.empty() && needs) current.push_back(&row);
  }
  find(context, current, false);
  refuse_missing();
}

void Upsert::find(sluice::Context& context, const std::vector<Progress*>& wanted,
                  bool by_previous_key) {
  std::vector<std::string> emails;
  emails.reserve(wanted.size());
  for (const auto* row : wanted) {
    emails.push_back(by_previous_key ? *row->job->write->previous_key : row->job->contact.email);
  }
  auto found = find_contacts(context, client_, emails);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    auto& row = *wanted[i];
    if (found[i].problem) {
      fail(*row.job, *found[i].problem, "looking the contact up");
    } else if (found[i].contact) {
      row.exists = true;
      row.existing = std::move(*found[i].contact);
      // Only an upsert by the current key can leave it to contact/sync to find the contact.
      if (by_previous_key || options_.mode == WriteMode::Update) {
        row.target = scalar(row.existing, "id");
      }
    }
  }
}

void Upsert::refuse_missing() {
  if (options_.mode != WriteMode::Update) return;
  for (auto& row : rows_) {
    if (!row.job->open() || !row.target.empty()) continue;
    row.job->outcome = Outcome::rejected(
        "not_found", "mode update: the account has no contact with this e-mail", "email");
  }
}

void Upsert::drop_filled_fields(sluice::Context& context) {
  std::vector<Job*> jobs;
  std::vector<Progress*> wanted;
  for (auto& row : rows_) {
    if (!row.job->open() || !row.exists || row.job->write->if_empty.empty()) continue;
    row.job->contact_id = scalar(row.existing, "id");
    jobs.push_back(row.job);
    wanted.push_back(&row);
  }
  const auto stored = read_field_values(context, client_, jobs);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    auto& job = *wanted[i]->job;
    const auto keeps = [&](const std::string& name) {
      const auto& names = job.write->if_empty;
      return std::find(names.begin(), names.end(), name) != names.end();
    };
    std::erase_if(job.contact.built_in, [&](const auto& field) {
      return keeps(field.first) && !is_blank(scalar(wanted[i]->existing, field.first));
    });
    std::erase_if(job.contact.custom, [&](const CustomValue& value) {
      const auto found = stored[i].find(value.field->id);
      return keeps(value.name) && found != stored[i].end() && !is_blank(found->second.text);
    });
  }
}

// Contacts that are to get the e-mail of somebody who has left lists leave these first. Where the
// e-mail has a contact of its own already, nothing moves there.
void Upsert::leave_lists(sluice::Context& context) {
  if (options_.resubscribe == Resubscribe::Always) return;
  std::vector<Progress*> moving;
  std::vector<std::string> emails;
  for (auto& row : rows_) {
    if (!row.job->open() || row.target.empty() || !changes_key(*row.job->write)) continue;
    if (row.job->write->opted_out.empty()) continue;
    moving.push_back(&row);
    emails.push_back(row.job->contact.email);
  }
  const auto found = find_contacts(context, client_, emails);
  Jobs leaving;
  for (std::size_t i = 0; i < moving.size(); ++i) {
    auto& row = *moving[i];
    if (found[i].problem) {
      fail(*row.job, *found[i].problem, "looking the contact up");
    } else if (!found[i].contact || scalar(*found[i].contact, "id") == row.target) {
      row.job->contact_id = row.target;
      leaving.push_back(row.job);
    } else {
      row.taken = options_.mode != WriteMode::Create;
    }
  }
  leave_lists_of_new_key(context, client_, own_, leaving);
}

HttpRequest Upsert::request_of(const Progress& progress) const {
  const auto body = progress.job->contact.body();
  if (!progress.target.empty()) {
    return write_request("PUT", path_to("contacts", progress.target), "/contacts/{id}", body, true);
  }
  if (options_.mode == WriteMode::Create) {
    return write_request("POST", "/contacts", "/contacts", body, false);
  }
  return write_request("POST", "/contact/sync", "/contact/sync", body, true);
}

void Upsert::write(sluice::Context& context) {
  std::vector<Task> tasks;
  std::vector<Progress*> wanted;
  for (auto& row : rows_) {
    if (!row.job->open() || row.taken) continue;
    tasks.push_back({row.job, request_of(row)});
    wanted.push_back(&row);
  }
  run_tasks(context, client_, std::move(tasks),
            [&](std::size_t i, Job&, const Answer& answer) { take(*wanted[i], answer); });
}

void Upsert::take(Progress& progress, const Answer& answer) {
  auto& job = *progress.job;
  if (answer.ok()) {
    accept(progress, answer);
  } else if (!progress.target.empty() && answer.kind == Answer::Kind::Missing) {
    // Deleted between the look-up and now.
    job.outcome = Outcome::retry(kSoon, "the contact vanished while it was being changed");
  } else if (answer.kind == Answer::Kind::Passing && options_.mode == WriteMode::Create &&
             progress.target.empty() && answer.status != kTooManyRequests) {
    progress.fate_unknown = true;
  } else if (is_duplicate(answer)) {
    take_refusal(progress, answer);
  } else {
    fail(job, answer, "writing the contact");
  }
}

void Upsert::take_refusal(Progress& progress, const Answer& answer) {
  auto& job = *progress.job;
  if (!progress.target.empty() && options_.mode != WriteMode::Create) {
    progress.taken = true;
  } else if (options_.mode != WriteMode::Create) {
    job.outcome = Outcome::retry(kSoon, "writing the contact: " + answer.message);
  } else if (job.write->delivered) {
    // Created by Sluice earlier: in this mode it is left as it is.
    job.outcome = Outcome::ok(Effect::Unchanged);
  } else if (job.write->repeated) {
    progress.fate_unknown = true;
  } else {
    job.outcome = exists_already(answer.message);
  }
}

void Upsert::accept(Progress& progress, const Answer& answer) {
  auto& job = *progress.job;
  const auto& contact = member(answer.body, "contact");
  job.contact_id = scalar(contact, "id");
  if (job.contact_id.empty()) {
    job.outcome = Outcome::retry(kSoon, "writing the contact: the answer names no contact");
    return;
  }
  job.existed = !is_new(answer, contact);
  job.effect = answer.status == 201 ? Effect::Created : Effect::Updated;
  proof_.note(job, answer.body);
}

// The new e-mail belongs to a contact that nobody owns: that one is written, and what the person
// decided under the old e-mail holds for it too.
void Upsert::settle_taken_keys(sluice::Context& context) {
  std::vector<Progress*> wanted;
  Jobs jobs;
  for (auto& row : rows_) {
    if (!row.job->open() || !row.taken) continue;
    row.job->contact_id = row.target;
    wanted.push_back(&row);
    jobs.push_back(row.job);
  }
  if (options_.mode == WriteMode::Update) {
    for (auto* row : wanted) row->target.clear();
    find(context, wanted, false);
  }
  read_memberships(context, client_, own_, jobs);
  for (auto* row : wanted) {
    auto& job = *row->job;
    if (!job.open()) continue;
    job.consent = consent_under_taken_key(*job.write, *job.memberships);
    job.memberships.reset();
    job.contact_id.clear();
    job.rekeyed = false;
    if (options_.mode != WriteMode::Update) row->target.clear();
    row->taken = false;
  }
  sync_again(context, wanted);
}

void Upsert::sync_again(sluice::Context& context, const std::vector<Progress*>& wanted) {
  std::vector<Task> tasks;
  std::vector<Progress*> sent;
  for (auto* row : wanted) {
    if (!row->job->open()) continue;
    const auto body = row->job->contact.body();
    tasks.push_back({row->job, row->target.empty() ? write_request("POST", "/contact/sync",
                                                                   "/contact/sync", body, true)
                                                   : request_of(*row)});
    sent.push_back(row);
  }
  run_tasks(context, client_, std::move(tasks), [&](std::size_t i, Job& job, const Answer& answer) {
    if (answer.ok()) {
      accept(*sent[i], answer);
    } else {
      fail(job, answer, "writing the contact");
    }
  });
}

// A plain POST is not repeated blindly: whether the contact is there now, and as it would have been
// written, tells what became of it.
void Upsert::settle_unknown_creations(sluice::Context& context) {
  std::vector<Progress*> wanted;
  std::vector<std::string> emails;
  for (auto& row : rows_) {
    if (!row.job->open() || !row.fate_unknown) continue;
    wanted.push_back(&row);
    emails.push_back(row.job->contact.email);
  }
  auto found = find_contacts(context, client_, emails);
  Jobs with_values;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    auto& job = *wanted[i]->job;
    if (found[i].problem) {
      fail(job, *found[i].problem, "looking the contact up");
    } else if (!found[i].contact) {
      job.outcome = Outcome::retry(kSoon, "creating the contact was not answered");
    } else if (!has_names(*found[i].contact, job.contact)) {
      job.outcome = exists_already("");
    } else {
      job.contact_id = scalar(*found[i].contact, "id");
      job.effect = Effect::Created;
      if (!job.contact.custom.empty()) with_values.push_back(&job);
    }
  }
  const auto stored = read_field_values(context, client_, with_values);
  for (std::size_t i = 0; i < with_values.size(); ++i) {
    auto& job = *with_values[i];
    if (!job.open()) continue;
    if (contradicts(stored[i], job.contact)) {
      job.outcome = exists_already("");
    } else {
      proof_.note_unanswered(job);
    }
  }
}

}  // namespace activecampaign
