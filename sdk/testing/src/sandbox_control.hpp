// The control endpoints below /_sandbox/: faults, scheduled mutations and statistics.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "sandbox_fault.hpp"

namespace sluice::testing {

class SandboxControl {
 public:
  SandboxControl(SandboxClock& clock, SandboxHooks hooks)
      : clock_{clock}, hooks_{std::move(hooks)} {}

  [[nodiscard]] static bool owns(const SandboxRequest& request);
  [[nodiscard]] SandboxResponse handle(const SandboxRequest& request);

  [[nodiscard]] const SandboxHooks& hooks() const { return hooks_; }
  [[nodiscard]] FaultBook& faults() { return faults_; }
  // Runs the scheduled mutations that wait for this request.
  void after_request(const SandboxRequest& request);
  void count(const SandboxRequest& request, const SandboxResponse& response);
  // Counts a request as in flight until the result is gone.
  [[nodiscard]] std::shared_ptr<void> enter();
  [[nodiscard]] int in_flight() const { return *in_flight_; }

 private:
  struct Scheduled {
    std::int64_t id;
    RoutePattern route;
    std::int64_t left;
    json::object mutation;
    json::value result;
    bool ran = false;
  };

  SandboxResponse dispatch(const SandboxRequest& request);
  SandboxResponse fault_endpoint(const SandboxRequest& request);
  SandboxResponse clock_endpoint(const SandboxRequest& request);
  SandboxResponse mutate(const SandboxRequest& request);
  SandboxResponse reset(const SandboxRequest& request);
  SandboxResponse stats();

  SandboxClock& clock_;
  SandboxHooks hooks_;
  FaultBook faults_;
  // Shared with the answers on their way, which may outlive this.
  std::shared_ptr<std::atomic<int>> in_flight_ = std::make_shared<std::atomic<int>>(0);

  std::mutex mutex_;
  int max_concurrent_ = 0;
  std::int64_t total_ = 0;
  std::int64_t rate_limited_ = 0;
  std::map<std::string, std::map<int, std::int64_t>> requests_;
  std::vector<Scheduled> scheduled_;
  std::int64_t next_id_ = 1;
};

}  // namespace sluice::testing
