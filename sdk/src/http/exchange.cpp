#include "exchange.hpp"

#include <cstdint>
#include <string>
#include <string_view>

#include "batch.hpp"

namespace sluice::http {
namespace {

std::string base64(std::string_view bytes) {
  static constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      group = group << 8 | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0U);
    }
    const std::size_t known = std::min<std::size_t>(bytes.size() - i, 3);
    for (std::size_t j = 0; j < 4; ++j) {
      out += j <= known ? kAlphabet[group >> (18 - 6 * j) & 63] : '=';
    }
  }
  return out;
}

void add_header(Pairs& headers, const std::string& name, const std::string& value) {
  static constexpr std::string_view kBreaks{"\r\n\0", 3};
  if (name.find_first_of(kBreaks) != std::string::npos ||
      value.find_first_of(kBreaks) != std::string::npos) {
    throw Error{Code::Config,
                "the value of header \"" + name.substr(0, name.find_first_of(kBreaks)) +
                    "\" contains a line break: check the credentials for stray characters"};
  }
  headers.emplace_back(name, value);
}

void add_auth(Pairs& headers, const Auth& auth) {
  if (const auto* basic = std::get_if<BasicAuth>(&auth)) {
    add_header(headers, "Authorization", "Basic " + base64(basic->user + ":" + basic->password));
  } else if (const auto* header = std::get_if<HeaderAuth>(&auth)) {
    add_header(headers, header->name, header->value);
  }
}

}  // namespace

Transport::Exchange make_exchange(const Core& core, const HttpRequest& request) {
  Transport::Exchange exchange;
  exchange.method = request.method;
  exchange.url = request_url(core.address, request);
  add_header(exchange.headers, "Accept", "application/json");
  if (!request.body.empty()) {
    add_header(exchange.headers, "Content-Type",
               request.content_type.empty() ? "application/json" : request.content_type);
  }
  add_auth(exchange.headers, core.options.auth);
  for (const auto& [name, value] : core.options.headers) add_header(exchange.headers, name, value);
  for (const auto& [name, value] : request.headers) add_header(exchange.headers, name, value);
  exchange.body = request.body;
  exchange.max_body_bytes = core.options.max_body_bytes;
  exchange.timeout = core.options.timeout;
  return exchange;
}

}  // namespace sluice::http
