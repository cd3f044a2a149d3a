#include "address_rule.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <sluice/error.hpp>
#include <string_view>

namespace sluice::http {
namespace {

struct Range {
  IpAddress first;
  std::size_t bits;
};

constexpr IpAddress v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
  return {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d};
}

// Outside 169.254.0.0/16, which is refused as a whole.
constexpr IpAddress kMetadata[] = {
    v4(100, 100, 100, 200),                                        // Alibaba
    v4(168, 63, 129, 16),                                          // Azure
    v4(192, 0, 0, 192),                                            // Oracle
    {0xfd, 0, 0x0e, 0xc2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0x54},  // AWS
    {0xfd, 0x20, 0, 0xce, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0x54},  // Google
    {0xfd, 0, 0, 0x42, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x42},     // Scaleway
};

constexpr Range kLoopback[] = {{v4(127, 0, 0, 0), 104},
                               {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128}};
constexpr Range kLinkLocal[] = {{v4(169, 254, 0, 0), 112}, {{0xfe, 0x80}, 10}};
constexpr Range kUnspecified[] = {{v4(0, 0, 0, 0), 104}, {{}, 128}};
constexpr Range kMulticast[] = {
    {v4(224, 0, 0, 0), 100}, {v4(255, 255, 255, 255), 128}, {{0xff}, 8}};

bool is_within(const IpAddress& address, const Range& range) {
  const std::size_t whole = range.bits / 8;
  if (!std::equal(address.begin(), address.begin() + static_cast<std::ptrdiff_t>(whole),
                  range.first.begin())) {
    return false;
  }
  const auto rest = range.bits % 8;
  return rest == 0 || (address[whole] ^ range.first[whole]) >> (8 - rest) == 0;
}

template <std::size_t N>
bool is_within(const IpAddress& address, const Range (&ranges)[N]) {
  return std::any_of(std::begin(ranges), std::end(ranges),
                     [&](const Range& range) { return is_within(address, range); });
}

// The IPv4 address that an IPv6 one leads to: 6to4, NAT64, and the old compatible form.
std::optional<IpAddress> embedded(const IpAddress& address) {
  static constexpr Range kSixToFour{{0x20, 0x02}, 16};
  static constexpr Range kNat64{{0, 0x64, 0xff, 0x9b}, 96};
  static constexpr Range kCompatible{{}, 96};
  if (is_within(address, kSixToFour)) return v4(address[2], address[3], address[4], address[5]);
  if (is_within(address, kNat64) || (is_within(address, kCompatible) && address[12] != 0)) {
    return v4(address[12], address[13], address[14], address[15]);
  }
  return std::nullopt;
}

std::string_view trouble_with(const IpAddress& address) {
  if (is_within(address, kLinkLocal)) {
    return "a link-local address, where clouds hand out the credentials of their machines";
  }
  if (std::find(std::begin(kMetadata), std::end(kMetadata), address) != std::end(kMetadata)) {
    return "where clouds hand out the credentials of their machines";
  }
  if (is_within(address, kUnspecified)) return "no address of a server";
  if (is_within(address, kMulticast)) return "an address of many machines";
  if (const auto inner = embedded(address)) return trouble_with(*inner);
  return {};
}

std::string to_text(const IpAddress& address) {
  char text[INET6_ADDRSTRLEN] = {};
  const bool is_v4 = is_within(address, Range{v4(0, 0, 0, 0), 96});
  ::inet_ntop(is_v4 ? AF_INET : AF_INET6, address.data() + (is_v4 ? 12 : 0), text, sizeof text);
  return text;
}

}  // namespace

std::optional<IpAddress> parse_ip(std::string text) {
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  text.erase(std::min(text.find('%'), text.size()));
  IpAddress address = v4(0, 0, 0, 0);
  if (::inet_pton(AF_INET, text.c_str(), address.data() + 12) == 1) return address;
  if (::inet_pton(AF_INET6, text.c_str(), address.data()) == 1) return address;
  return std::nullopt;
}

bool is_loopback(const IpAddress& address) {
  return is_within(address, kLoopback);
}

AddressRule::AddressRule(bool loopback_only, const std::vector<std::string>& allowed)
    : loopback_only_{loopback_only} {
  for (const auto& text : allowed) {
    const auto address = parse_ip(text);
    if (!address) {
      throw Error{Code::Config, "allow_addresses: \"" + text +
                                    "\" is no IP address: write one as 169.254.10.1 or fe80::1"};
    }
    allowed_.push_back(*address);
  }
}

std::optional<std::string> AddressRule::refusal(const IpAddress& address) const {
  const auto text = to_text(address);
  if (loopback_only_ && !http::is_loopback(address)) {
    return "plain http to " + text +
           " would send the credentials in clear: use https://, or write allow_plain_http: true "
           "if they may be read on the way";
  }
  const auto trouble = trouble_with(address);
  if (trouble.empty() || std::find(allowed_.begin(), allowed_.end(), address) != allowed_.end()) {
    return std::nullopt;
  }
  return text + " is " + std::string{trouble} + ": check the address, or, if it is meant, write " +
         "allow_addresses: [\"" + text + "\"]";
}

std::optional<std::string> AddressRule::refusal(const sockaddr& address) const {
  IpAddress ip = v4(0, 0, 0, 0);
  if (address.sa_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, &address, sizeof in);
    std::memcpy(ip.data() + 12, &in.sin_addr, 4);
  } else if (address.sa_family == AF_INET6) {
    sockaddr_in6 in{};
    std::memcpy(&in, &address, sizeof in);
    std::memcpy(ip.data(), &in.sin6_addr, ip.size());
  } else {
    return "it is no internet address";
  }
  return refusal(ip);
}

}  // namespace sluice::http
