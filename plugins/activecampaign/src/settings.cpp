#include "settings.hpp"

#include "wire.hpp"

namespace activecampaign {

using sluice::Code;
using sluice::Error;

namespace {

constexpr std::string_view kApiPath = "/api/3";
constexpr std::string_view kWhereToFind =
    "use the API URL that ActiveCampaign shows under Settings > Developer, such as "
    "https://account.api-us1.com";

// Credentials that were pasted with it are not shown.
[[noreturn]] void refuse_url(const std::string& url, const char* why) {
  const auto at = url.rfind('@');
  throw Error{Code::Config, "url: \"" + (at == std::string::npos ? url : "…" + url.substr(at)) +
                                "\" is not " + why + "; " + std::string{kWhereToFind}};
}

}  // namespace

sluice::Spec connection_spec() {
  return sluice::Spec{"ActiveCampaign"}
      .string("url")
      .describe("API URL of the account, as shown under Settings > Developer")
      .required()
      .example("https://account.api-us1.com")
      .secret("api_key")
      .describe("API key of a user whose group may edit contacts, lists, tags and fields")
      .required()
      .integer("requests_per_second")
      .describe("Requests a second to the account; 0 switches all pacing off")
      .fallback(5)
      .minimum(0)
      .network();
}

std::string normalise_url(std::string_view url) {
  std::string text{trim(url)};
  if (text.empty() || text.find_first_of(" \t\r\n?#") != std::string::npos) {
    refuse_url(text, "an API URL");
  }
  if (text.find("://") == std::string::npos) text.insert(0, "https://");
  while (text.ends_with('/')) text.pop_back();
  if (!text.ends_with(kApiPath)) text += kApiPath;
  const auto scheme = fold(text.substr(0, text.find("://")));
  if ((scheme != "https" && scheme != "http") || account_host(text).empty()) {
    refuse_url(text, "an http(s) URL");
  }
  return text;
}

std::string account_host(std::string_view base_url) {
  const bool secure = base_url.starts_with("https:");
  auto rest = base_url.substr(std::min(base_url.find("://"), base_url.size() - 3) + 3);
  rest = rest.substr(0, rest.find('/'));
  if (const auto at = rest.rfind('@'); at != std::string_view::npos) rest.remove_prefix(at + 1);
  const std::string_view own_port = secure ? ":443" : ":80";
  if (rest.ends_with(own_port)) rest.remove_suffix(own_port.size());
  return fold(rest);
}

Settings read_settings(const sluice::Config& config) {
  Settings settings;
  settings.base_url = normalise_url(config.text("url"));
  settings.host = account_host(settings.base_url);
  settings.api_key = std::string{trim(config.secret("api_key"))};
  if (settings.api_key.empty()) {
    throw Error{Code::Config,
                "api_key is empty: copy the key that ActiveCampaign shows under "
                "Settings > Developer"};
  }
  const auto pace = config.integer("requests_per_second", 5);
  if (pace < 0 || pace > 10'000) {
    throw Error{Code::Config, "requests_per_second must be between 0 and 10000"};
  }
  settings.requests_per_second = static_cast<std::uint32_t>(pace);
  settings.network = sluice::network_of(config);
  return settings;
}

}  // namespace activecampaign
