// The connection's options: where the account is and how fast it may be asked.
#pragma once

#include <cstdint>
#include <memory>
#include <sluice/sdk.hpp>
#include <string>
#include <string_view>

namespace activecampaign {

struct Settings {
  std::string base_url;  // ends with /api/3
  std::string host;      // with the port unless it is the scheme's own; names the account
  std::string api_key;
  std::uint32_t requests_per_second = 5;  // 0: no pacing at all, imports included
  sluice::Network network;
  std::shared_ptr<sluice::Transport> transport;  // tests only
  std::shared_ptr<sluice::HttpClock> clock;      // tests only
};

[[nodiscard]] sluice::Spec connection_spec();
// Errors: Error{Config} for a URL that cannot be one.
[[nodiscard]] Settings read_settings(const sluice::Config& config);

// Trimmed, with scheme, without trailing slash, ending with /api/3.
[[nodiscard]] std::string normalise_url(std::string_view url);
[[nodiscard]] std::string account_host(std::string_view base_url);

}  // namespace activecampaign
