// A transport that answers from a script instead of the network, and remembers what was asked.
//
//   auto transport = std::make_shared<ScriptedTransport>();
//   transport->answer(503).answer(200, R"({"list":[]})");
//   HttpClient client{{.base_url = "https://vendor.test", .transport = transport}};
//
// or, for a vendor with behaviour, `transport->handle([](const Exchange& exchange) { return …; })`.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "sluice/http.hpp"

namespace sluice::testing {

// Threads: [any thread]. Answers come from within `start`, in the order of the script.
class ScriptedTransport final : public Transport {
 public:
  using Handler = std::function<HttpResult(const Exchange&)>;

  // The next answers, used one a request.
  ScriptedTransport& answer(int status, std::string body = {}, Pairs headers = {});
  ScriptedTransport& fail(Error error, bool unsent = false);
  // A request that is never answered; it ends when the host asks to stop.
  ScriptedTransport& hang();
  // Answers every request for which the script has nothing left. Without it such a request fails
  // with Error{Internal} that names it.
  ScriptedTransport& handle(Handler handler);

  [[nodiscard]] std::vector<Exchange> sent() const;
  [[nodiscard]] std::size_t unused() const;  // answers left in the script

  void start(Exchange exchange, std::stop_token stop, Done done) override;

 private:
  struct Hanging;

  mutable std::mutex mutex_;
  std::deque<Handler> script_;
  Handler handler_;
  std::vector<Exchange> sent_;
  std::vector<std::shared_ptr<Hanging>> hanging_;
};

// An answer as a value, for handlers.
[[nodiscard]] HttpResult answered(int status, std::string body = {}, Pairs headers = {});

// A clock for HttpOptions::clock that jumps over every wait and draws `chance` whenever chance
// decides. Threads: [any thread].
class JumpingClock final : public HttpClock {
 public:
  explicit JumpingClock(double chance = 0.5) : chance_{chance} {}
  [[nodiscard]] std::chrono::steady_clock::time_point now() const override;
  [[nodiscard]] double random() override { return chance_; }
  [[nodiscard]] bool skip_to(std::chrono::steady_clock::time_point until) override;
  // Time jumped over since the start.
  [[nodiscard]] std::chrono::milliseconds elapsed() const;

 private:
  double chance_;
  mutable std::mutex mutex_;
  std::chrono::steady_clock::time_point now_{};
};

}  // namespace sluice::testing
