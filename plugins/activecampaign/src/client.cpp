#include "client.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace activecampaign {

using sluice::Code;
using sluice::Error;
using sluice::HttpRequest;
using std::chrono::milliseconds;

namespace {

constexpr std::size_t kPage = 100;

std::vector<sluice::RateClass> rate_classes(const Settings& settings) {
  const bool paced = settings.requests_per_second > 0;
  const auto limit = [&](const char* name, std::uint32_t requests, milliseconds window) {
    return sluice::RateClass{settings.host, name, paced ? requests : 0, window};
  };
  return {limit("general", settings.requests_per_second, milliseconds{1'000}),
          limit(kBulkClass, 100, milliseconds{60'000}),
          limit(kBulkSingleClass, 20, milliseconds{60'000})};
}

sluice::HttpOptions http_options(const Settings& settings, Client::Patience patience) {
  const bool checking = patience == Client::Patience::Check;
  sluice::HttpOptions options;
  options.base_url = settings.base_url;
  options.auth = sluice::HeaderAuth{"Api-Token", settings.api_key};
  options.headers = {{"Accept", "application/json"}};
  options.rates = rate_classes(settings);
  // Whether imports count against the limit of all requests too is not documented: assume so.
  options.first_rate_counts_all = true;
  options.max_attempts = checking ? 2 : 5;
  if (checking) options.max_limited = std::chrono::seconds{30};
  options.network = settings.network;
  options.transport = settings.transport;
  options.clock = settings.clock;
  auto rule = std::make_shared<RetryRule>(checking ? 1 : 2);
  options.retry_after = [rule](const HttpRequest& request, const sluice::HttpResponse& response) {
    return rule->pause(request, response);
  };
  options.is_rate_limit = is_rate_limit;
  return options;
}

// A refusal of one thing, such as a contact beyond the plan's limit, rather than of the key: which
// status the vendor gives then is not documented.
bool explains_itself(const Answer& answer) {
  return (answer.status == 402 || answer.status == 403) && !answer.body.empty() &&
         fold(answer.message) != "forbidden";
}

std::size_t total_of(const json::object& body) {
  const auto text = scalar(member(body, "meta"), "total");
  std::size_t total = 0;
  std::from_chars(text.data(), text.data() + text.size(), total);
  return total;
}

}  // namespace

HttpRequest get_request(std::string path, std::string label, sluice::Pairs query) {
  HttpRequest request;
  request.path = std::move(path);
  request.label = "GET " + std::move(label);
  request.query = std::move(query);
  return request;
}

HttpRequest delete_request(std::string path, std::string label) {
  HttpRequest request;
  request.method = "DELETE";
  request.path = std::move(path);
  request.label = "DELETE " + std::move(label);
  return request;
}

HttpRequest write_request(std::string method, std::string path, std::string label,
                          const json::object& body, bool idempotent) {
  HttpRequest request;
  request.label = method + ' ' + std::move(label);
  request.method = std::move(method);
  request.path = std::move(path);
  request.body = sluice::to_json(body);
  request.idempotent = idempotent;
  return request;
}

Client::Client(const Settings& settings, Patience patience)
    : account_{settings.host},
      rates_{rate_classes(settings)},
      http_{http_options(settings, patience)} {}

std::vector<Answer> Client::ask(sluice::Context& context, std::vector<HttpRequest> requests) {
  if (requests.empty()) return {};
  auto results = http_.send_all(context, requests);
  std::vector<Answer> answers;
  answers.reserve(results.size());
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i].error && results[i].error->code() != Code::Transient &&
        results[i].error->code() != Code::RateLimited &&
        results[i].error->code() != Code::Rejected) {
      throw *results[i].error;
    }
    // The address is wrong, whatever was asked for: no record is to blame.
    if (const auto& response = results[i].response;
        response && response->status >= 300 && response->status < 400) {
      throw sluice::http_error(*response, requests[i].label);
    }
    answers.push_back(understand(requests[i], std::move(results[i])));
  }
  return answers;
}

Answer Client::send(sluice::Context& context, HttpRequest request) {
  std::vector<HttpRequest> requests;
  requests.push_back(std::move(request));
  return std::move(ask(context, std::move(requests)).front());
}

std::vector<Answer> Client::send_all(sluice::Context& context, std::vector<HttpRequest> requests) {
  std::vector<std::string> labels;
  labels.reserve(requests.size());
  for (const auto& request : requests) labels.push_back(request.label);
  auto answers = ask(context, std::move(requests));
  std::optional<bool> key_is_good;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (answers[i].kind != Answer::Kind::Denied) continue;
    if (!explains_itself(answers[i])) throw answers[i].error(labels[i]);
    if (!key_is_good) {
      key_is_good = send(context, get_request("/users/me", "/users/me")).ok();
    }
    if (!*key_is_good) throw answers[i].error(labels[i]);
    answers[i].kind = Answer::Kind::Refused;
  }
  return answers;
}

json::object Client::get(sluice::Context& context, std::string path, sluice::Pairs query) {
  auto label = path;
  auto answer = send(context, get_request(std::move(path), label, std::move(query)));
  if (!answer.ok()) throw answer.error("GET " + label);
  return std::move(answer.body);
}

std::vector<json::object> Client::get_pages(sluice::Context& context, const std::string& path,
                                            std::string_view list) {
  std::vector<json::object> pages;
  std::size_t received = 0;
  for (;;) {
    auto page = get(context, path,
                    {{"limit", std::to_string(kPage)}, {"offset", std::to_string(received)}});
    if (!has_array(page, list)) {
      throw Error{Code::Transient,
                  "GET " + path + ": the answer has no \"" + std::string{list} + "\""};
    }
    const auto rows = items(page, list).size();
    const auto total = total_of(page);
    received += rows;
    pages.push_back(std::move(page));
    // A short page ends the walk, unless the account serves smaller pages than asked for.
    if (rows == 0 || (rows < kPage && received >= total)) return pages;
  }
}

}  // namespace activecampaign
