// The HTTP API, as openapi.yaml describes it: who may do what, and the answers.
#pragma once

#include <atomic>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "serve/alerts.hpp"
#include "serve/http.hpp"
#include "serve/metrics.hpp"
#include "serve/service.hpp"
#include "serve/state_cache.hpp"
#include "serve/tokens.hpp"

namespace sluice::host::serve {

// Who makes a request.
struct Caller {
  std::string name;  // the token's
  Role role = Role::Viewer;
  std::optional<std::int64_t> expires;  // of the cookie it came with
};

struct ApiOptions {
  std::string version;                                    // Sluice's
  std::vector<std::filesystem::path> plugin_directories;  // for the connectors' own schemas
  std::string contract;                                   // text of openapi.yaml
  bool secure = false;                                    // the browser speaks TLS
  bool tls = false;                                       // with this service itself
};

class Api;

// One operation. A path's parts in braces match anything but a slash.
struct Route {
  enum class Access { Open, Viewer, Operator };
  const char* method;
  const char* path;
  Access access;
  Reply (*answer)(Api& api, const Request& request, const Caller& caller);
};

// Threads: [any thread].
class Api {
 public:
  Api(Service& service, Tokens& tokens, Metrics& metrics, const Alerts& alerts, ApiOptions options);
  // Ends the plans that are being made.
  ~Api();
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;

  // The only names and ports that a browser may call it by, against pages that make a name of
  // theirs point here; without them any. To be set before the first request.
  void set_hosts(std::vector<std::string> hosts) { hosts_ = std::move(hosts); }

  // Never throws: what goes wrong is an answer.
  [[nodiscard]] Reply answer(Request& request) noexcept;

  [[nodiscard]] static const std::vector<Route>& routes();

  // For the operations.
  [[nodiscard]] Service& service() noexcept { return service_; }
  [[nodiscard]] Tokens& tokens() noexcept { return tokens_; }
  [[nodiscard]] Sessions& sessions() noexcept { return sessions_; }
  [[nodiscard]] Metrics& metrics() noexcept { return metrics_; }
  [[nodiscard]] const Alerts& alerts() const noexcept { return alerts_; }
  [[nodiscard]] const ApiOptions& options() const noexcept { return options_; }
  [[nodiscard]] StateCache& cache() noexcept { return cache_; }
  // Errors: Problem 404 when there is no such integration; 422 when its file is broken.
  [[nodiscard]] Standing standing_of(const Request& request);
  // The state as it is now; nothing when the integration has none yet.
  [[nodiscard]] std::optional<State> state_of(const std::string& integration);
  // The same while another process than this service's runs holds the integration, else nothing.
  [[nodiscard]] std::optional<State> state_if_held(const std::string& integration);
  // What `connectors inspect` says of every plugin, and the problems of those that cannot be used.
  struct Connectors {
    std::map<std::string, json::object> specs;
    std::vector<std::string> problems;
  };
  [[nodiscard]] const Connectors& connectors();
  // {"connector", "title"}
  [[nodiscard]] json::object named(const std::string& connector);

  // Runs a verb of the command line with --json; `input` comes on its stdin. Errors: Problem by its
  // exit code; codes 0 and 1 are fine, and those in `fine`.
  [[nodiscard]] json::object command(const std::vector<std::string>& arguments,
                                     const Caller& caller, std::vector<int> fine = {},
                                     std::string input = {});

  struct Plan {
    std::int64_t started = 0, ended = 0;
    json::object plan;
    std::string problem;
    std::unique_ptr<ChildRun> child;
  };
  std::mutex plans_mutex;
  std::map<std::string, Plan> plans;  // by integration

  std::atomic<int> streams{0};  // open progress streams
  // Counts a wrong token; true when there have been too many in this minute.
  [[nodiscard]] bool too_many_wrong(bool one_more);

 private:
  [[nodiscard]] Reply dispatch(Request& request);
  [[nodiscard]] Caller authenticate(const Request& request);
  void refuse_foreign(const Request& request) const;

  Service& service_;
  Tokens& tokens_;
  Metrics& metrics_;
  const Alerts& alerts_;
  ApiOptions options_;
  StateCache cache_;
  Sessions sessions_;
  std::vector<std::string> hosts_;
  std::mutex mutex_;
  std::optional<Connectors> connectors_;
  std::int64_t minute_ = 0;
  int wrong_ = 0;
};

// The value of a cookie; empty without it.
[[nodiscard]] std::string cookie_of(const Request& request, std::string_view name);

// One function an operation, named as in the contract.
using Answer = Reply(Api&, const Request&, const Caller&);
Answer get_session, open_session, close_session, get_audit, get_contract, get_health, get_readiness,
    get_metrics;
Answer get_integrations, get_status, get_file, pause_integration, resume_integration,
    unlink_integration, get_definition, check_integration, get_record, get_connectors;
Answer get_runs, start_run, stop_run, get_progress, get_plan, make_plan;
Answer diff_file, try_connection, discover, get_presets, render_file, write_file;
Answer take_event;
Answer get_errors, get_causes, get_errors_csv, ignore_errors, retry_errors;

}  // namespace sluice::host::serve
