// A local site that behaves as Chargebee's API v2 does.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "mutations.hpp"
#include "reads.hpp"
#include "settings.hpp"
#include "sluice/testing/sandbox.hpp"
#include "store.hpp"

namespace chargebee_sandbox {

// Threads: requests may come in at any time; one is handled at a time.
class Sandbox {
 public:
  // The clock must outlive the sandbox.
  // Errors: throws sluice::Error{Config} for a seed file that cannot be read.
  Sandbox(const Settings& settings, sluice::testing::SandboxClock& clock);
  ~Sandbox();

  [[nodiscard]] sluice::testing::SandboxServer& server() { return server_; }

 private:
  using Handler = std::function<SandboxResponse(const SandboxRequest&)>;

  void build(const Settings& settings);
  void add_routes();
  void add_write_routes();
  void add_hooks();
  // Registers a handler that runs under the lock and whose ApiErrors become answers.
  void route(const std::string& method, const std::string& path, Handler handler);
  [[nodiscard]] std::optional<SandboxResponse> gate(const SandboxRequest& request);
  void check_credentials(const SandboxRequest& request) const;
  [[nodiscard]] std::optional<SandboxResponse> check_rate();
  [[nodiscard]] SandboxResponse rate_limit_answer(std::int64_t wait_ms) const;
  [[nodiscard]] SandboxResponse write_once(const SandboxRequest& request, const Handler& handler);

  struct Replay {
    std::string request;
    SandboxResponse response;
    std::int64_t at_ms;
  };

  Settings settings_;
  sluice::testing::SandboxClock& clock_;
  sluice::testing::SlidingWindow window_;
  std::mutex mutex_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Mutator> mutator_;
  std::unordered_map<std::string, Replay> replays_;
  sluice::testing::SandboxServer server_;
};

}  // namespace chargebee_sandbox
