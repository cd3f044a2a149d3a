// The sandbox toolkit: an HTTP server on the loopback interface that plays a vendor.
//
// A sandbox registers routes and a few hooks; the toolkit adds what all sandboxes have in common:
// many connections, gzip, faults on demand, statistics, and the control endpoints below. It can run
// inside a test (start, url, stop) or as a program (run_sandbox).
//
// Control endpoints, JSON in and out; faults, gate and finish never apply to them:
//
//   GET    /_sandbox/dump     whatever the dump hook returns: the whole state
//   GET    /_sandbox/stats    {"total", "requests": {"GET /a/{id}": {"200": n, "0": n}},
//                             "rate_limited", "faults_fired", "max_concurrent", "faults": […],
//                             "mutations": […]} + the stats hook's members. Status "0" counts
//                             connections that were reset instead of answered.
//   POST   /_sandbox/fault    adds a fault, answers {"id": n}; several may be active at once
//   GET    /_sandbox/fault    {"faults": [{"id", "matched", "fired", "spec"}]}
//   DELETE /_sandbox/fault    removes all of them, or the one named by ?id=
//   POST   /_sandbox/mutate   hands the body to the mutate hook and answers its result. With a
//                             member "after": {"route": "GET /x", "count": 3}, it runs once the
//                             third request on that route from now on has been handled, before
//                             that request is answered; the answer is {"scheduled": id} and the
//                             result shows in the stats
//   DELETE /_sandbox/mutate   forgets the scheduled mutations that have not run
//   POST   /_sandbox/reset    removes faults, scheduled mutations and counters and calls the reset
//                             hook with the body
//   POST   /_sandbox/clock    {"advance_ms": n} or {"set_ms": n}; GET answers {"now_ms": n}
//
// A fault:
//
//   {"route": "GET /api/v2/customers",   // prefix of, or regular expression anchored at the start
//                                        // of, METHOD + space + path
//    "query": "offset=",                 // optional: must occur in the raw query
//    "request_contains": "text",         // optional: must occur in the request's body
//    "kind": "status", "status": 503,    // see below
//    "body": …, "headers": {"X": "y"}, "content_type": "…",
//    "delay_ms": 100,                    // also waits, with any kind
//    "skip": 2, "times": 1, "every": 3,  // let 2 pass, fire once at most, only on every third of
//                                        // the matching requests
//    "probability": 0.1, "seed": 7}
//
//   - status: answers `status` (default 503) instead of the sandbox; `body` is text, or JSON that
//     is sent as such
//   - body: the same with status 200, a wrong body; with "blanks": n, so many spaces instead
//   - after_status: the request is handled, the state changes, then `status` and `body` are
//     answered
//   - truncate: the sandbox's own answer, cut in the middle of the body or after "bytes" bytes;
//     then the connection closes
//   - reset_before: the connection is reset before the request is handled
//   - reset_after: the request is handled, the answer lost by a connection reset
//   - delay: the sandbox's own answer, late
//   - hold: the sandbox's own answer, kept back until the fault is removed; the request has been
//     handled and counted by then
//   - html200: 200 with a login page in HTML; html504, html502: a gateway's error page
//   - json502: 502 with a JSON body that is no answer of the vendor
//   - empty403: 403 with an empty body; empty200: 200 with an empty body
//   - rate_limit: the vendor's own rate-limit answer (fault hook), else a plain 429 with
//     Retry-After: "retry_after" (1)
//   - anything else goes to the fault hook; a kind that it does not know is refused when the fault
//     is added
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "sluice/json.hpp"
#include "sluice/testing/sandbox_clock.hpp"
#include "sluice/testing/sandbox_message.hpp"

namespace sluice::testing {

// Handlers and hooks are called from many threads at once; a sandbox guards its own state.
// What they throw becomes a 500 with the message as text.
using SandboxHandler = std::function<SandboxResponse(const SandboxRequest&)>;

// The vendor's part of the control endpoints and of every answer. All are optional.
struct SandboxHooks {
  // The whole state as one JSON text (text, because states of many megabytes are written rather
  // than built).
  std::function<std::string()> dump;
  // Members to add to the stats.
  std::function<json::object()> stats;
  // Carries out a mutation. Errors: throw Error; the control endpoint answers 400 with its message.
  std::function<json::value(const json::object&)> mutate;
  // Back to the state at the start.
  std::function<void(const json::object&)> reset;
  // Looks at every vendor request before its route's handler (credentials, rate limit); an answer
  // ends the request.
  std::function<std::optional<SandboxResponse>(const SandboxRequest&)> gate;
  // The answer of a fault kind that the toolkit does not know, and of `rate_limit`; nothing =
  // unknown kind. Called with an empty request when the fault is added, to learn whether the kind
  // is known.
  std::function<std::optional<SandboxResponse>(const json::object& fault, const SandboxRequest&)>
      fault;
  // Sees every vendor answer last, faults included: headers that the vendor always sends.
  std::function<void(const SandboxRequest&, SandboxResponse&)> finish;
};

struct SandboxOptions {
  int port = 0;                   // 0: any free port
  std::size_t connections = 128;  // served at the same time; more wait until one closes
  int idle_seconds = 300;         // an idle connection is closed after this
  std::size_t gzip_from =
      1024;  // bodies at least so long are compressed for clients that accept gzip
};

class SandboxServer {
 public:
  // The clock is shared with the sandbox, which reads it too; it must outlive the server.
  explicit SandboxServer(SandboxClock& clock, SandboxOptions options = {});
  ~SandboxServer();  // stops
  SandboxServer(const SandboxServer&) = delete;
  SandboxServer& operator=(const SandboxServer&) = delete;

  // Registers a handler for a method and a path pattern. `{name}` stands for one segment and
  // `{name+}` for one or more (ids that contain a raw slash); both arrive decoded. Routes are tried
  // in the order of registration, a trailing slash is ignored, HEAD falls back to GET. Must be
  // called before start().
  void route(const std::string& method, const std::string& pattern, SandboxHandler handler);
  // For paths that no route matches (default: a plain 404) and for those that match with another
  // method only (default: a plain 405). Must be called before start().
  void fallback(SandboxHandler handler);
  void wrong_method(SandboxHandler handler);
  void hooks(SandboxHooks hooks);

  // Binds 127.0.0.1 and serves on threads of its own; returns once connections are accepted.
  // Errors: throws Error{Transient} when the port is taken.
  void start();
  // Ends every connection and returns when no handler runs any more. May be called twice.
  void stop();
  // `http://127.0.0.1:PORT`, valid after start().
  [[nodiscard]] std::string url() const;
  [[nodiscard]] int port() const;
  // Vendor requests that are being handled or whose answers are still being sent, the caller's own
  // included.
  [[nodiscard]] int in_flight() const;

  // What a request would be answered, without a connection: the whole path of routing, faults,
  // hooks and statistics. For unit tests of a sandbox. `target` is the path with its query.
  [[nodiscard]] SandboxResponse call(const std::string& method, const std::string& target,
                                     SandboxPairs headers = {}, std::string body = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Serves until SIGTERM or SIGINT: starts the server, prints its URL on one line of stdout once it
// accepts, and returns 0 after it has stopped; 1 with a message on stderr when it cannot start. To
// be called from main before any other thread exists (it blocks the two signals for the whole
// process).
[[nodiscard]] int run_sandbox(SandboxServer& server);

// The date in HTTP's form, such as `Sun, 06 Nov 1994 08:49:37 GMT`.
[[nodiscard]] std::string http_date(std::int64_t unix_ms);

}  // namespace sluice::testing
