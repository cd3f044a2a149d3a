// The HTTP server: connections, limits, TLS; hands every request to one function.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "serve/http.hpp"

namespace sluice::host::serve {

struct HttpOptions {
  std::string address = "127.0.0.1";                // a numeric address
  int port = 8008;                                  // 0: any
  std::string certificate, key;                     // PEM files; empty: no TLS
  std::size_t threads = 32;                         // connections served at once; further ones wait
  std::size_t largest_body = std::size_t{2} << 20;  // bytes
};

// Threads: [one thread].
class HttpServer {
 public:
  // Holds the port when it returns: connections wait until `serve`. Errors: Error{Config} naming
  // the address or file, and what to do.
  explicit HttpServer(const HttpOptions& options);
  // Takes no further connections, and waits for requests under way.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  [[nodiscard]] int port() const noexcept { return port_; }
  // Starts to answer; once. `handler` is called on up to `threads` threads at once, and must not
  // throw.
  void serve(const std::function<Reply(Request&)>& handler);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
  int port_ = 0;
  std::jthread thread_;
};

}  // namespace sluice::host::serve
