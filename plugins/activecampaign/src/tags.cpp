#include "tags.hpp"

#include <utility>

namespace activecampaign {

using sluice::Outcome;

void TagBook::load(sluice::Context& context) {
  if (!model_.tags_are_loaded()) model_.load_tags(context, client_);
}

void TagBook::require(sluice::Context& context, const std::set<std::string>& names) {
  problems_.clear();
  if (names.empty()) return;
  load(context);
  for (const auto& name : names) {
    if (model_.find_tag(name) != nullptr) continue;
    if (creates_) {
      create(context, name);
    } else {
      problems_[fold(name)] =
          Outcome::rejected("unknown_tag",
                            "the account has no tag \"" + name +
                                "\" and create_tags is off: create it there, or "
                                "correct the name",
                            kTagsField);
    }
  }
}

void TagBook::create(sluice::Context& context, const std::string& name) {
  // Without the type the tag would exist but be shown nowhere.
  const json::object body{
      {"tag", json::object{{"tag", name}, {"tagType", "contact"}, {"description", ""}}}};
  const auto answer = client_.send(context, write_request("POST", "/tags", "/tags", body, false));
  if (answer.kind == Answer::Kind::Denied) throw answer.error("POST /tags");
  const auto id = scalar(member(answer.body, "tag"), "id");
  if (answer.ok() && !id.empty()) {
    model_.add_tag({id, name});
    return;
  }
  // Refused as a duplicate, or the answer was lost: it may be there by now.
  model_.load_tags(context, client_);
  if (model_.find_tag(name) != nullptr) return;
  Job row;
  fail(row, answer, "creating the tag \"" + name + '"');
  if (answer.ok()) row.outcome = Outcome::retry(std::chrono::seconds{5}, "the tag has no id");
  row.outcome->field = kTagsField;
  problems_[fold(name)] = std::move(*row.outcome);
}

std::optional<Outcome> TagBook::problem(const std::string& name) const {
  const auto found = problems_.find(fold(name));
  if (found == problems_.end()) return std::nullopt;
  return found->second;
}

namespace {

struct Assignments {
  std::map<std::string, std::string> ids;  // of assignments, by tag id
};

// Removing needs the assignment's id; adding several is cheaper when one knows which are there.
bool needs_reading(const Job& job) {
  return job.existed && (!job.contact.remove_tags.empty() || job.contact.add_tags.size() > 1);
}

std::map<const Job*, Assignments> read_assignments(sluice::Context& context, Client& client,
                                                   const Jobs& jobs) {
  std::vector<Task> tasks;
  for (auto* job : jobs) {
    if (!job->open() || !needs_reading(*job)) continue;
    tasks.push_back({job, get_request(path_to("contacts", job->contact_id) + "/contactTags",
                                      "/contacts/{id}/contactTags")});
  }
  std::map<const Job*, Assignments> result;
  run_tasks(context, client, std::move(tasks), [&](std::size_t, Job& job, const Answer& answer) {
    if (!answer.ok()) {
      Answer problem = answer;
      problem.kind = Answer::Kind::Passing;
      fail(job, problem, "contact written, but reading its tags failed");
      return;
    }
    auto& ids = result[&job].ids;
    for (const auto& row : items(answer.body, "contactTags")) {
      ids[scalar(as_object(row), "tag")] = scalar(as_object(row), "id");
    }
  });
  return result;
}

sluice::HttpRequest add_request(const Job& job, const Tag& tag) {
  return write_request("POST", "/contactTags", "/contactTags",
                       {{"contactTag", json::object{{"contact", job.contact_id}, {"tag", tag.id}}}},
                       true);
}

void add_tasks(Job& job, const TagBook& tags, const Assignments& present, std::vector<Task>& adding,
               std::vector<Task>& removing) {
  for (const auto& name : job.contact.add_tags) {
    const auto* tag = tags.find(name);
    if (tag != nullptr && !present.ids.contains(tag->id)) {
      adding.push_back({&job, add_request(job, *tag)});
    }
  }
  for (const auto& name : job.contact.remove_tags) {
    const auto* tag = tags.find(name);
    if (tag == nullptr) continue;
    if (const auto found = present.ids.find(tag->id); found != present.ids.end()) {
      removing.push_back(
          {&job, delete_request(path_to("contactTags", found->second), "/contactTags/{id}")});
    }
  }
}

}  // namespace

void change_tags(sluice::Context& context, Client& client, const Jobs& jobs, const TagBook& tags) {
  const auto present = read_assignments(context, client, jobs);
  std::vector<Task> adding;
  std::vector<Task> removing;
  for (auto* job : jobs) {
    if (!job->open()) continue;
    const auto found = present.find(job);
    add_tasks(*job, tags, found == present.end() ? Assignments{} : found->second, adding, removing);
  }
  run_tasks(context, client, std::move(adding), [](std::size_t, Job& job, const Answer& answer) {
    if (!answer.ok()) fail(job, answer, "contact written, but adding a tag failed");
  });
  run_tasks(context, client, std::move(removing), [](std::size_t, Job& job, const Answer& answer) {
    // Automations remove tags too; gone is gone.
    if (answer.ok() || answer.kind == Answer::Kind::Missing) return;
    fail(job, answer, "contact written, but removing a tag failed");
  });
}

}  // namespace activecampaign
