#include "job.hpp"

#include <algorithm>

#include "removal.hpp"
#include "texts.hpp"

namespace activecampaign {

using sluice::Outcome;

void fail(Job& job, const Answer& answer, std::string_view what) {
  if (!job.open()) return;
  const std::string message = std::string{what} + ": " + answer.message;
  if (answer.kind == Answer::Kind::Passing) {
    constexpr std::chrono::milliseconds kUsualPause{5'000};
    job.outcome = Outcome::retry(answer.after.count() > 0 ? answer.after : kUsualPause, message);
  } else if (answer.status == 0) {
    // No answer that could be read came to what was sent, such as one that is too large.
    job.outcome = Outcome::unconfirmed(message);
  } else {
    job.outcome = Outcome::rejected(
        answer.code.empty() ? "http_" + std::to_string(answer.status) : answer.code, message,
        answer.code == "email_invalid" ? "email" : "");
  }
  if (!job.contact_id.empty()) job.outcome->remote_id = job.contact_id;
  job.outcome->rekeyed = job.rekeyed;
}

void finish(Job& job) {
  if (!job.open()) return;
  job.outcome =
      job.contact_id.empty() ? Outcome::ok(job.effect) : Outcome::ok(job.effect, job.contact_id);
  job.outcome->rekeyed = job.rekeyed;
  if (job.memberships) {
    auto consent = consent_after(job.consent, *job.memberships, job.newly_withdrawn);
    const bool removal = job.write->op == sluice::Write::Op::Delete;
    if (!removal) {
      for (const auto& tag : job.consent.marks()) std::erase(consent.withdrawn, mark_of(tag));
    } else if (job.write->action != kDeleteAction) {
      for (const auto& tag : job.contact.add_tags) insert(consent.withdrawn, mark_of(tag));
      for (const auto& tag : tags_left_behind(*job.write)) insert(consent.withdrawn, mark_of(tag));
    }
    job.outcome->opted_out = std::move(consent.opted_out);
    job.outcome->previous_opted_out = std::move(job.previous_opted_out);
    job.outcome->withdrawn = std::move(consent.withdrawn);
  }
}

}  // namespace activecampaign
