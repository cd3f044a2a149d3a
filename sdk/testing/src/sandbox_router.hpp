// Which handler serves a method and a path.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sluice/testing/sandbox.hpp"

namespace sluice::testing {

class SandboxRouter {
 public:
  void add(const std::string& method, const std::string& pattern, SandboxHandler handler);

  struct Match {
    const SandboxHandler* handler = nullptr;  // null: nothing matches
    bool wrong_method = false;                // the path is known, with other methods
  };
  // Sets the request's `route` and `params` when the path matches.
  [[nodiscard]] Match find(SandboxRequest& request) const;

 private:
  struct Route {
    std::string method;
    std::string pattern;
    std::vector<std::string> segments;
    SandboxHandler handler;
  };
  std::vector<Route> routes_;
};

}  // namespace sluice::testing
