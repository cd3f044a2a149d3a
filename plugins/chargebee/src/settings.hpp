// The connector's options, checked and brought into one form.
#pragma once

#include <chrono>
#include <cstdint>
#include <sluice/http.hpp>
#include <sluice/spec.hpp>
#include <string>
#include <string_view>

namespace chargebee {

struct Settings {
  std::string site;       // "acme-test"; empty when only base_url is given
  std::string base_url;   // ends in /api/v2
  std::string authority;  // host, with its port if one is named: whom the rate limit counts
  std::string api_key;
  std::uint32_t requests_per_minute = 150;  // 0: unlimited
  std::chrono::seconds visibility_lag{300};
  sluice::Network network;
};

[[nodiscard]] sluice::Spec connector_spec();

// Errors: throws Error{Config} naming the option.
[[nodiscard]] Settings read_settings(const sluice::Config& config);

// The name of a site out of what people paste: a name, a host or a whole URL. Errors: throws
// Error{Config}.
[[nodiscard]] std::string site_name(std::string_view pasted);

[[nodiscard]] sluice::HttpOptions http_options(const Settings& settings);

}  // namespace chargebee
