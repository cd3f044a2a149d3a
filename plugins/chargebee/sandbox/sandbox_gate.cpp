#include "api_error.hpp"
#include "sandbox.hpp"

namespace chargebee_sandbox {
namespace {

std::string decode_base64(std::string_view text) {
  static constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const std::size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) break;
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out.push_back(static_cast<char>((bits >> count) & 0xff));
    }
  }
  return out;
}

}  // namespace

std::optional<SandboxResponse> Sandbox::gate(const SandboxRequest& request) {
  try {
    check_credentials(request);
  } catch (const ApiError& error) {
    return error.response();
  }
  return check_rate();
}

void Sandbox::check_credentials(const SandboxRequest& request) const {
  std::string_view host = request.header("Host");
  host = host.substr(0, host.find(':'));
  constexpr std::string_view kDomain = ".chargebee.com";
  if (host.ends_with(kDomain) && host.substr(0, host.size() - kDomain.size()) != settings_.site) {
    throw ApiError{404, "invalid_request", "site_not_found",
                   "The site " + std::string{host} + " does not exist"};
  }
  constexpr std::string_view kBasic = "Basic ";
  const std::string_view header = request.header("Authorization");
  const std::string pair =
      header.starts_with(kBasic) ? decode_base64(header.substr(kBasic.size())) : "";
  if (pair.find(':') == std::string::npos) {
    throw ApiError{401, "untyped", "basic_authentication_failed",
                   "Sorry, authentication failed. Basic authentication is required"};
  }
  const std::string key = pair.substr(0, pair.find(':'));
  const bool read_only = key == settings_.read_only_key;
  if (key != settings_.api_key && !read_only) {
    throw ApiError{401, "untyped", "api_authentication_failed",
                   "Sorry, authentication failed. Invalid api key"};
  }
  if (read_only && request.method == "POST") {
    throw ApiError{403, "untyped", "api_authorization_failed",
                   "Sorry, the given api key does not have the permission for this operation"};
  }
}

std::optional<SandboxResponse> Sandbox::check_rate() {
  if (settings_.concurrency > 0 && server_.in_flight() > settings_.concurrency)
    return rate_limit_answer(1000);
  if (settings_.rate_limit == 0) return std::nullopt;
  const std::int64_t wait_ms = window_.acquire(clock_.now_ms());
  if (wait_ms == 0) return std::nullopt;
  return rate_limit_answer(wait_ms);
}

SandboxResponse Sandbox::rate_limit_answer(std::int64_t wait_ms) const {
  SandboxResponse response = ApiError{429, "operation_failed", "api_request_limit_exceeded",
                                      "Sorry, the API request limit has been exceeded"}
                                 .response();
  response.rate_limited = true;
  // The client waits in real time, whatever the sandbox's clock does.
  const std::int64_t seconds = (clock_.to_real_ms(wait_ms) + 999) / 1000;
  if (settings_.retry_after) response.headers.emplace_back("Retry-After", std::to_string(seconds));
  return response;
}

}  // namespace chargebee_sandbox
