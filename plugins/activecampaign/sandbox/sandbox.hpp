// The vendor's API over one account in memory: credentials, rate limits, routes and control hooks.
#pragma once

#include <memory>
#include <optional>

#include "account/seed.hpp"
#include "account/switches.hpp"
#include "sluice/testing/sandbox.hpp"

namespace activecampaign_sandbox {

struct SandboxConfig {
  Switches switches;
  Seed seed;
  std::optional<std::uint64_t> contact_limit;
};

class Sandbox {
 public:
  // The clock must outlive the sandbox, the sandbox the server into which it is installed.
  Sandbox(sluice::testing::SandboxClock& clock, SandboxConfig config);
  ~Sandbox();
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;

  // Registers all routes and hooks. Before the server is started.
  void install(sluice::testing::SandboxServer& server);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace activecampaign_sandbox
