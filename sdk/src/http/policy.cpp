#include "policy.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <ctime>
#include <random>
#include <string>

namespace sluice {

std::chrono::steady_clock::time_point HttpClock::now() const {
  return std::chrono::steady_clock::now();
}

double HttpClock::random() {
  thread_local std::mt19937_64 engine{std::random_device{}()};
  return std::uniform_real_distribution<double>{0.0, 1.0}(engine);
}

bool HttpClock::skip_to(std::chrono::steady_clock::time_point /*until*/) {
  return false;
}

namespace http {

using std::chrono::milliseconds;

std::optional<milliseconds> parse_retry_after(std::string_view text) {
  constexpr std::int64_t kDay = 86'400;
  if (text.empty()) return std::nullopt;
  double seconds = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (failure == std::errc{} && end == text.data() + text.size() && seconds >= 0) {
    return milliseconds{static_cast<std::int64_t>(std::min(seconds, double{kDay}) * 1000.0)};
  }
  const std::time_t date = curl_getdate(std::string{text}.c_str(), nullptr);
  if (date < 0) return std::nullopt;
  const auto ahead =
      static_cast<std::int64_t>(date) - static_cast<std::int64_t>(std::time(nullptr));
  return milliseconds{std::clamp<std::int64_t>(ahead, 0, kDay) * 1000};
}

milliseconds back_off(const HttpOptions& options, HttpClock& clock, std::uint32_t attempt) {
  constexpr milliseconds kLongest{30'000};
  const auto doubled = options.retry_base * (1 << std::min<std::uint32_t>(attempt - 1, 16));
  const auto most = std::clamp(milliseconds{doubled}, milliseconds{1}, kLongest);
  const auto jittered =
      static_cast<std::int64_t>(clock.random() * static_cast<double>(most.count()));
  return milliseconds{jittered + 1};
}

std::optional<milliseconds> passing(const HttpOptions& options, const HttpRequest& request,
                                    const HttpResponse& response) {
  if (options.retry_after) return options.retry_after(request, response);
  const auto asked = parse_retry_after(response.header("retry-after"));
  switch (response.status) {
    case 429:
      return asked;
    case 500:
    case 502:
    case 503:
    case 504:
    case 511:
      return asked.value_or(milliseconds{0});
    default:
      return std::nullopt;
  }
}

bool is_rate_limit(const HttpOptions& options, const HttpResponse& response) {
  return options.is_rate_limit ? options.is_rate_limit(response) : response.status == 429;
}

bool is_idempotent(const HttpRequest& request) {
  if (request.idempotent) return *request.idempotent;
  return request.method == "GET" || request.method == "HEAD" || request.method == "PUT" ||
         request.method == "DELETE";
}

}  // namespace http
}  // namespace sluice
