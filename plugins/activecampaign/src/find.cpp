#include "find.hpp"

#include <utility>

namespace activecampaign {

std::optional<json::object> row_of_email(const json::object& page, std::string_view email) {
  const auto wanted = fold(email);
  for (const auto& row : items(page, "contacts")) {
    if (fold(scalar(as_object(row), "email")) == wanted) return as_object(row);
  }
  return std::nullopt;
}

std::vector<Found> find_contacts(sluice::Context& context, Client& client,
                                 const std::vector<std::string>& emails, std::string_view include) {
  std::vector<sluice::HttpRequest> requests;
  requests.reserve(emails.size());
  for (const auto& email : emails) {
    sluice::Pairs query{{"email", email}};
    if (!include.empty()) query.emplace_back("include", std::string{include});
    requests.push_back(get_request("/contacts", "/contacts", std::move(query)));
  }
  auto answers = client.send_all(context, std::move(requests));
  std::vector<Found> result(emails.size());
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (answers[i].ok() && has_array(answers[i].body, "contacts")) {
      result[i].contact = row_of_email(answers[i].body, emails[i]);
      result[i].page = std::move(answers[i].body);
      continue;
    }
    if (answers[i].ok()) {
      answers[i].kind = Answer::Kind::Passing;
      answers[i].message = "the answer has no \"contacts\"";
    }
    result[i].problem = std::move(answers[i]);
  }
  return result;
}

}  // namespace activecampaign
