#include "sluice/testing/sandbox.hpp"

#include <csignal>
#include <ctime>
#include <iostream>

#include "sandbox_control.hpp"
#include "sandbox_router.hpp"
#include "sandbox_transport.hpp"
#include "sluice/error.hpp"

namespace sluice::testing {

struct SandboxServer::Impl {
  Impl(SandboxClock& sandbox_clock, const SandboxOptions& server_options)
      : clock{sandbox_clock}, options{server_options} {}

  SandboxControl& control_part() {
    if (!control) control = std::make_unique<SandboxControl>(clock, std::move(hooks));
    return *control;
  }

  SandboxResponse handle(SandboxRequest& request) {
    SandboxControl& part = control_part();
    if (SandboxControl::owns(request)) return part.handle(request);
    const SandboxRouter::Match match = router.find(request);
    std::shared_ptr<void> in_flight = part.enter();
    const FaultAction fault = part.faults().meet(request, part.hooks().fault);
    SandboxResponse response;
    if (fault.answer && !fault.after) {
      response = *fault.answer;
    } else {
      response = guarded(match, request);
      part.after_request(request);
      if (fault.answer) response = *fault.answer;
      if (fault.truncate)
        response.truncate_at = fault.truncate_bytes.value_or(response.body.size() / 2);
      if (fault.reset_after) response.reset = true;
    }
    response.delay_ms += fault.delay_ms;
    if (part.hooks().finish) part.hooks().finish(request, response);
    part.count(request, response);
    for (const auto& hold : fault.holds) hold.wait();
    response.in_flight = std::move(in_flight);
    return response;
  }

  SandboxResponse guarded(const SandboxRouter::Match& match, const SandboxRequest& request) {
    try {
      if (control->hooks().gate) {
        if (auto refusal = control->hooks().gate(request)) return *refusal;
      }
      if (match.handler != nullptr) return (*match.handler)(request);
      if (match.wrong_method) return wrong_method(request);
      return fallback(request);
    } catch (const std::exception& error) {
      return SandboxResponse::text(500, "text/plain", std::string{"sandbox: "} + error.what());
    }
  }

  SandboxClock& clock;
  SandboxOptions options;
  SandboxRouter router;
  SandboxHooks hooks;
  std::unique_ptr<SandboxControl> control;
  std::unique_ptr<SandboxTransport> transport;
  SandboxHandler fallback = [](const SandboxRequest&) {
    return SandboxResponse::text(404, "text/plain", "not found");
  };
  SandboxHandler wrong_method = [](const SandboxRequest&) {
    return SandboxResponse::text(405, "text/plain", "method not allowed");
  };
};

SandboxServer::SandboxServer(SandboxClock& clock, SandboxOptions options)
    : impl_{std::make_unique<Impl>(clock, options)} {}

SandboxServer::~SandboxServer() {
  stop();
}

void SandboxServer::route(const std::string& method, const std::string& pattern,
                          SandboxHandler handler) {
  impl_->router.add(method, pattern, std::move(handler));
}

void SandboxServer::fallback(SandboxHandler handler) {
  impl_->fallback = std::move(handler);
}

void SandboxServer::wrong_method(SandboxHandler handler) {
  impl_->wrong_method = std::move(handler);
}

void SandboxServer::hooks(SandboxHooks hooks) {
  impl_->hooks = std::move(hooks);
}

void SandboxServer::start() {
  impl_->control_part();
  impl_->transport = std::make_unique<SandboxTransport>(
      [this](SandboxRequest& request) { return impl_->handle(request); }, impl_->options);
  impl_->transport->start();
}

void SandboxServer::stop() {
  // Answers that a fault holds back would be waited for.
  if (impl_->control) impl_->control->faults().clear();
  if (impl_->transport) impl_->transport->stop();
}

int SandboxServer::port() const {
  return impl_->transport ? impl_->transport->port() : 0;
}

int SandboxServer::in_flight() const {
  return impl_->control_part().in_flight();
}

std::string SandboxServer::url() const {
  return "http://127.0.0.1:" + std::to_string(port());
}

SandboxResponse SandboxServer::call(const std::string& method, const std::string& target,
                                    SandboxPairs headers, std::string body) {
  SandboxRequest request;
  request.method = method;
  set_target(request, target);
  request.headers = std::move(headers);
  request.body = std::move(body);
  return impl_->handle(request);
}

int run_sandbox(SandboxServer& server) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  try {
    server.start();
  } catch (const Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
  std::cout << server.url() << std::endl;
  int signal = 0;
  sigwait(&signals, &signal);
  server.stop();
  return 0;
}

std::string http_date(std::int64_t unix_ms) {
  const std::time_t seconds = unix_ms / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  // Not strftime with %a and %b, which follow the locale.
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  char text[32];
  std::strftime(text, sizeof text, "%Y %H:%M:%S GMT", &parts);
  char day[16];
  std::strftime(day, sizeof day, "%d", &parts);
  return std::string{kDays[parts.tm_wday]} + ", " + day + ' ' + kMonths[parts.tm_mon] + ' ' + text;
}

}  // namespace sluice::testing
