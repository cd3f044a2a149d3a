#include "serve/api.hpp"

#include <signal.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <future>

#include "connector/connector.hpp"
#include "pipeline/sync_context.hpp"
#include "serve/dashboard.hpp"
#include "state/state_error.hpp"

namespace sluice::host::serve {
namespace {

constexpr int kWrongAMinute = 30;

// The parts of the path by the names in the pattern; nothing when it does not fit.
std::optional<std::map<std::string, std::string>> match(std::string_view pattern,
                                                        std::string_view path) {
  std::map<std::string, std::string> parts;
  while (true) {
    const auto brace = pattern.find('{');
    if (brace == std::string_view::npos) {
      if (pattern != path) return std::nullopt;
      return parts;
    }
    if (path.substr(0, brace) != pattern.substr(0, brace)) return std::nullopt;
    const auto end = pattern.find('}');
    path.remove_prefix(brace);
    const auto slash = std::min(path.find('/'), path.size());
    if (slash == 0) return std::nullopt;
    parts[std::string{pattern.substr(brace + 1, end - brace - 1)}] = path.substr(0, slash);
    pattern.remove_prefix(end + 1);
    path.remove_prefix(slash);
  }
}

Problem problem_of(int exit_code, const std::string& message, const json::object& document) {
  switch (exit_code) {
    case 2: {
      json::array diagnostics;
      if (const auto* found = document.if_contains("diagnostics"); found && found->is_array())
        diagnostics = found->get_array();
      return {422, "invalid", message, {{"diagnostics", std::move(diagnostics)}}};
    }
    case 3:
      return {502, "connect", message};
    case 5:
      return {409, "refused", message};
    case 6:
      return {409, "busy", message};
    default:
      return {500, "internal", message};
  }
}

}  // namespace

Api::Api(Service& service, Tokens& tokens, Metrics& metrics, const Alerts& alerts,
         ApiOptions options)
    : service_{service},
      tokens_{tokens},
      metrics_{metrics},
      alerts_{alerts},
      options_{std::move(options)},
      cache_{service.options().state_root},
      sessions_{service.options().clock} {}

Api::~Api() {
  std::vector<std::unique_ptr<ChildRun>> children;
  {
    const std::lock_guard guard{plans_mutex};
    for (auto& [name, plan] : plans) {
      if (!plan.child) continue;
      plan.child->signal(SIGKILL);  // writes nothing
      children.push_back(std::move(plan.child));
    }
  }
  children.clear();
}

const std::vector<Route>& Api::routes() {
  using enum Route::Access;
  static const std::vector<Route> all{
      {"GET", "/healthz", Open, get_health},
      {"GET", "/readyz", Viewer, get_readiness},
      {"GET", "/metrics", Viewer, get_metrics},
      {"POST", "/hooks/{name}", Open, take_event},
      {"POST", "/hooks/{name}/{secret}", Open, take_event},
      {"GET", "/api/v1/session", Viewer, get_session},
      {"POST", "/api/v1/session", Open, open_session},
      {"DELETE", "/api/v1/session", Viewer, close_session},
      {"GET", "/api/v1/audit", Operator, get_audit},
      {"GET", "/api/v1/openapi.yaml", Viewer, get_contract},
      {"GET", "/api/v1/connectors", Viewer, get_connectors},
      {"GET", "/api/v1/integrations", Viewer, get_integrations},
      {"GET", "/api/v1/integrations/{name}", Viewer, get_definition},
      {"GET", "/api/v1/integrations/{name}/status", Viewer, get_status},
      {"GET", "/api/v1/integrations/{name}/file", Viewer, get_file},
      {"POST", "/api/v1/integrations/{name}/diff", Operator, diff_file},
      {"POST", "/api/v1/integrations/{name}/check", Operator, check_integration},
      {"POST", "/api/v1/integrations/{name}/pause", Operator, pause_integration},
      {"POST", "/api/v1/integrations/{name}/resume", Operator, resume_integration},
      {"POST", "/api/v1/integrations/{name}/unlink", Operator, unlink_integration},
      {"GET", "/api/v1/integrations/{name}/record", Viewer, get_record},
      {"GET", "/api/v1/integrations/{name}/runs", Viewer, get_runs},
      {"POST", "/api/v1/integrations/{name}/runs", Operator, start_run},
      {"POST", "/api/v1/integrations/{name}/stop", Operator, stop_run},
      {"GET", "/api/v1/integrations/{name}/progress", Viewer, get_progress},
      {"GET", "/api/v1/integrations/{name}/plan", Viewer, get_plan},
      {"POST", "/api/v1/integrations/{name}/plan", Operator, make_plan},
      {"GET", "/api/v1/integrations/{name}/errors", Viewer, get_errors},
      {"GET", "/api/v1/integrations/{name}/errors/causes", Viewer, get_causes},
      {"GET", "/api/v1/integrations/{name}/errors.csv", Viewer, get_errors_csv},
      {"POST", "/api/v1/integrations/{name}/errors/ignore", Operator, ignore_errors},
      {"POST", "/api/v1/integrations/{name}/errors/retry", Operator, retry_errors},
      {"POST", "/api/v1/wizard/check", Operator, try_connection},
      {"POST", "/api/v1/wizard/discover", Operator, discover},
      {"GET", "/api/v1/wizard/presets", Viewer, get_presets},
      {"POST", "/api/v1/wizard/render", Operator, render_file},
      {"POST", "/api/v1/wizard/files", Operator, write_file},
  };
  return all;
}

std::string cookie_of(const Request& request, std::string_view name) {
  const std::string all = request.header("cookie");
  std::string_view rest = all;
  while (!rest.empty()) {
    const auto end = std::min(rest.find(';'), rest.size());
    auto pair = rest.substr(0, end);
    while (!pair.empty() && pair.front() == ' ') pair.remove_prefix(1);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (pair.size() > name.size() && pair.substr(0, name.size()) == name &&
        pair[name.size()] == '=')
      return std::string{pair.substr(name.size() + 1)};
  }
  return {};
}

bool Api::too_many_wrong(bool one_more) {
  const std::lock_guard guard{mutex_};
  const std::int64_t minute = service_.options().clock() / 60'000;
  if (minute != minute_) wrong_ = 0;
  minute_ = minute;
  if (one_more) ++wrong_;
  return wrong_ > kWrongAMinute;
}

Caller Api::authenticate(const Request& request) {
  const std::string header = request.header("authorization");
  constexpr std::string_view kBearer = "Bearer ";
  if (header.size() > kBearer.size() && header.compare(0, kBearer.size(), kBearer) == 0) {
    const auto row = tokens_.find(std::string_view{header}.substr(kBearer.size()));
    if (row && row->role != Role::Sender) return {row->name, row->role, std::nullopt};
  } else if (const std::string cookie = cookie_of(request, "sluice_session"); !cookie.empty()) {
    const auto session = sessions_.find(cookie);
    if (session && tokens_.has(session->token))
      return {session->token.name, session->token.role, session->expires};
  }
  throw Problem{
      401, "unauthorized",
      "send a token as \"Authorization: Bearer …\", or sign in again; `sluice serve token "
      "add NAME` makes one"};
}

// A page of another origin can make a browser send requests, but not these headers.
void Api::refuse_foreign(const Request& request) const {
  std::string host = request.header("host");
  const std::string origin = request.header("origin");
  const auto foreign = [](const std::string& why) { return Problem{403, "foreign_request", why}; };
  if (!hosts_.empty() && std::find(hosts_.begin(), hosts_.end(), host) == hosts_.end()) {
    throw foreign("this service is not reached as \"" + host +
                  "\": use the address it listens at, or start it with --behind-proxy");
  }
  if (request.method == "GET" || request.method == "HEAD") return;
  if (request.header("sluice-request") != "1")
    throw foreign("a request that may change something needs the header \"Sluice-Request: 1\"");
  if (!origin.empty() && origin != (options_.secure ? "https://" : "http://") + host)
    throw foreign("the request comes from a page of " + origin + ", which is not this service's");
  const std::string type = request.header("content-type");
  if (!request.body.empty() && type.compare(0, 16, "application/json") != 0)
    throw foreign("a body needs the header \"Content-Type: application/json\"");
}

Reply Api::dispatch(Request& request) {
  const bool is_hook = request.path.compare(0, 7, "/hooks/") == 0;
  // A vendor has no cookie that a foreign page could make use of.
  if (request.path != "/healthz" && !is_hook) refuse_foreign(request);
  std::string allowed;
  const std::string method = request.method == "HEAD" ? "GET" : request.method;
  for (const auto& route : routes()) {
    auto parts = match(route.path, request.path);
    if (!parts) continue;
    if (method != route.method) {
      allowed += (allowed.empty() ? "" : ", ") + std::string{route.method};
      continue;
    }
    request.parts = std::move(*parts);
    if (is_hook) request.path = "/hooks/" + request.parts.at("name");  // no log has the secret
    Caller caller;
    if (route.access != Route::Access::Open) caller = authenticate(request);
    if (route.access == Route::Access::Operator && caller.role != Role::Operator)
      throw Problem{
          403, "forbidden",
          "the token \"" + caller.name + "\" is a viewer's: this needs one with the role operator"};
    return route.answer(*this, request, caller);
  }
  if (auto file = dashboard_file(request)) return std::move(*file);
  // Who has no token does not learn what there is.
  (void)authenticate(request);
  if (allowed.empty()) throw not_found("there is no " + request.path + " here");
  Reply reply = Problem{405, "method_not_allowed",
                        request.path + " takes " + allowed + ", not " + request.method}
                    .reply();
  reply.headers.emplace_back("Allow", allowed);
  return reply;
}

Reply Api::answer(Request& request) noexcept {
  Reply reply;
  try {
    reply = dispatch(request);
  } catch (const Problem& problem) {
    reply = problem.reply();
  } catch (const IntegrationError& error) {
    json::array found;
    for (const auto& diagnostic : error.diagnostics()) found.emplace_back(to_string(diagnostic));
    reply = Problem{422, "invalid", error.what(), {{"diagnostics", std::move(found)}}}.reply();
  } catch (const Busy& error) {
    reply = Problem{409, "busy", error.what()}.reply();
  } catch (const Refused& error) {
    reply = Problem{409, "refused", error.what()}.reply();
  } catch (const std::exception& error) {
    spdlog::error("{} {}: {}", request.method, request.path, error.what());
    reply = Problem{500, "internal", error.what()}.reply();
  }
  const auto add = [&reply](const char* name, const char* value) {
    const bool has = std::any_of(reply.headers.begin(), reply.headers.end(),
                                 [name](const auto& header) { return header.first == name; });
    if (!has) reply.headers.emplace_back(name, value);
  };
  // A browser obeys it for every port of the name: a developer's own machine is left out.
  if (options_.tls && !request.header("host").starts_with("localhost"))
    add("Strict-Transport-Security", "max-age=31536000");
  add("Cache-Control", "no-store");
  add("X-Content-Type-Options", "nosniff");
  add("Referrer-Policy", "no-referrer");
  add("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  return reply;
}

Standing Api::standing_of(const Request& request) {
  const std::string& name = request.parts.at("name");
  auto standing = service_.standing(name);
  if (!standing)
    throw not_found("there is no integration \"" + name + "\" in " +
                    service_.options().configs.string());
  if (standing->member.broken) {
    json::array found;
    for (const auto& finding : standing->member.findings) found.emplace_back(to_string(finding));
    throw Problem{
        422,
        "invalid",
        standing->member.file.string() + " has errors: mend the file, it is taken up then",
        {{"diagnostics", std::move(found)}}};
  }
  return std::move(*standing);
}

std::optional<State> Api::state_of(const std::string& integration) {
  return State::open_read_only(service_.options().state_root, integration);
}

std::optional<State> Api::state_if_held(const std::string& integration) {
  const auto directory = service_.options().state_root / file_name(integration);
  return lock_holder(directory).empty() ? std::nullopt : state_of(integration);
}

const Api::Connectors& Api::connectors() {
  const std::lock_guard guard{mutex_};
  if (connectors_) return *connectors_;
  Connectors found;
  const Catalog catalog = Catalog::scan(options_.plugin_directories);
  for (const auto& problem : catalog.problems())
    found.problems.push_back(problem.path.string() + ": " + problem.message);
  for (const auto& plugin : catalog.plugins()) {
    try {
      json::object spec = read_spec(plugin, RunMode::Worker);
      spec["path"] = plugin.path.string();
      spec["id"] = plugin.id;
      spec["version"] = plugin.version;
      if (!spec.contains("title")) spec["title"] = plugin.id;
      found.specs[plugin.id] = std::move(spec);
    } catch (const Error& error) {
      found.problems.push_back(plugin.path.string() + ": " + error.what());
    }
  }
  connectors_ = std::move(found);
  return *connectors_;
}

json::object Api::named(const std::string& connector) {
  const auto& specs = connectors().specs;
  const auto spec = specs.find(connector);
  json::object out{{"connector", connector}, {"title", connector}};
  if (spec != specs.end()) out["title"] = spec->second.at("title");
  return out;
}

json::object Api::command(const std::vector<std::string>& arguments, const Caller& caller,
                          std::vector<int> fine, std::string input) {
  const auto& options = service_.options();
  std::vector<std::string> command{options.program.string()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  for (const char* part : {"--json", "--quiet", "--state"}) command.emplace_back(part);
  command.push_back(options.state_root.string());
  command.insert(command.end(), options.child_arguments.begin(), options.child_arguments.end());
  std::promise<ChildEnd> promise;
  const ChildRun run{
      std::move(command),
      {},
      caller.name,
      {[](const json::object&) {}, [&promise](const ChildEnd& end) { promise.set_value(end); }},
      std::move(input)};
  ChildEnd end = promise.get_future().get();
  fine.push_back(0);
  fine.push_back(1);
  if (std::find(fine.begin(), fine.end(), end.exit_code) == fine.end() ||
      end.document.contains("error"))
    throw problem_of(end.exit_code, end.message, end.document);
  return std::move(end.document);
}

}  // namespace sluice::host::serve
