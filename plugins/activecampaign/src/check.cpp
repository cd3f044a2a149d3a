#include "check.hpp"

#include <string>

#include "client.hpp"

namespace activecampaign {

using sluice::Code;
using sluice::Error;
using Kind = Answer::Kind;

namespace {

constexpr auto kWrongUrl =
    ": there is no ActiveCampaign API at this address; set url to the API URL shown under "
    "Settings > Developer, such as https://account.api-us1.com";

std::string display_name(const json::object& user) {
  auto name = scalar(user, "firstName");
  const auto last = scalar(user, "lastName");
  if (!name.empty() && !last.empty()) name += ' ';
  name += last;
  return name.empty() ? scalar(user, "username") : name;
}

}  // namespace

sluice::Account check_account(sluice::Context& context, const Settings& settings) {
  Client client{settings, Client::Patience::Check};
  const auto answer = client.send(context, get_request("/users/me", "/users/me"));
  const auto where = settings.base_url + "/users/me";
  if (answer.kind == Kind::Missing) {
    throw Error{Code::NotFound,
                where + " answered HTTP " + std::to_string(answer.status) + kWrongUrl};
  }
  if (!answer.ok()) throw answer.error(where);
  const auto& user = member(answer.body, "user");
  if (scalar(user, "id").empty()) {
    throw Error{Code::Auth, where +
                                " answered without a user: the API key is refused or has expired, "
                                "or url is not the API URL; compare both with Settings > "
                                "Developer"};
  }
  sluice::Account account;
  account.id = settings.host;
  account.title = "ActiveCampaign " + settings.host;
  account.details = {{"user", display_name(user)}, {"username", scalar(user, "username")}};
  return account;
}

}  // namespace activecampaign
