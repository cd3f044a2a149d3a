#include "curl_transport.hpp"

#include <curl/curl.h>
#include <signal.h>

#include <utility>

#include "curl_transfer.hpp"

namespace sluice::http {
namespace {

constexpr int kPollMs = 1000;

// Never cleaned up: another part of the process may use libcurl too.
void initialise_curl() {
  static const CURLcode outcome = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (outcome != CURLE_OK) throw Error{Code::Internal, "libcurl cannot be initialised"};
}

HttpResult cancelled() {
  return {.response = {}, .error = Error{Code::Cancelled, "stopped on request"}};
}

// Signals are the program's business, and OpenSSL's writes may raise SIGPIPE.
void block_signals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

struct CurlTransport::Multi {
  CURLM* handle = curl_multi_init();
  ~Multi() { curl_multi_cleanup(handle); }
};

CurlTransport::CurlTransport(const HttpOptions& options, const Address& address) {
  initialise_curl();
  settings_.connect_timeout = options.connect_timeout;
  settings_.http2 = options.network.http_version == "2" && address.https;
  // Through the environment's proxy, what is for this machine only would leave it.
  if (address.loopback || !options.network.proxy.empty()) settings_.proxy = options.network.proxy;
  settings_.ca_file = options.network.ca_file;
  settings_.rule = address.rule;
  settings_.connections = options.max_in_flight;
  if (settings_.ca_file.empty()) {
    const auto* built = curl_version_info(CURLVERSION_NOW)->cainfo;
    settings_.ca_file = built != nullptr ? built : "/etc/ssl/certs/ca-certificates.crt";
  }
  multi_ = std::make_unique<Multi>();
  if (multi_->handle == nullptr) throw Error{Code::Internal, "libcurl has no memory"};
  const long connections = static_cast<long>(settings_.connections);
  curl_multi_setopt(multi_->handle, CURLMOPT_MAX_TOTAL_CONNECTIONS, connections);
  curl_multi_setopt(multi_->handle, CURLMOPT_MAXCONNECTS, connections);
}

CurlTransport::~CurlTransport() {
  {
    const std::lock_guard lock{mutex_};
    thread_.request_stop();
  }
  curl_multi_wakeup(multi_->handle);
  if (thread_.joinable()) thread_.join();
}

void CurlTransport::start(Exchange exchange, std::stop_token stop, Done done) {
  auto transfer =
      std::make_unique<CurlTransfer>(std::move(exchange), std::move(stop), std::move(done));
  transfer->on_stop.emplace(transfer->stop,
                            [handle = multi_->handle] { curl_multi_wakeup(handle); });
  {
    const std::lock_guard lock{mutex_};
    incoming_.push_back(std::move(transfer));
    if (!thread_.joinable()) {
      thread_ = std::jthread{[this](const std::stop_token& closing) { run(closing); }};
    }
  }
  curl_multi_wakeup(multi_->handle);
}

void CurlTransport::run(const std::stop_token& closing) {
  block_signals();
  while (!closing.stop_requested()) {
    add_incoming();
    int active = 0;
    curl_multi_perform(multi_->handle, &active);
    end_finished();
    end_stopped();
    curl_multi_poll(multi_->handle, nullptr, 0, kPollMs, nullptr);
  }
  add_incoming();
  while (!running_.empty()) end(running_.begin(), cancelled());
}

void CurlTransport::add_incoming() {
  std::vector<std::unique_ptr<CurlTransfer>> added;
  {
    const std::lock_guard lock{mutex_};
    added.swap(incoming_);
  }
  for (auto& transfer : added) {
    try {
      transfer->prepare(settings_);
    } catch (const Error& error) {
      transfer->done({.response = {}, .error = error, .unsent = true});
      continue;
    }
    curl_multi_add_handle(multi_->handle, transfer->easy);
    running_.push_back(std::move(transfer));
  }
}

void CurlTransport::end_finished() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_->handle, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;
    for (auto it = running_.begin(); it != running_.end(); ++it) {
      if ((*it)->easy != message->easy_handle) continue;
      end(it, (*it)->conclude(code));
      break;
    }
  }
}

void CurlTransport::end_stopped() {
  for (auto it = running_.begin(); it != running_.end();) {
    const auto transfer = it++;
    if ((*transfer)->stop.stop_requested()) end(transfer, cancelled());
  }
}

void CurlTransport::end(std::list<std::unique_ptr<CurlTransfer>>::iterator transfer,
                        HttpResult result) {
  const std::unique_ptr<CurlTransfer> ended = std::move(*transfer);
  running_.erase(transfer);
  curl_multi_remove_handle(multi_->handle, ended->easy);
  ended->done(std::move(result));
}

}  // namespace sluice::http
