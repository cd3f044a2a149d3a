// Where a client sends: its checked base URL, and the URL of one request below it.
#pragma once

#include <sluice/http.hpp>
#include <string>

#include "address_rule.hpp"

namespace sluice::http {

struct Address {
  std::string base;  // without a trailing slash
  bool https = false;
  bool loopback = false;  // 127.0.0.0/8, ::1 or localhost
  AddressRule rule;
};

// Errors: throws Error{Config} when it is no http(s) URL, carries credentials, query or fragment,
// or is what `network` does not allow as far as that shows before names are resolved.
[[nodiscard]] Address parse_address(const std::string& base_url, const Network& network);

[[nodiscard]] std::string request_url(const Address& address, const HttpRequest& request);

// Scheme, host and path of a URL: what may be shown of it.
[[nodiscard]] std::string shown_url(const std::string& url);

}  // namespace sluice::http
