// Which answers are passing, after which pause.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <sluice/sdk.hpp>
#include <string>

namespace activecampaign {

// The account's words for a broken limit: 429, and for imports a 400 that says so.
[[nodiscard]] bool is_rate_limit(const sluice::HttpResponse& response);

// Decides on each answer of a client's requests. A 403 is given a few chances, since valid keys
// are refused now and then, but not when nothing but refusals come.
// Threads: [any thread].
class RetryRule {
 public:
  explicit RetryRule(std::uint32_t refusals_allowed) : refusals_allowed_{refusals_allowed} {}

  // The pause before the next attempt, zero for the usual back-off; nothing: the answer is final.
  [[nodiscard]] std::optional<std::chrono::milliseconds> pause(
      const sluice::HttpRequest& request, const sluice::HttpResponse& response);

 private:
  [[nodiscard]] bool allow_another_refusal(const sluice::HttpRequest& request);
  void forget_refusals(const sluice::HttpRequest& request);

  const std::uint32_t refusals_allowed_;  // of one request
  std::mutex mutex_;
  std::map<std::string, std::uint32_t> refusals_;  // by request
  std::uint32_t refusals_in_a_row_ = 0;
};

}  // namespace activecampaign
