#include "retry_rule.hpp"

#include <algorithm>
#include <charconv>

#include "answer.hpp"

namespace activecampaign {

using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr std::uint32_t kHopeless = 24;  // refusals without a success in between
constexpr seconds kRateWindow{1};
constexpr seconds kImportPause{20};  // a few of them outlast the import limit's minute

bool is_idempotent(const sluice::HttpRequest& request) {
  return request.idempotent.value_or(request.method != "POST");
}

std::optional<milliseconds> asked_pause(const sluice::HttpResponse& response) {
  const auto text = trim(response.header("retry-after"));
  double wait = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), wait);
  if (text.empty() || status != std::errc{} || end != text.data() + text.size() || !(wait >= 0)) {
    return std::nullopt;
  }
  return milliseconds{static_cast<std::int64_t>(std::min(wait, 86'400.0) * 1000)};
}

bool is_server_fault(int status) {
  return status == 500 || (status >= 502 && status <= 504) || status == 511 ||
         (status >= 520 && status <= 526);
}

// A success whose JSON ends in the middle, or that says nothing at all.
bool is_cut_off(const sluice::HttpRequest& request, const sluice::HttpResponse& response) {
  const auto body = trim(response.body);
  if (body.empty()) return request.method != "DELETE";
  return body.starts_with('{') && !body.ends_with('}');
}

std::string identity(const sluice::HttpRequest& request) {
  std::string text = request.method + ' ' + request.path;
  for (const auto& [name, value] : request.query)
    text.append(1, '&').append(name).append(1, '=').append(value);
  return text + ' ' + request.body;
}

}  // namespace

bool is_rate_limit(const sluice::HttpResponse& response) {
  if (response.status == 429) return true;
  return response.status == 400 && fold(response.body).find("rate limit") != std::string::npos;
}

std::optional<milliseconds> RetryRule::pause(const sluice::HttpRequest& request,
                                             const sluice::HttpResponse& response) {
  if (is_rate_limit(response)) {
    const milliseconds usual = response.status == 429 ? milliseconds{kRateWindow} : kImportPause;
    return std::max(asked_pause(response).value_or(usual), milliseconds{1});
  }
  if (response.status == 403) {
    const auto answer = understand(request, {.response = response, .error = {}});
    if (answer.kind == Answer::Kind::Denied && allow_another_refusal(request)) {
      return milliseconds{0};
    }
    return std::nullopt;
  }
  if (is_server_fault(response.status)) return asked_pause(response).value_or(milliseconds{0});
  if (response.ok()) {
    forget_refusals(request);
    if (is_idempotent(request) && is_cut_off(request, response)) return milliseconds{0};
  }
  return std::nullopt;
}

bool RetryRule::allow_another_refusal(const sluice::HttpRequest& request) {
  const std::lock_guard lock{mutex_};
  auto& count = refusals_[identity(request)];
  if (++count <= refusals_allowed_ && ++refusals_in_a_row_ <= kHopeless) return true;
  refusals_.erase(identity(request));
  return false;
}

void RetryRule::forget_refusals(const sluice::HttpRequest& request) {
  const std::lock_guard lock{mutex_};
  refusals_in_a_row_ = 0;
  if (!refusals_.empty()) refusals_.erase(identity(request));
}

}  // namespace activecampaign
