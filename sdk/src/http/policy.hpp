// When a request is repeated, and after how long a pause.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <sluice/http.hpp>
#include <string_view>

namespace sluice::http {

// Seconds or an HTTP date; nothing when the text is neither. A date in the past is a pause of zero.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view text);

// Exponential with full jitter: uniform in (0, base · 2^(attempt − 1)], at most 30 s.
[[nodiscard]] std::chrono::milliseconds back_off(const HttpOptions& options, HttpClock& clock,
                                                 std::uint32_t attempt);

// The pause that a passing answer asks for, zero for the usual back-off; nothing when it is final.
[[nodiscard]] std::optional<std::chrono::milliseconds> passing(const HttpOptions& options,
                                                               const HttpRequest& request,
                                                               const HttpResponse& response);

[[nodiscard]] bool is_rate_limit(const HttpOptions& options, const HttpResponse& response);
[[nodiscard]] bool is_idempotent(const HttpRequest& request);

}  // namespace sluice::http
