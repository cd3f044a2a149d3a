#include "settings.hpp"

#include <algorithm>
#include <cctype>

#include "fields.hpp"

namespace chargebee {

using sluice::Code;
using sluice::Error;

namespace {

constexpr std::string_view kApiPath = "/api/v2";
constexpr std::string_view kDomain = ".chargebee.com";

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return std::string{text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1)};
}

std::string without_scheme(std::string text) {
  if (const auto scheme = text.find("://"); scheme != std::string::npos) text.erase(0, scheme + 3);
  return text;
}

std::string base_url(std::string_view given) {
  std::string url = trimmed(given);
  if (url.find("://") == std::string::npos) {
    throw Error{Code::Config,
                "base_url must begin with https:// (or http:// for a sandbox on this machine)"};
  }
  while (url.ends_with('/')) url.pop_back();
  if (!url.ends_with(kApiPath)) url += kApiPath;
  return url;
}

// Breach of the limit is answered 429, usually with Retry-After; the window is a minute.
std::optional<std::chrono::milliseconds> pause_of(const sluice::HttpRequest& /*request*/,
                                                  const sluice::HttpResponse& response) {
  constexpr std::chrono::seconds kUnknownPause{5};
  const bool limit = response.status == 429;
  if (!limit && response.status < 500) return std::nullopt;
  const auto seconds = std::string{response.header("retry-after")};
  if (!seconds.empty() && std::all_of(seconds.begin(), seconds.end(),
                                      [](unsigned char c) { return std::isdigit(c) != 0; })) {
    return std::chrono::seconds{std::stoi(seconds.substr(0, 6))};
  }
  if (limit) return kUnknownPause;
  return std::chrono::milliseconds{0};
}

// `lock_timeout` is answered 429 too, but concerns one resource and nobody else.
bool breaks_limit(const sluice::HttpResponse& response) {
  return response.status == 429 && response.body.find("lock_timeout") == std::string::npos;
}

}  // namespace

sluice::Spec connector_spec() {
  return sluice::Spec{"Chargebee"}
      .string("site")
      .describe("Name of the Chargebee site: the part before .chargebee.com; a pasted URL will do")
      .example("acme-test")
      .secret("api_key")
      .describe("API key of the site; a read-only key is enough")
      .required()
      .string("base_url")
      .describe("Address to use instead of https://SITE.chargebee.com, such as a sandbox's")
      .example("http://127.0.0.1:8080")
      .integer("requests_per_minute")
      .describe("The site's request limit, shared by everything on this machine; 0: unlimited")
      .fallback(150)
      .minimum(0)
      .integer("visibility_lag_seconds")
      .describe("How far an incremental run looks back, because lists show changes late")
      .fallback(300)
      .minimum(0)
      .network();
}

std::string site_name(std::string_view pasted) {
  std::string site = without_scheme(trimmed(pasted));
  site.erase(std::min(site.find_first_of("/?#"), site.size()));
  std::transform(site.begin(), site.end(), site.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (site.ends_with(kDomain)) site.erase(site.size() - kDomain.size());
  const bool plain = std::all_of(site.begin(), site.end(),
                                 [](unsigned char c) { return std::isalnum(c) != 0 || c == '-'; });
  if (site.empty() || !plain) {
    throw Error{Code::Config,
                "site: \"" + std::string{pasted} +
                    "\" is not the name of a Chargebee site; give the part before .chargebee.com, "
                    "such as acme or acme-test"};
  }
  return site;
}

Settings read_settings(const sluice::Config& config) {
  Settings settings;
  const std::string site = config.text("site", "");
  const std::string address = config.text("base_url", "");
  if (!site.empty()) settings.site = site_name(site);
  if (address.empty() && site.empty()) {
    throw Error{Code::Config,
                "site is missing: the part before .chargebee.com of the address at "
                "which you log in"};
  }
  settings.base_url =
      base_url(address.empty() ? "https://" + settings.site + std::string{kDomain} : address);
  settings.authority = without_scheme(settings.base_url);
  settings.authority.erase(std::min(settings.authority.find('/'), settings.authority.size()));
  settings.api_key = trimmed(config.secret("api_key"));
  if (settings.api_key.empty()) throw Error{Code::Config, "api_key is empty"};
  settings.requests_per_minute = static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(config.integer("requests_per_minute", 150), 0, 1'000'000));
  settings.visibility_lag = std::chrono::seconds{
      std::max<std::int64_t>(config.integer("visibility_lag_seconds", 300), 0)};
  settings.network = sluice::network_of(config);
  return settings;
}

sluice::HttpOptions http_options(const Settings& settings) {
  sluice::HttpOptions options;
  options.base_url = settings.base_url;
  options.auth = sluice::BasicAuth{settings.api_key};
  options.rates = {{.account = settings.authority,
                    .name = "general",
                    .requests = settings.requests_per_minute,
                    .window = std::chrono::minutes{1}}};
  options.max_in_flight = 3;
  options.max_attempts = 6;
  options.retry_after = pause_of;
  options.is_rate_limit = breaks_limit;
  options.network = settings.network;
  return options;
}

}  // namespace chargebee
