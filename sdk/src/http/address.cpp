#include "address.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <cctype>
#include <memory>

namespace sluice {

std::string percent_encode(std::string_view text) {
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
    if (letter || (byte >= '0' && byte <= '9') || c == '-' || c == '.' || c == '_' || c == '~') {
      out += c;
    } else {
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  return out;
}

std::string path_segment(std::string_view text) {
  if (text == ".") return "%2E";
  if (text == "..") return "%2E%2E";
  return percent_encode(text);
}

namespace http {
namespace {

using Url = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

std::string part(const Url& url, CURLUPart which) {
  char* raw = nullptr;
  if (curl_url_get(url.get(), which, &raw, 0) != CURLUE_OK) return {};
  const std::unique_ptr<char, decltype(&curl_free)> text{raw, &curl_free};
  return text.get();
}

Url parse(const std::string& text) {
  Url url{curl_url(), &curl_url_cleanup};
  if (!url || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) url.reset();
  return url;
}

bool names_this_machine(std::string host) {
  std::transform(host.begin(), host.end(), host.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto ip = parse_ip(host);
  return ip ? is_loopback(*ip) : host == "localhost";
}

// What shows before names are resolved; the rule judges the rest at each connection.
void check_allowed(const Address& address, const std::string& host, const Network& network) {
  const auto ip = parse_ip(host);
  if (const auto why = ip ? address.rule.refusal(*ip) : std::nullopt) {
    throw Error{Code::Config, "refusing to connect to " + host + ": " + *why};
  }
  if (address.https || network.allow_plain_http) return;
  if (!address.loopback || !network.proxy.empty()) {
    throw Error{Code::Config,
                "refusing plain http to " + host + (address.loopback ? " through a proxy" : "") +
                    ", which would send the credentials in clear: use https://, or write "
                    "allow_plain_http: true if they may be read on the way"};
  }
}

}  // namespace

Address parse_address(const std::string& base_url, const Network& network) {
  if (base_url.empty()) throw Error{Code::Config, "the base URL is empty"};
  const Url url = parse(base_url);
  const std::string scheme = url ? part(url, CURLUPART_SCHEME) : "";
  const std::string host = url ? part(url, CURLUPART_HOST) : "";
  if ((scheme != "http" && scheme != "https") || host.empty()) {
    throw Error{Code::Config, "the base URL must look like https://host/path; this one does not"};
  }
  if (!part(url, CURLUPART_USER).empty() || !part(url, CURLUPART_PASSWORD).empty()) {
    throw Error{Code::Config, "the base URL of " + host +
                                  " contains credentials: give them as options, not in the URL"};
  }
  if (!part(url, CURLUPART_QUERY).empty() || !part(url, CURLUPART_FRAGMENT).empty()) {
    throw Error{Code::Config, "the base URL of " + host + " must have no '?' or '#' part"};
  }
  const bool https = scheme == "https";
  Address address{base_url, https, names_this_machine(host),
                  AddressRule{!https && !network.allow_plain_http, network.allow_addresses}};
  while (address.base.ends_with('/')) address.base.pop_back();
  check_allowed(address, host, network);
  return address;
}

std::string request_url(const Address& address, const HttpRequest& request) {
  std::string url = address.base;
  if (!request.path.empty() && !request.path.starts_with('/')) url += '/';
  url += request.path;
  char separator = request.path.find('?') == std::string::npos ? '?' : '&';
  for (const auto& [name, value] : request.query) {
    url += separator;
    url += percent_encode(name);
    url += '=';
    url += percent_encode(value);
    separator = '&';
  }
  return url;
}

std::string shown_url(const std::string& text) {
  const Url url = parse(text);
  if (!url) return "another address";
  std::string shown = part(url, CURLUPART_SCHEME) + "://" + part(url, CURLUPART_HOST);
  if (const auto port = part(url, CURLUPART_PORT); !port.empty()) shown += ":" + port;
  return shown + part(url, CURLUPART_PATH);
}

}  // namespace http
}  // namespace sluice
