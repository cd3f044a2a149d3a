// One request on its way through libcurl.
#pragma once

#include <curl/curl.h>

#include <functional>
#include <memory>
#include <optional>
#include <sluice/http.hpp>
#include <stop_token>
#include <string>

#include "curl_transport.hpp"

namespace sluice::http {

struct CurlTransfer {
  CurlTransfer(Transport::Exchange exchange_in, std::stop_token stop_in, Transport::Done done_in)
      : exchange{std::move(exchange_in)}, stop{std::move(stop_in)}, done{std::move(done_in)} {}
  ~CurlTransfer();
  CurlTransfer(const CurlTransfer&) = delete;
  CurlTransfer& operator=(const CurlTransfer&) = delete;

  // Makes the easy handle ready to be added to the multi handle.
  void prepare(const CurlSettings& settings);
  // The result once libcurl is through with it.
  [[nodiscard]] HttpResult conclude(CURLcode code);

  Transport::Exchange exchange;
  std::stop_token stop;
  Transport::Done done;
  std::optional<std::stop_callback<std::function<void()>>> on_stop;
  CURL* easy = nullptr;

 private:
  void set_body();
  void set_security(const CurlSettings& settings);
  [[nodiscard]] Error error_of(CURLcode code) const;

  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
  static curl_socket_t on_connect(void* self, curlsocktype purpose, curl_sockaddr* address);
  static int on_request(void* self, char* remote, char* local, int remote_port, int local_port);

  HttpResponse response_;
  curl_slist* headers_ = nullptr;
  char message_[CURL_ERROR_SIZE] = {};
  int sends_ = 0;
  bool too_large_ = false;
  const AddressRule* rule_ = nullptr;
  std::string refusal_;  // why an address was not connected to
  bool tried_ = false;   // another one was
};

}  // namespace sluice::http
