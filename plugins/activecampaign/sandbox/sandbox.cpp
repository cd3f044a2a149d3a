#include "sandbox.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>

#include "account/hash.hpp"
#include "api/errors.hpp"
#include "api/handlers.hpp"
#include "control/dump.hpp"
#include "control/mutate.hpp"

namespace activecampaign_sandbox {

namespace {

using sluice::testing::FixedWindow;
using sluice::testing::SandboxClock;
using sluice::testing::SandboxHooks;
using sluice::testing::SandboxServer;

constexpr std::int64_t kRequestsPerSecond = 5;
constexpr std::int64_t kImportsPerMinute = 100;
constexpr std::int64_t kSingleImportsPerMinute = 20;

// Everything that a reset renews.
struct State final : BulkRates {
  explicit State(const SandboxConfig& config) : account{config.switches} {
    account.contact_limit = config.contact_limit;
  }
  virtual ~State() = default;

  bool allows(std::size_t rows, std::int64_t now_ms) override {
    if (!account.switches.rate_limit) return true;
    return (rows == 1 ? single_imports : imports).acquire(now_ms) == 0;
  }

  Account account;
  BulkImporter importer;
  ContactSearch search;
  FixedWindow requests{kRequestsPerSecond, 1000};
  FixedWindow imports{kImportsPerMinute, 60'000};
  FixedWindow single_imports{kSingleImportsPerMinute, 60'000};
};

constexpr std::string_view kLoginPage =
    "<!DOCTYPE html>\n<html><head><title>Login</title></head><body><form "
    "action=\"/admin/main.php\">"
    "</form></body></html>\n";

SandboxResponse refused_token(BadToken how) {
  switch (how) {
    case BadToken::Html200:
      return SandboxResponse::text(200, "text/html", std::string{kLoginPage});
    case BadToken::Json403:
      return reply(403, json::object{{"message", "Forbidden"}});
    case BadToken::Empty403:
      break;
  }
  return SandboxResponse::text(403, "", "");
}

SandboxResponse too_many_requests(RateBody body) {
  SandboxResponse response = SandboxResponse::text(429, "text/plain", "");
  if (body == RateBody::Html) {
    response = SandboxResponse::text(
        429, "text/html", "<html><head><title>429 Too Many Requests</title></head></html>\n");
  } else if (body == RateBody::Json) {
    response = reply(429, json::object{{"message", "Too Many Requests"}});
  }
  response.rate_limited = true;
  return response;
}

SandboxResponse cloudflare_502(std::string_view host) {
  return reply(502, json::object{{"type", "https://developers.cloudflare.com/errors/502"},
                                 {"title", "Error 502: Bad gateway"},
                                 {"status", 502},
                                 {"detail", "The origin web server returned an invalid response."},
                                 {"instance", host},
                                 {"error_code", 502},
                                 {"error_name", "origin_bad_gateway"},
                                 {"error_category", "origin"},
                                 {"ray_id", hash_text(host).substr(0, 16)},
                                 {"zone", host},
                                 {"cloudflare_error", true},
                                 {"retryable", true},
                                 {"retry_after", 60},
                                 {"owner_action_required", false}});
}

}  // namespace

struct Sandbox::Impl {
  Impl(SandboxClock& shared_clock, SandboxConfig wanted)
      : clock{shared_clock}, config{std::move(wanted)} {
    renew();
  }

  void renew() {
    state = std::make_unique<State>(config);
    state->account.set_now_ms(clock.now_ms());
    seed_account(state->account, config.seed);
  }

  // The account as it is at this moment. Called with the mutex held.
  State& present() {
    state->account.set_now_ms(clock.now_ms());
    state->importer.advance(state->account);
    return *state;
  }

  std::optional<SandboxResponse> gate(const SandboxRequest& request);
  SandboxResponse rate_limited(State& now);
  SandboxResponse handle(const Route& route, const SandboxRequest& request);
  std::optional<SandboxResponse> fault(const json::object& spec, const SandboxRequest& request);
  void finish(SandboxResponse& response);

  SandboxClock& clock;
  SandboxConfig config;
  std::mutex mutex;
  std::unique_ptr<State> state;
  std::atomic<std::uint64_t> answers{0};
};

std::optional<SandboxResponse> Sandbox::Impl::gate(const SandboxRequest& request) {
  const std::lock_guard lock{mutex};
  State& now = present();
  const Switches& switches = now.account.switches;
  if (request.header("Api-Token") != switches.api_key) return refused_token(switches.bad_token);
  const bool is_refused = now.requests.acquire(now.account.now_ms()) != 0;
  if (is_refused && switches.rate_limit) return rate_limited(now);
  return std::nullopt;
}

SandboxResponse Sandbox::Impl::rate_limited(State& now) {
  SandboxResponse response = too_many_requests(now.account.switches.rate_body);
  if (now.account.switches.retry_after) {
    // Clients wait in real time, however fast the account's clock runs.
    const std::int64_t real_ms = clock.to_real_ms(now.requests.reset_in_ms(now.account.now_ms()));
    response.headers.emplace_back(
        "Retry-After", std::to_string(std::max<std::int64_t>(1, (real_ms + 999) / 1000)));
  }
  return response;
}

SandboxResponse Sandbox::Impl::handle(const Route& route, const SandboxRequest& request) {
  const std::lock_guard lock{mutex};
  State& now = present();
  try {
    return route.handle(Call{request, now.account, now.importer, now.search, now});
  } catch (const ApiError& refused) {
    return refused.response();
  }
}

std::optional<SandboxResponse> Sandbox::Impl::fault(const json::object& spec,
                                                    const SandboxRequest& request) {
  const std::string kind = text_in(spec, "kind").value_or("");
  const std::lock_guard lock{mutex};
  State& now = present();
  if (kind == "rate_limit") {
    SandboxResponse response = rate_limited(now);
    if (const auto seconds = text_in(spec, "retry_after")) {
      std::erase_if(response.headers, [](const auto& pair) { return pair.first == "Retry-After"; });
      response.headers.emplace_back("Retry-After", *seconds);
    }
    return response;
  }
  if (kind == "bad_token") return refused_token(now.account.switches.bad_token);
  if (kind == "cloudflare502") return cloudflare_502(request.header("Host"));
  if (kind == "payment402") return reply(402, json::object{{"message", "Payment Required"}});
  return std::nullopt;
}

void Sandbox::Impl::finish(SandboxResponse& response) {
  const std::uint64_t number = ++answers;
  const std::string id = hash_text(fmt::format("answer {}", number));
  response.headers.emplace_back("Cache-Control", "no-store, no-cache, must-revalidate");
  response.headers.emplace_back("X-Request-Id", id);
  response.headers.emplace_back("Set-Cookie", "PHPSESSID=" + id + "; path=/; HttpOnly");
  const std::lock_guard lock{mutex};
  if (!state->account.switches.rate_headers) return;
  response.headers.emplace_back("RateLimit-Limit", std::to_string(kRequestsPerSecond));
  response.headers.emplace_back("RateLimit-Remaining",
                                std::to_string(state->requests.remaining(clock.now_ms())));
}

Sandbox::Sandbox(SandboxClock& clock, SandboxConfig config)
    : impl_{std::make_unique<Impl>(clock, std::move(config))} {}

Sandbox::~Sandbox() = default;

void Sandbox::install(SandboxServer& server) {
  Impl& impl = *impl_;
  for (const auto& routes : {user_routes(), contact_routes(), contact_row_routes(), list_routes(),
                             field_routes(), tag_routes(), import_routes(), company_routes()}) {
    for (const Route& route : routes) {
      server.route(
          std::string{route.method}, "/api/3" + std::string{route.pattern},
          [&impl, &route](const SandboxRequest& request) { return impl.handle(route, request); });
    }
  }
  const auto nothing_here = [](const SandboxRequest&) {
    return reply(404, json::object{{"message", "No Result found"}});
  };
  server.fallback(nothing_here);
  server.wrong_method(nothing_here);
  SandboxHooks hooks;
  hooks.dump = [&impl] {
    const std::lock_guard lock{impl.mutex};
    const State& now = impl.present();
    return dump(now.account, now.importer);
  };
  hooks.stats = [&impl] {
    const std::lock_guard lock{impl.mutex};
    const State& now = impl.present();
    return json::object{{"contacts", now.account.contacts.live()},
                        {"batches", now.importer.batches().size()}};
  };
  hooks.mutate = [&impl](const json::object& body) {
    const std::lock_guard lock{impl.mutex};
    State& now = impl.present();
    return mutate(now.account, now.importer, body);
  };
  hooks.reset = [&impl](const json::object&) {
    const std::lock_guard lock{impl.mutex};
    impl.renew();
  };
  hooks.gate = [&impl](const SandboxRequest& request) { return impl.gate(request); };
  hooks.fault = [&impl](const json::object& spec, const SandboxRequest& request) {
    return impl.fault(spec, request);
  };
  hooks.finish = [&impl](const SandboxRequest&, SandboxResponse& response) {
    impl.finish(response);
  };
  server.hooks(std::move(hooks));
}

}  // namespace activecampaign_sandbox
