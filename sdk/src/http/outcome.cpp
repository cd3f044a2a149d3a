#include <chrono>
#include <utility>

#include "sluice/destination.hpp"
#include "sluice/http.hpp"

namespace sluice {
namespace {

Outcome outcome_of_error(const Error& error, bool unsent) {
  switch (error.code()) {
    case Code::Auth:
    case Code::Config:
    case Code::Cancelled:
      throw error;
    case Code::RateLimited:
      return Outcome::retry(std::chrono::milliseconds{error.retry_after_ms()}, error.what());
    default:
      return unsent
                 ? Outcome::retry(std::chrono::milliseconds{error.retry_after_ms()}, error.what())
                 : Outcome::unconfirmed(error.what());
  }
}

class EachWriter final : public Writer {
 public:
  EachWriter(HttpClient& http, std::function<HttpRequest(const Write&)> request,
             WriterLimits limits)
      : http_{http}, request_{std::move(request)}, limits_{limits} {}

  [[nodiscard]] WriterLimits limits() const override { return limits_; }

  std::vector<Outcome> write(Context& context, std::span<const Write> batch) override {
    std::vector<HttpRequest> requests;
    requests.reserve(batch.size());
    for (const Write& write : batch) requests.push_back(request_(write));
    const auto results = http_.send_all(context, std::move(requests));
    std::vector<Outcome> outcomes;
    outcomes.reserve(batch.size());
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const bool gone = batch[i].op == Write::Op::Delete && results[i].response &&
                        results[i].response->status == 404;
      outcomes.push_back(gone ? Outcome::ok(Effect::Unchanged) : sluice::outcome_of(results[i]));
    }
    return outcomes;
  }

 private:
  HttpClient& http_;
  std::function<HttpRequest(const Write&)> request_;
  WriterLimits limits_;
};

}  // namespace

Outcome outcome_of(const HttpResult& result) {
  if (result.error) return outcome_of_error(*result.error, result.unsent);
  if (result.response->ok()) return Outcome::ok(std::nullopt);
  const Error error = http_error(*result.response, "the write");
  if (error.code() == Code::Rejected || error.code() == Code::NotFound)
    return Outcome::rejected("http_" + std::to_string(result.response->status), error.what());
  return outcome_of_error(error, false);
}

std::unique_ptr<Writer> write_each(HttpClient& http,
                                   std::function<HttpRequest(const Write&)> request,
                                   WriterLimits limits) {
  return std::make_unique<EachWriter>(http, std::move(request), limits);
}

}  // namespace sluice
