#include "field_values.hpp"

namespace activecampaign {

StoredValues stored_values(const json::array& rows) {
  StoredValues values;
  for (const auto& row : rows) {
    const auto& value = as_object(row);
    values[scalar(value, "field")] = {scalar(value, "id"), scalar(value, "value")};
  }
  return values;
}

std::vector<StoredValues> read_field_values(sluice::Context& context, Client& client,
                                            const Jobs& jobs) {
  std::vector<Task> tasks;
  tasks.reserve(jobs.size());
  for (auto* job : jobs) {
    tasks.push_back({job, get_request(path_to("contacts", job->contact_id) + "/fieldValues",
                                      "/contacts/{id}/fieldValues")});
  }
  std::vector<StoredValues> result(jobs.size());
  run_tasks(context, client, std::move(tasks), [&](std::size_t i, Job& job, const Answer& answer) {
    if (answer.ok()) {
      result[i] = stored_values(items(answer.body, "fieldValues"));
    } else {
      fail(job, answer, "reading the contact's fields");
    }
  });
  return result;
}

}  // namespace activecampaign
