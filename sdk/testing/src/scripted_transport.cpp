#include "sluice/testing/scripted_transport.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace sluice::testing {

struct ScriptedTransport::Hanging {
  Done done;
  std::once_flag once;
  std::optional<std::stop_callback<std::function<void()>>> on_stop;
};

HttpResult answered(int status, std::string body, Pairs headers) {
  HttpResponse response;
  response.status = status;
  response.headers = std::move(headers);
  response.body = std::move(body);
  return {.response = std::move(response), .error = {}};
}

ScriptedTransport& ScriptedTransport::answer(int status, std::string body, Pairs headers) {
  const std::lock_guard lock{mutex_};
  script_.emplace_back([result = answered(status, std::move(body), std::move(headers))](
                           const Exchange&) { return result; });
  return *this;
}

ScriptedTransport& ScriptedTransport::fail(Error error, bool unsent) {
  const std::lock_guard lock{mutex_};
  script_.emplace_back([error = std::move(error), unsent](const Exchange&) {
    return HttpResult{.response = {}, .error = error, .unsent = unsent};
  });
  return *this;
}

ScriptedTransport& ScriptedTransport::hang() {
  const std::lock_guard lock{mutex_};
  script_.emplace_back(nullptr);
  return *this;
}

ScriptedTransport& ScriptedTransport::handle(Handler handler) {
  const std::lock_guard lock{mutex_};
  handler_ = std::move(handler);
  return *this;
}

std::vector<Transport::Exchange> ScriptedTransport::sent() const {
  const std::lock_guard lock{mutex_};
  return sent_;
}

std::size_t ScriptedTransport::unused() const {
  const std::lock_guard lock{mutex_};
  return script_.size();
}

void ScriptedTransport::start(Exchange exchange, std::stop_token stop, Done done) {
  Handler handler;
  std::shared_ptr<Hanging> hanging;
  {
    const std::lock_guard lock{mutex_};
    sent_.push_back(exchange);
    if (!script_.empty()) {
      handler = std::move(script_.front());
      script_.pop_front();
      if (!handler) hanging = hanging_.emplace_back(std::make_shared<Hanging>());
    } else if (handler_) {
      handler = handler_;
    } else {
      handler = [](const Exchange& asked) {
        return HttpResult{.response = {},
                          .error = Error{Code::Internal,
                                         "unscripted request: " + asked.method + " " + asked.url}};
      };
    }
  }
  if (!hanging) {
    done(handler(exchange));
    return;
  }
  hanging->done = std::move(done);
  hanging->on_stop.emplace(std::move(stop), [raw = hanging.get()] {
    std::call_once(raw->once, [raw] {
      raw->done({.response = {}, .error = Error{Code::Cancelled, "stopped on request"}});
    });
  });
}

std::chrono::steady_clock::time_point JumpingClock::now() const {
  const std::lock_guard lock{mutex_};
  return now_;
}

bool JumpingClock::skip_to(std::chrono::steady_clock::time_point until) {
  const std::lock_guard lock{mutex_};
  now_ = std::max(now_, until);
  return true;
}

std::chrono::milliseconds JumpingClock::elapsed() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(now().time_since_epoch());
}

}  // namespace sluice::testing
