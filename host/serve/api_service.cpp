// Sessions, health, the contract, the connectors.
#include "serve/api.hpp"

namespace sluice::host::serve {
namespace {

json::object session_of(const Api& api, const std::string& name, Role role,
                        std::optional<std::int64_t> expires) {
  return {{"name", name},
          {"role", to_string(role)},
          {"expires", expires ? json::value(*expires) : json::value(nullptr)},
          {"version", api.options().version}};
}

std::string cookie_line(const Api& api, const std::string& value, std::int64_t seconds) {
  return "sluice_session=" + value +
         "; HttpOnly; SameSite=Strict; Path=/; Max-Age=" + std::to_string(seconds) +
         (api.options().secure ? "; Secure" : "");
}

}  // namespace

Reply get_session(Api& api, const Request&, const Caller& caller) {
  return Reply::json(session_of(api, caller.name, caller.role, caller.expires));
}

Reply open_session(Api& api, const Request& request, const Caller&) {
  const std::string token = text_in(body_of(request, {"token"}), "token", 512);
  if (api.too_many_wrong(false))
    throw Problem{429, "too_many", "too many wrong tokens: wait a minute"};
  const auto row = api.tokens().find(token);
  if (!row || row->role == Role::Sender) {
    (void)api.too_many_wrong(true);
    throw Problem{401, "unauthorized",
                  "this token is not known: check that all of it was copied, or make another with "
                  "`sluice serve token add NAME`"};
  }
  const std::string cookie = api.sessions().open(*row);
  const std::int64_t expires = api.sessions().find(cookie)->expires;
  Reply reply = Reply::json(session_of(api, row->name, row->role, expires));
  const std::int64_t seconds = (expires - api.service().options().clock()) / 1000;
  reply.headers.emplace_back("Set-Cookie", cookie_line(api, cookie, seconds));
  return reply;
}

Reply close_session(Api& api, const Request& request, const Caller&) {
  api.sessions().close(cookie_of(request, "sluice_session"));
  Reply reply;
  reply.status = 204;
  reply.headers.emplace_back("Set-Cookie", cookie_line(api, "", 0));
  return reply;
}

Reply get_audit(Api& api, const Request& request, const Caller&) {
  const auto most = static_cast<std::size_t>(number_of(request, "limit", 20, 1, 1000));
  json::array rows;
  for (const auto& entry : api.tokens().decisions(most)) rows.push_back(json_of(entry));
  return Reply::json(json::object{{"decisions", std::move(rows)}});
}

Reply get_contract(Api& api, const Request&, const Caller&) {
  Reply reply;
  reply.type = "application/yaml";
  reply.body = api.options().contract;
  return reply;
}

Reply get_health(Api& api, const Request&, const Caller&) {
  return api.service().is_stopping() ? Reply::text("ending\n", 503) : Reply::text("ok\n");
}

Reply get_readiness(Api& api, const Request&, const Caller&) {
  if (!api.service().is_ready()) return Reply::text("not ready\n", 503);
  if (const auto problem = api.service().problem(); !problem.empty())
    return Reply::text(problem + "\n", 503);
  return Reply::text("ready\n");
}

Reply get_metrics(Api& api, const Request&, const Caller&) {
  Reply reply = Reply::text(api.metrics().text(api.service(), api.alerts()));
  reply.type = "text/plain; version=0.0.4; charset=utf-8";
  return reply;
}

Reply get_connectors(Api& api, const Request&, const Caller&) {
  json::array rows, problems;
  for (const auto& [id, spec] : api.connectors().specs) rows.push_back(json::value(spec));
  for (const auto& problem : api.connectors().problems) problems.emplace_back(problem);
  return Reply::json(
      json::object{{"connectors", std::move(rows)}, {"problems", std::move(problems)}});
}

}  // namespace sluice::host::serve
