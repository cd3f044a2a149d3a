#include "sandbox.hpp"

#include <fstream>
#include <iterator>

#include "api_error.hpp"
#include "form.hpp"
#include "sluice/error.hpp"
#include "writes.hpp"

namespace chargebee_sandbox {
namespace {

using sluice::testing::SandboxHooks;
using sluice::testing::SandboxOptions;

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kReplayMs = 30 * kMinuteMs;
constexpr const char* kBase = "/api/v2";
// Lists that the site answers, always empty: readers of whole sites ask for them.
constexpr const char* kEmptyLists[] = {"hosted_pages",
                                       "transactions",
                                       "credit_notes",
                                       "orders",
                                       "payment_sources",
                                       "quotes",
                                       "comments",
                                       "site_migration_details",
                                       "promotional_credits",
                                       "virtual_bank_accounts"};

json::object read_seed_file(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file) throw sluice::Error{sluice::Code::Config, "cannot read the seed file " + path};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  json::value value = sluice::parse_json(text);
  if (!value.is_object())
    throw sluice::Error{sluice::Code::Config, path + " must hold a JSON object"};
  return std::move(value.get_object());
}

SandboxOptions server_options(const Settings& settings) {
  SandboxOptions options;
  options.port = settings.port;
  return options;
}

}  // namespace

Sandbox::Sandbox(const Settings& settings, sluice::testing::SandboxClock& clock)
    : settings_{settings},
      clock_{clock},
      window_{settings.rate_limit, kMinuteMs},
      server_{clock, server_options(settings)} {
  build(settings);
  add_routes();
  add_write_routes();
  add_hooks();
}

Sandbox::~Sandbox() {
  server_.stop();
}

void Sandbox::build(const Settings& settings) {
  settings_ = settings;
  mutator_.reset();
  store_ = std::make_unique<Store>(settings_, clock_);
  mutator_ = std::make_unique<Mutator>(*store_);
  if (!settings_.seed_file.empty()) mutator_->load_seed(read_seed_file(settings_.seed_file));
  replays_.clear();
}

void Sandbox::route(const std::string& method, const std::string& path, Handler handler) {
  server_.route(
      method, kBase + path, [this, handler = std::move(handler)](const SandboxRequest& request) {
        const std::lock_guard lock{mutex_};
        try {
          store_->settle();
          return request.method == "POST" ? write_once(request, handler) : handler(request);
        } catch (const ApiError& error) {
          return error.response();
        }
      });
}

// A POST with an idempotency key is carried out once; repeating it gives the first answer.
SandboxResponse Sandbox::write_once(const SandboxRequest& request, const Handler& handler) {
  const std::string key{request.header("chargebee-idempotency-key")};
  if (key.empty()) return handler(request);
  const std::int64_t now = clock_.now_ms();
  const std::string content = request.path + '\n' + request.body;
  const auto found = replays_.find(key);
  if (found != replays_.end() && now - found->second.at_ms < kReplayMs) {
    if (found->second.request != content) {
      throw ApiError{422, "invalid_request", "unable_to_process_request",
                     "The idempotency key was used with another request"};
    }
    SandboxResponse replay = found->second.response;
    replay.headers.emplace_back("chargebee-idempotency-replayed", "true");
    return replay;
  }
  SandboxResponse response = handler(request);
  replays_[key] = {content, response, now};
  return response;
}

void Sandbox::add_routes() {
  const auto customer = [this](const SandboxRequest& r, std::string_view kind) {
    return list_of_customer(*store_, *find_kind(kind), r.param("id"), r);
  };
  route("GET", "/configurations",
        [this](const SandboxRequest&) { return list_configurations(*store_); });
  route("GET", "/custom_field_configs",
        [this](const SandboxRequest& r) { return list_custom_field_configs(*store_, r); });
  for (const char* name : kEmptyLists) {
    route("GET", std::string{"/"} + name, [](const SandboxRequest&) {
      return SandboxResponse::json(200, json::object{{"list", json::array{}}});
    });
  }
  route("GET", "/customers/{id+}/contacts",
        [this](const SandboxRequest& r) { return list_contacts(*store_, r.param("id"), r); });
  route("GET", "/customers/{id+}/subscriptions",
        [customer](const SandboxRequest& r) { return customer(r, "subscription"); });
  route("GET", "/customers/{id+}/invoices",
        [customer](const SandboxRequest& r) { return customer(r, "invoice"); });
  route(
      "GET", "/subscriptions/{id+}/retrieve_with_scheduled_changes",
      [this](const SandboxRequest& r) {
        static_cast<void>(store_->get(*find_kind("subscription"), r.param("id")));
        return ApiError::invalid_state("No changes are scheduled for the subscription").response();
      });
  for (const ResourceKind& kind : resource_kinds()) {
    const std::string path = std::string{"/"}.append(kind.plural);
    route("GET", path,
          [this, &kind](const SandboxRequest& r) { return list_rows(*store_, kind, r); });
    route("GET", path + "/{id+}", [this, &kind](const SandboxRequest& r) {
      return retrieve_row(*store_, kind, r.param("id"));
    });
  }
}

void Sandbox::add_write_routes() {
  using Write =
      std::function<SandboxResponse(Store&, const std::string& id, const json::object& form)>;
  // `catalog` 0: on both catalogues.
  const auto add = [this](const char* path, int catalog, Write write) {
    route("POST", path, [this, catalog, write = std::move(write)](const SandboxRequest& request) {
      require_catalog(*store_, catalog);
      const auto id = request.params.find("id");
      return write(*store_, id == request.params.end() ? "" : id->second,
                   read_form(request.form()));
    });
  };
  using Id = const std::string&;
  using Form = const json::object&;
  add("/customers", 0, [](Store& s, Id, Form f) { return create_customer(s, f); });
  add("/customers/{id+}/update_billing_info", 0, update_customer);
  add("/customers/{id+}/delete", 0, [](Store& s, Id id, Form) { return delete_customer(s, id); });
  add("/customers/{id+}/clear_personal_data", 0,
      [](Store& s, Id id, Form) { return clear_personal_data(s, id); });
  add("/customers/{id+}/add_contact", 0, chargebee_sandbox::add_contact);
  add("/customers/{id+}/subscription_for_items", 2, create_subscription);
  add("/customers/{id+}/subscriptions", 1, create_subscription);
  add("/customers/{id+}", 0, update_customer);
  add("/subscriptions/{id+}/cancel", 1, cancel_subscription);
  add("/subscriptions/{id+}/cancel_for_items", 2, cancel_subscription);
  add("/subscriptions/{id+}/reactivate", 0,
      [](Store& s, Id id, Form) { return reactivate_subscription(s, id); });
  add("/subscriptions/{id+}/delete", 0,
      [](Store& s, Id id, Form) { return delete_subscription(s, id); });
  add("/subscriptions/{id+}/update_for_items", 2, update_subscription);
  add("/subscriptions/{id+}", 1, update_subscription);
  add("/gifts", 1, [](Store& s, Id, Form f) { return create_gift(s, f); });
  add("/gifts/create_for_items", 2, [](Store& s, Id, Form f) { return create_gift(s, f); });
  add("/gifts/{id}/claim", 0, [](Store& s, Id id, Form) { return claim_gift(s, id); });
  add("/gifts/{id}/cancel", 0, [](Store& s, Id id, Form) { return cancel_gift(s, id); });
  server_.fallback([](const SandboxRequest& request) {
    return ApiError{404, "invalid_request", "resource_not_found",
                    "Sorry, we couldn't find that resource: " + request.path}
        .response();
  });
  server_.wrong_method([](const SandboxRequest& request) {
    return ApiError{405, "invalid_request", "http_method_not_supported",
                    "Sorry, " + request.method + " is not supported for " + request.path}
        .response();
  });
}

void Sandbox::add_hooks() {
  SandboxHooks hooks;
  hooks.dump = [this] {
    const std::lock_guard lock{mutex_};
    return store_->dump();
  };
  hooks.mutate = [this](const json::object& body) -> json::value {
    const std::lock_guard lock{mutex_};
    try {
      return mutator_->run(body);
    } catch (const ApiError& error) {
      throw sluice::Error{sluice::Code::Rejected, error.what()};
    }
  };
  hooks.reset = [this](const json::object& body) {
    const std::lock_guard lock{mutex_};
    Settings settings = settings_;
    change_settings(settings, body);
    window_.clear();
    build(settings);
  };
  hooks.gate = [this](const SandboxRequest& request) { return gate(request); };
  hooks.fault = [this](const json::object& spec, const SandboxRequest&) {
    std::optional<SandboxResponse> answer;
    if (spec.at("kind") == "rate_limit") {
      const json::value* seconds = spec.if_contains("retry_after");
      answer =
          rate_limit_answer((seconds != nullptr ? seconds->to_number<std::int64_t>() : 1) * 1000);
    }
    return answer;
  };
  hooks.finish = [this](const SandboxRequest&, SandboxResponse& response) {
    if (response.content_type == "application/json")
      response.content_type = "application/json;charset=utf-8";
    response.headers.emplace_back("Date", sluice::testing::http_date(clock_.now_ms()));
  };
  server_.hooks(std::move(hooks));
}

}  // namespace chargebee_sandbox
