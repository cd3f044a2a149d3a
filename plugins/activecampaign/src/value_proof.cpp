#include "value_proof.hpp"

#include <map>
#include <string>
#include <utility>

#include "field_values.hpp"
#include "values.hpp"

namespace activecampaign {

using sluice::Outcome;

void ValueProof::note(Job& job, const json::object& answer) {
  Doubt doubt{&job, {}, {}};
  std::map<std::string, std::string> echoed;
  for (const auto& row : items(answer, "fieldValues")) {
    echoed[scalar(as_object(row), "field")] = scalar(as_object(row), "value");
  }
  for (const auto& value : job.contact.custom) {
    const auto found = echoed.find(value.field->id);
    const bool clears = is_blank(value.text);
    const bool proven =
        found == echoed.end() ? clears && !job.existed : !clears || is_blank(found->second);
    if (!proven) doubt.unproven.push_back(&value);
  }
  for (const auto& [name, text] : job.contact.built_in) {
    const auto stored = scalar(member(answer, "contact"), name);
    if (is_blank(text) && !is_blank(stored)) doubt.uncleared[name] = nullptr;
  }
  if (!doubt.unproven.empty() || !doubt.uncleared.empty()) doubts_.push_back(std::move(doubt));
}

void ValueProof::note_unanswered(Job& job) {
  Doubt doubt{&job, {}, {}};
  for (const auto& value : job.contact.custom) doubt.unproven.push_back(&value);
  doubts_.push_back(std::move(doubt));
}

void ValueProof::settle(sluice::Context& context, Client& client) {
  clear_by_null(context, client);
  read_unproven(context, client);
  doubts_.clear();
}

// Whether an empty text or null empties a built-in field is not documented: where the answer still
// shows a value after the empty text, null is tried.
void ValueProof::clear_by_null(sluice::Context& context, Client& client) {
  std::vector<Task> tasks;
  std::vector<const Doubt*> wanted;
  for (const auto& row : doubts_) {
    if (!row.job->open() || row.uncleared.empty()) continue;
    tasks.push_back({row.job, write_request("PUT", path_to("contacts", row.job->contact_id),
                                            "/contacts/{id}", {{"contact", row.uncleared}}, true)});
    wanted.push_back(&row);
  }
  run_tasks(context, client, std::move(tasks), [&](std::size_t i, Job& job, const Answer& answer) {
    if (!answer.ok()) {
      fail(job, answer, "contact written, but clearing a field failed");
      return;
    }
    for (const auto& pair : wanted[i]->uncleared) {
      if (is_blank(scalar(member(answer.body, "contact"), pair.key()))) continue;
      const std::string name{pair.key()};
      job.outcome = Outcome::rejected(
          "not_cleared", "contact written, but the account keeps the value of \"" + name + '"',
          name);
      job.outcome->remote_id = job.contact_id;
      return;
    }
  });
}

void ValueProof::read_unproven(sluice::Context& context, Client& client) {
  Jobs jobs;
  std::vector<const Doubt*> wanted;
  for (const auto& row : doubts_) {
    if (!row.job->open() || row.unproven.empty()) continue;
    jobs.push_back(row.job);
    wanted.push_back(&row);
  }
  const auto stored = read_field_values(context, client, jobs);
  std::vector<Task> removals;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    auto& job = *jobs[i];
    for (const auto* value : wanted[i]->unproven) {
      if (!job.open()) break;
      const auto found = stored[i].find(value->field->id);
      const bool is_stored = found != stored[i].end() && !is_blank(found->second.text);
      if (is_blank(value->text)) {
        if (!is_stored) continue;
        removals.push_back(
            {&job, delete_request(path_to("fieldValues", found->second.id), "/fieldValues/{id}")});
      } else if (!is_stored) {
        job.outcome = Outcome::rejected(
            "unknown_field",
            "contact written, but the account does not know the field \"" + value->field->title +
                "\" (id " + value->field->id + ") and ignored its value",
            value->name);
        job.outcome->remote_id = job.contact_id;
      }
    }
  }
  run_tasks(context, client, std::move(removals), [](std::size_t, Job& job, const Answer& answer) {
    if (answer.ok() || answer.kind == Answer::Kind::Missing) return;
    fail(job, answer, "contact written, but clearing a field failed");
  });
}

}  // namespace activecampaign
