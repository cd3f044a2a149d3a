#include <arpa/inet.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <thread>

#include "cli/command.hpp"
#include "cli/summary.hpp"
#include "integration/findings.hpp"
#include "integration/scalar.hpp"
#include "integration/substitute.hpp"
#include "serve/alerts.hpp"
#include "serve/api.hpp"
#include "serve/contract.hpp"
#include "serve/http_server.hpp"
#include "serve/notify.hpp"
#include "serve/service.hpp"
#include "state/layout.hpp"

namespace sluice::host::cli {
namespace {

serve::ServiceOptions options_of(const Call& call) {
  serve::ServiceOptions options;
  if (!call.has("configs"))
    throw UsageError{"say which directory holds the integration files: --configs DIR"};
  options.configs = call.text("configs");
  std::error_code error;
  if (!std::filesystem::is_directory(options.configs, error)) {
    throw UsageError{"--configs " + options.configs.string() +
                     " is no directory: name the one that holds the integration files"};
  }
  options.state_root = call.state_root;
  options.load.preset_directories = preset_directories();
  options.program = std::filesystem::read_symlink("/proc/self/exe");
  for (const auto& folder : call.texts("plugins")) {
    options.child_arguments.emplace_back("--plugins");
    options.child_arguments.push_back(folder);
  }
  if (call.mode == RunMode::InProcess) options.child_arguments.emplace_back("--in-process");
  if (call.text("log") == "json")
    options.child_arguments.insert(options.child_arguments.end(), {"--log", "json"});
  const auto parallel = call.values["parallel"].as<std::uint32_t>();
  if (parallel == 0) throw UsageError{"--parallel 0: at least one run at a time"};
  options.scheduling.parallel = parallel;
  options.scheduling.jitter = std::chrono::seconds{call.values["jitter"].as<std::uint32_t>()};
  return options;
}

serve::AlertOptions alerts_of(const Call& call) {
  serve::AlertOptions options;
  const LoadOptions load;
  Findings findings{"--alert-url"};
  options.url = Substitution{load, std::filesystem::current_path()}
                    .apply(call.text("alert-url"), {}, findings)
                    .text;
  for (const auto& finding : findings.sorted()) {
    if (finding.severity == Diagnostic::Severity::Error) throw UsageError{to_string(finding)};
    spdlog::warn("{}", to_string(finding));
  }
  const bool is_http = options.url.starts_with("http://") || options.url.starts_with("https://");
  if (!options.url.empty() && !is_http)
    throw UsageError{"--alert-url must begin with https:// (or http://)"};
  options.rejected_share = call.values["alert-rejected"].as<double>();
  if (!(options.rejected_share >= 0 && options.rejected_share <= 1))
    throw UsageError{"--alert-rejected takes a share from 0 to 1, such as 0.1"};
  const auto age = parse_duration(call.text("alert-cursor-age"));
  if (!age) throw UsageError{"--alert-cursor-age takes a duration, such as 13h"};
  options.cursor_age = *age;
  return options;
}

struct Endpoint {
  serve::HttpOptions http;
  bool loopback = true;
};

// "127.0.0.1:8008", "[::1]:8008"
Endpoint endpoint_of(const Call& call) {
  const std::string text = call.text("listen");
  const auto fail = [&text] {
    return UsageError{"--listen " + text +
                      ": use a numeric address and a port, such as 127.0.0.1:8008 or [::1]:8008"};
  };
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) throw fail();
  Endpoint endpoint;
  std::string& address = endpoint.http.address;
  address = text.substr(0, colon);
  if (address.size() > 2 && address.front() == '[' && address.back() == ']')
    address = address.substr(1, address.size() - 2);
  const std::string port = text.substr(colon + 1);
  const bool is_number = !port.empty() && port.size() <= 5 &&
                         port.find_first_not_of("0123456789") == std::string::npos;
  if (!is_number || std::stoi(port) > 65'535) throw fail();
  endpoint.http.port = std::stoi(port);
  in_addr four{};
  in6_addr six{};
  if (::inet_pton(AF_INET, address.c_str(), &four) == 1) {
    endpoint.loopback = (ntohl(four.s_addr) >> 24) == 127;
  } else if (::inet_pton(AF_INET6, address.c_str(), &six) == 1) {
    endpoint.loopback = IN6_IS_ADDR_LOOPBACK(&six);
  } else {
    throw fail();
  }
  endpoint.http.certificate = call.text("tls-certificate");
  endpoint.http.key = call.text("tls-key");
  if (endpoint.http.certificate.empty() != endpoint.http.key.empty())
    throw UsageError{"--tls-certificate and --tls-key belong together"};
  const bool tls = !endpoint.http.certificate.empty();
  if (!endpoint.loopback && !tls && !call.flag("behind-proxy")) {
    throw UsageError{
        "--listen " + text +
        " can be reached from other machines, and tokens would cross the network in the clear: "
        "give --tls-certificate and --tls-key, or say --behind-proxy when a proxy on this machine "
        "or in a closed network speaks TLS"};
  }
  return endpoint;
}

std::string bracketed(const std::string& address) {
  return address.find(':') == std::string::npos ? address : "[" + address + "]";
}

constexpr std::uint32_t kDecisions = 20;

int list_tokens(const Call& call, serve::Tokens& tokens) {
  json::array rows;
  for (const auto& row : tokens.all()) {
    json::object entry{{"name", row.name}, {"role", to_string(row.role)}, {"created", row.created}};
    if (!row.integration.empty()) entry["integration"] = row.integration;
    rows.push_back(std::move(entry));
    if (!call.json) {
      const std::string of = row.integration.empty() ? "" : "  " + row.integration;
      print(std::string_view{row.name + "  " + std::string{to_string(row.role)} + of});
    }
  }
  if (call.json) print(json::object{{"tokens", std::move(rows)}});
  return kDone;
}

int show_decisions(const Call& call, serve::Tokens& tokens) {
  json::array rows;
  const auto most = call.has("limit") ? call.values["limit"].as<std::uint32_t>() : kDecisions;
  for (const auto& entry : tokens.decisions(most)) {
    json::object row = json_of(entry);
    if (!call.json) print(std::string_view{decision_text(row)});
    rows.push_back(std::move(row));
  }
  if (call.json) print(json::object{{"decisions", std::move(rows)}});
  return kDone;
}

int run_token(const Call& call) {
  const std::string verb = call.text("verb"), name = call.text("name");
  const std::array<std::string_view, 4> known{"add", "list", "log", "remove"};
  if (std::find(known.begin(), known.end(), verb) == known.end())
    throw UsageError{"say what to do with tokens: add, list, log or remove"};
  serve::Tokens tokens{call.state_root / kServiceDirectory};
  if (verb == "list") return list_tokens(call, tokens);
  if (verb == "log") return show_decisions(call, tokens);
  if (name.empty()) throw UsageError{"name the token: `sluice serve token " + verb + " NAME`"};
  if (verb == "remove") {
    if (!tokens.remove(name, system_wall_clock()()))
      throw UsageError{"there is no token \"" + name + "\""};
    if (call.json) print(json::object{{"removed", name}});
    return kDone;
  }
  const auto role = serve::role_of(call.text("role"));
  if (!role) throw UsageError{"--role " + call.text("role") + ": use viewer, operator or sender"};
  const std::string integration = call.text("integration");
  if ((*role == serve::Role::Sender) == integration.empty())
    throw UsageError{integration.empty() ? "a sender's token is for one integration: name it with "
                                           "--integration NAME"
                                         : "--integration belongs to --role sender"};
  const std::string token = tokens.add(name, *role, system_wall_clock()(), integration);
  if (call.json) {
    print(json::object{{"name", name}, {"role", to_string(*role)}, {"token", token}});
  } else {
    print(std::string_view{token});
    complain("this is shown once: only its hash is kept");
    if (*role == serve::Role::Sender) {
      complain("the vendor sends its webhooks to /hooks/" + integration +
               " of the service, with this as the password of HTTP Basic and any user name; or, "
               "where it knows no passwords, to /hooks/" +
               integration + "/" + token);
    }
  }
  return kDone;
}

// Requests under way may wait for other programs; nobody waits for them once runs have ended.
constexpr std::chrono::seconds kLastRequests{1};

int serve_until(Call& call) {
  const Endpoint endpoint = endpoint_of(call);
  const bool tls = !endpoint.http.certificate.empty();
  serve::Service service{options_of(call)};
  serve::Tokens tokens{call.state_root / kServiceDirectory};
  serve::ApiOptions options;
  options.version = SLUICE_VERSION;
  options.plugin_directories = call.plugin_directories;
  options.contract = serve::contract();
  options.secure = tls || call.flag("behind-proxy");
  options.tls = tls;
  serve::Metrics metrics{service.options().state_root / "rates", service.options().clock};
  serve::Alerts alerts{service.directory(), alerts_of(call), service.options().clock,
                       serve::post_alert};
  service.on_end([&](const serve::Service::Ended& run) {
    metrics.add(run);
    alerts.judge(run);
  });
  service.on_watch(
      [&alerts](const std::vector<serve::Standing>& standings) { alerts.judge(standings); });
  serve::Api api{service, tokens, metrics, alerts, options};
  auto server = std::make_unique<serve::HttpServer>(endpoint.http);
  const std::string port = ":" + std::to_string(server->port());
  if (!call.flag("behind-proxy") && endpoint.loopback)
    api.set_hosts({bracketed(endpoint.http.address) + port, "localhost" + port, "127.0.0.1" + port,
                   "[::1]" + port});
  service.load();
  server->serve([&api](serve::Request& request) { return api.answer(request); });
  const std::string url =
      std::string{tls ? "https://" : "http://"} + bracketed(endpoint.http.address) + port;
  if (call.json) {
    print(json::object{{"url", url}});
  } else {
    print(std::string_view{url});
  }
  if (tokens.all().empty())
    spdlog::warn("nobody has a token yet: `sluice serve token add NAME --role operator`");
  serve::notify("READY=1\nSTATUS=answers at " + url + "\n");
  const std::stop_callback stopping{call.stop, [] { serve::notify("STOPPING=1\n"); }};
  service.run(call.stop);
  std::jthread last{[](const std::stop_token& done) {
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock{mutex};
    wake.wait_for(lock, done, kLastRequests, [] { return false; });
    if (!done.stop_requested()) std::_Exit(kDone);
  }};
  server.reset();
  alerts.end();
  return kDone;
}

}  // namespace

void declare_serve(po::options_description& options,
                   po::positional_options_description& positional) {
  options.add_options()("action", po::value<std::string>()->default_value(""),
                        "token: make, show and remove tokens")               //
      ("verb", po::value<std::string>(), "token: add, list, log or remove")  //
      ("name", po::value<std::string>(), "token: its name")                  //
      ("role", po::value<std::string>()->default_value("viewer"),
       "token add: viewer (reads), operator (changes things, too) or sender (hands in events of "
       "one integration: a vendor's webhooks)")                                           //
      ("integration", po::value<std::string>(), "token add --role sender: whose events")  //
      ("limit", po::value<std::uint32_t>(),
       "token log: how many decisions instead of the last 20")  //
      ("configs", po::value<std::string>(),
       "directory of integration files; changes are picked up")  //
      ("listen", po::value<std::string>()->default_value("127.0.0.1:8008"),
       "address and port of the HTTP API; port 0: any, printed on stdout")  //
      ("tls-certificate", po::value<std::string>(), "PEM file: speak TLS")  //
      ("tls-key", po::value<std::string>(), "PEM file")                     //
      ("behind-proxy", po::bool_switch(),
       "a proxy speaks TLS and says whose requests come in")  //
      ("alert-url", po::value<std::string>()->default_value(""),
       "where alerts are sent as JSON; may refer to a secret: ${NAME}, ${file:PATH}")  //
      ("alert-rejected", po::value<double>()->default_value(0.1, "0.1"),
       "alert when a run rejects more than this share")  //
      ("alert-cursor-age", po::value<std::string>()->default_value("13h"),
       "alert when nothing has been read for so long, or for twice the schedule if that is "
       "longer")                                                                           //
      ("parallel", po::value<std::uint32_t>()->default_value(4), "how many runs at once")  //
      ("jitter", po::value<std::uint32_t>()->default_value(60),
       "seconds over which runs are spread that are due at one moment");
  positional.add("action", 1).add("verb", 1).add("name", 1);
}

int run_serve(Call& call) {
  if (!call.quiet && !call.flag("verbose")) spdlog::set_level(spdlog::level::info);
  const std::string action = call.text("action");
  if (action == "token") return run_token(call);
  if (!action.empty()) throw UsageError{"there is no `sluice serve " + action + "`: use token"};
  return serve_until(call);
}

}  // namespace sluice::host::cli
