// The wire below a sandbox: connections, HTTP/1.1 and the ways in which an answer can go wrong on
// its way.
#pragma once

#include <functional>
#include <memory>

#include "sluice/testing/sandbox.hpp"

namespace sluice::testing {

class SandboxTransport {
 public:
  using Handler = std::function<SandboxResponse(SandboxRequest&)>;

  SandboxTransport(Handler handler, const SandboxOptions& options);
  ~SandboxTransport();
  SandboxTransport(const SandboxTransport&) = delete;
  SandboxTransport& operator=(const SandboxTransport&) = delete;

  // Errors: throws Error{Transient} when the port is taken.
  void start();
  void stop();
  [[nodiscard]] int port() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Fills path, query and their raw forms from a request target.
void set_target(SandboxRequest& request, std::string_view target);

}  // namespace sluice::testing
