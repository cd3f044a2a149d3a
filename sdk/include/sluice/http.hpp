// The HTTP client for connectors: connection reuse, many requests in flight, retries, the account's
// rate budget.
//
// Layers, outermost first: authentication → redacted log → rate budget → retry → transport with
// body cap. The transport is libcurl unless another one is given (testing kit: scripted answers,
// recorded exchanges).
//
// What it always does: verifies TLS, 1.2 at least, which nothing switches off; sends plain http to
// the loopback interface only, and nothing to link-local and metadata addresses, whatever name they
// hide behind, unless `Network` says otherwise; follows no redirect (a 3xx is an answer), so that
// credentials go to no other host; caps the size of an answer; stops within a second when the host
// asks to; counts what it sends ("requests <label>", "retries", "rate limit answers"), the answers
// ("answers <status> <label>", status "none" without one) and how long they took ("latency <ms>",
// not longer than that, "latency more", and "latency sum" in ms); never logs a header's value or a
// query's value.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <sluice/context.hpp>
#include <sluice/error.hpp>
#include <sluice/json.hpp>
#include <sluice/spec.hpp>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace sluice {

using Pairs = std::vector<std::pair<std::string, std::string>>;

struct NoAuth {};
struct BasicAuth {
  std::string user;
  std::string password = {};
};
struct HeaderAuth {  // e.g. {"Api-Token", key}
  std::string name;
  std::string value;
};
using Auth = std::variant<NoAuth, BasicAuth, HeaderAuth>;

struct HttpRequest {
  std::string method = "GET";
  std::string path =
      {};            // appended to base_url; percent-encoded by the caller (see `percent_encode`)
  Pairs query = {};  // percent-encoded by the client
  Pairs headers = {};
  std::string body = {};
  std::string content_type = {};  // with a body; default "application/json"
  std::string rate_class = {};    // one of HttpOptions::rates by name; empty: the first
  std::string label =
      {};  // how it is counted and logged, such as "GET /contacts/{id}"; empty: method and path
  // May be sent again after its fate is unknown (connection lost, 5xx). Default: GET, PUT and
  // DELETE may.
  std::optional<bool> idempotent = {};
};

struct HttpResponse {
  int status = 0;
  Pairs headers = {};
  std::string body = {};

  [[nodiscard]] bool ok() const noexcept { return status >= 200 && status < 300; }
  // Case-insensitive; empty when absent.
  [[nodiscard]] std::string_view header(std::string_view name) const noexcept;
  // The server's time when it answered (header Date), in seconds since 1970; nothing when it does
  // not say.
  [[nodiscard]] std::optional<std::int64_t> date() const;
  // Errors: throws Error{Transient} when the body is not JSON, quoting its first bytes; HTML (a
  // login page, a proxy's error page) is called by its name.
  // The value lives in `storage`.
  [[nodiscard]] json::value json(json::storage_ptr storage = {}) const;
};

// Either an answer (any status) or the error that kept it from coming.
struct HttpResult {
  std::optional<HttpResponse> response = {};
  std::optional<Error> error = {};
  bool unsent =
      false;  // with `error`: the request certainly never left, so that repeating it is safe
};

// Sends requests without any of the client's policy. Threads: [any thread].
class Transport {
 public:
  struct Exchange {
    std::string method = {};
    std::string url = {};
    Pairs headers = {};
    std::string body = {};
    std::uint64_t max_body_bytes = 0;
    std::chrono::milliseconds timeout{};
    bool idempotent = true;  // false: must not be sent again on a fresh connection when a reused
                             // one turns out dead
  };
  using Done = std::function<void(HttpResult)>;  // called exactly once, on any thread, also from
                                                 // within `start`

  virtual ~Transport() = default;
  // Begins an exchange and returns at once. On a stop request the exchange ends with
  // Error{Cancelled} within a second.
  virtual void start(Exchange exchange, std::stop_token stop, Done done) = 0;
};

// Time and chance as the client sees them; the testing kit replaces them. Threads: [any thread].
class HttpClock {
 public:
  virtual ~HttpClock() = default;
  [[nodiscard]] virtual std::chrono::steady_clock::time_point now() const;
  // Uniform in [0, 1).
  [[nodiscard]] virtual double random();
  // Nothing can happen before `until`. True: the clock has moved there, nobody has to wait.
  [[nodiscard]] virtual bool skip_to(std::chrono::steady_clock::time_point until);
};

// How the vendor is reached, for whoever runs the connector to choose: `Spec::network` declares the
// options of these names.
struct Network {
  std::string http_version = "2";  // "2" (when the server offers it) or "1.1"
  std::string proxy = {};    // empty: the environment's (https_proxy, no_proxy), none for loopback
  std::string ca_file = {};  // authorities to trust (PEM), the vendor's and the proxy's; empty: the
                             // system's. This is the way to a server with a private certificate.
  // http:// beyond the loopback interface: credentials travel in clear. Warns in every run's log.
  bool allow_plain_http = false;
  // IP addresses that are connected to although they are link-local, a cloud's metadata service,
  // unspecified or multicast.
  std::vector<std::string> allow_addresses = {};
};

// Errors: throws Error{Config} naming an option of another type.
[[nodiscard]] Network network_of(const Config& config);

struct HttpOptions {
  std::string base_url = {};  // "https://acme.example.com/api/v2", no trailing slash needed
  Auth auth = NoAuth{};
  Pairs headers = {};                 // sent with every request
  std::vector<RateClass> rates = {};  // the first is the default class; empty: unlimited
  // A request of another class takes room of the first one as well, at the moment it leaves.
  bool first_rate_counts_all = false;
  std::uint32_t max_in_flight = 8;  // requests at once, and connections
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds timeout{60'000};  // of one attempt
  std::uint64_t max_body_bytes = 64u << 20;
  std::uint32_t max_attempts = 4;             // for transient failures
  std::chrono::milliseconds retry_base{200};  // doubled with every attempt, with jitter
  std::chrono::milliseconds max_retry_after{
      120'000};  // a longer pause is given to the host as an error
  // How long a request is sent again that a limit refuses each time, because others spend the same
  // account's budget; such answers are no failed attempts. Then the host gets an error.
  std::chrono::milliseconds max_limited{600'000};
  // Is this answer a passing fault or a limit? Default: 429 with Retry-After, 500, 502, 503, 504,
  // 511. Return the pause to make before the next attempt, zero for the usual back-off, nothing
  // when the answer is final. A 5xx repeats only idempotent requests; any other status means that
  // the request was refused and repeats all.
  std::function<std::optional<std::chrono::milliseconds>(const HttpRequest&, const HttpResponse&)>
      retry_after = {};
  // Does this answer mean that a limit was broken (so that everybody pauses)? Default: status 429.
  std::function<bool(const HttpResponse&)> is_rate_limit = {};
  Network network = {};
  std::shared_ptr<Transport> transport = {};  // empty: libcurl
  std::shared_ptr<HttpClock> clock = {};      // empty: the machine's
};

// Threads: [any thread]; calls from several threads share the connections and the limit of requests
// in flight.
class HttpClient {
 public:
  // No network. Errors: throws Error{Config} for a base URL or an option that cannot work.
  explicit HttpClient(HttpOptions options);
  ~HttpClient();
  HttpClient(HttpClient&&) noexcept;
  HttpClient& operator=(HttpClient&&) noexcept;

  // Sends one request and waits. Any final status is an answer: the connector decides what a 404
  // means. An answer that `retry_after` calls passing is repeated and, if it stays or may not be
  // repeated, becomes an error. Errors that are left after the retries: Transient, RateLimited
  // (with retry_after_ms), Config (URL, TLS), Rejected (body beyond max_body_bytes), Cancelled.
  [[nodiscard]] HttpResponse send(Context& context, HttpRequest request);
  // Sends all, at most `max_in_flight` at a time, and waits for all. Results stand at the request's
  // index. Never throws for one request's failure; throws Error{Cancelled} when the host asks to
  // stop.
  [[nodiscard]] std::vector<HttpResult> send_all(Context& context,
                                                 std::vector<HttpRequest> requests);
  // GET that expects a JSON object and a 2xx. Errors besides `send`'s, by status: 3xx Config,
  // 401/403 Auth, 404 NotFound, 429 RateLimited, 5xx Transient, other Rejected; the message quotes
  // the vendor's.
  [[nodiscard]] json::object get(Context& context, std::string path, Pairs query = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The error that a non-2xx answer stands for, as `HttpClient::get` throws it. `what` names the
// operation.
[[nodiscard]] Error http_error(const HttpResponse& response, std::string_view what);

// Escapes everything but unreserved characters (RFC 3986).
[[nodiscard]] std::string percent_encode(std::string_view text);
// The same for one segment of a path, such as an id: nothing in it leads to another path, "." and
// ".." neither.
[[nodiscard]] std::string path_segment(std::string_view text);

// The text of a cursor's JSON scalar: strings as they are, null as empty, others as JSON.
[[nodiscard]] std::string text(const json::value& value);

}  // namespace sluice
