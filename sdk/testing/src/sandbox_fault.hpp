// The faults that are active in a sandbox: which one a request meets, and what it does to the
// answer.
#pragma once

#include <cstdint>
#include <future>
#include <mutex>
#include <optional>
#include <random>
#include <regex>
#include <string>
#include <vector>

#include "sluice/testing/sandbox.hpp"

namespace sluice::testing {

// A route as control endpoints name it: a prefix of, or a regular expression anchored at the start
// of, METHOD + space + path.
class RoutePattern {
 public:
  // Errors: throws Error{Config} when the text is no regular expression.
  explicit RoutePattern(std::string text);
  [[nodiscard]] bool matches(const SandboxRequest& request) const;

 private:
  std::string text_;
  std::regex regex_;
};

// What a fault does, decided before the request is handled.
struct FaultAction {
  // Answered instead of the sandbox's own answer; with `after`, only once the request has been
  // handled.
  std::optional<SandboxResponse> answer;
  bool after = false;
  bool reset_after = false;
  bool truncate = false;
  std::optional<std::size_t> truncate_bytes;
  std::int64_t delay_ms = 0;
  // The answer waits until all of these are ready: until their faults are gone.
  std::vector<std::shared_future<void>> holds;
};

// Threads: any.
class FaultBook {
 public:
  using VendorFault =
      std::function<std::optional<SandboxResponse>(const json::object&, const SandboxRequest&)>;

  // Returns the fault's id. Errors: throws Error{Config} when the specification makes no sense.
  std::int64_t add(const json::object& spec, const VendorFault& vendor);
  void clear();
  // How often faults fired is counted beyond their removal, until this.
  void forget_counts();
  // Returns whether there was such a fault.
  bool remove(std::int64_t id);
  // Counts the request for every fault; delays add up, and the first other fault that fires wins.
  [[nodiscard]] FaultAction meet(const SandboxRequest& request, const VendorFault& vendor);
  [[nodiscard]] json::array describe() const;
  [[nodiscard]] std::int64_t fired() const;

 private:
  struct Fault {
    std::int64_t id;
    json::object spec;
    RoutePattern route;
    std::string query;
    std::string contains;
    std::string kind;
    std::int64_t skip;
    std::int64_t times;
    std::int64_t every;
    double probability;
    std::mt19937_64 random;
    std::int64_t matched = 0;
    std::int64_t fired = 0;
    // Never fulfilled: `gone` becomes ready when the fault, and the promise with it, is destroyed.
    std::promise<void> until_gone{};
    std::shared_future<void> gone = until_gone.get_future().share();
  };
  static bool fires(Fault& fault);

  mutable std::mutex mutex_;
  std::vector<Fault> faults_;
  std::int64_t next_id_ = 1;
  std::int64_t fired_ = 0;
};

}  // namespace sluice::testing
