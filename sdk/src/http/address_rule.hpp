// Which IP addresses connections may go to. A name is judged by what it resolves to, at each
// connection, so that one that resolves differently the next time gets nowhere either.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sluice::http {

// IPv6; an IPv4 address in its mapped form.
using IpAddress = std::array<std::uint8_t, 16>;

// Nothing when the text is no IP address: a name. Brackets and a zone (fe80::1%eth0) may be there.
[[nodiscard]] std::optional<IpAddress> parse_ip(std::string text);
[[nodiscard]] bool is_loopback(const IpAddress& address);

class AddressRule {
 public:
  AddressRule() = default;
  // `loopback_only`: credentials would travel in clear. Errors: throws Error{Config} for an
  // `allowed` that is no IP address.
  AddressRule(bool loopback_only, const std::vector<std::string>& allowed);

  // Why nothing may connect there and which option would allow it; nothing when it may.
  [[nodiscard]] std::optional<std::string> refusal(const IpAddress& address) const;
  [[nodiscard]] std::optional<std::string> refusal(const sockaddr& address) const;

 private:
  bool loopback_only_ = false;
  std::vector<IpAddress> allowed_;
};

}  // namespace sluice::http
