// The transport on libcurl: one multi handle, driven by one thread that starts with the first
// request.
//
// All transfers share the multi handle, hence its connections, DNS and TLS caches; with an explicit
// CA file and no CA directory the certificates are read once, not at every connection.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <sluice/http.hpp>
#include <thread>
#include <vector>

#include "address.hpp"

namespace sluice::http {

struct CurlSettings {
  std::chrono::milliseconds connect_timeout{};
  bool http2 = false;
  std::optional<std::string> proxy;  // nothing: the environment's; empty: none
  std::string ca_file;
  std::uint32_t connections = 1;
  AddressRule rule;
};

struct CurlTransfer;

class CurlTransport final : public Transport {
 public:
  CurlTransport(const HttpOptions& options, const Address& address);
  ~CurlTransport() override;
  CurlTransport(const CurlTransport&) = delete;
  CurlTransport& operator=(const CurlTransport&) = delete;

  void start(Exchange exchange, std::stop_token stop, Done done) override;

 private:
  struct Multi;

  void run(const std::stop_token& closing);
  void add_incoming();
  void end_stopped();
  void end_finished();
  void end(std::list<std::unique_ptr<CurlTransfer>>::iterator transfer, HttpResult result);

  CurlSettings settings_;
  std::unique_ptr<Multi> multi_;
  std::list<std::unique_ptr<CurlTransfer>> running_;  // the thread's own
  std::mutex mutex_;
  std::vector<std::unique_ptr<CurlTransfer>> incoming_;  // guarded by mutex_
  std::jthread thread_;                                  // started under mutex_
};

}  // namespace sluice::http
