// One row of a batch on its way through the single calls.
#pragma once

#include <cstddef>
#include <optional>
#include <sluice/sdk.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client.hpp"
#include "consent.hpp"
#include "contact.hpp"

namespace activecampaign {

struct Job {
  const sluice::Write* write = nullptr;
  Contact contact;
  std::optional<sluice::Outcome> impossible;  // why it cannot be written at all
  Consent consent;                            // what the write says, and what is learnt on the way
  bool repeats_an_import = false;  // an import left it out: lists are only read, not joined

  std::string contact_id;
  bool existed = true;  // the contact was there before this write
  bool rekeyed = true;
  std::optional<sluice::Effect> effect;
  std::optional<Memberships> memberships;  // as they are, once read or changed
  std::vector<std::string> newly_withdrawn;
  std::optional<std::vector<std::string>> previous_opted_out;  // what stays with previous_key
  std::optional<sluice::Outcome> outcome;                      // set: nothing is left to do

  [[nodiscard]] bool open() const noexcept { return !outcome.has_value(); }
};

using Jobs = std::vector<Job*>;

// The outcome of a row whose step `what` was answered like this, unless it has one already.
void fail(Job& job, const Answer& answer, std::string_view what);
// The row is done: its outcome says what is known of it.
void finish(Job& job);

struct Task {
  Job* job = nullptr;
  sluice::HttpRequest request;
};

// Sends the requests of a phase together; `take(task index, job, answer)` sees every answer.
template <typename Take>
void run_tasks(sluice::Context& context, Client& client, std::vector<Task> tasks, Take take) {
  std::vector<sluice::HttpRequest> requests;
  requests.reserve(tasks.size());
  for (auto& task : tasks) requests.push_back(std::move(task.request));
  const auto answers = client.send_all(context, std::move(requests));
  for (std::size_t i = 0; i < tasks.size(); ++i) take(i, *tasks[i].job, answers[i]);
}

}  // namespace activecampaign
