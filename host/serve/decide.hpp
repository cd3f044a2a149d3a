// Decisions of people, as requests of the API.
#pragma once

#include "serve/api.hpp"
#include "state/decision.hpp"

namespace sluice::host::serve {

// Hands a decision in, in the caller's name, and answers whether it is carried out.
[[nodiscard]] Reply decide(Api& api, const std::string& integration, Decision decision,
                           const Caller& caller);

// Puts down, before it is done, what the service does at a caller's request; whoever opens the
// state next takes it into the audit. Errors: those of Inbox::put.
class PutDown {
 public:
  PutDown(Api& api, const std::string& integration, Decision::Action action, std::string what,
          const Caller& caller);
  // Takes it back, unless it is to be kept.
  ~PutDown();
  PutDown(const PutDown&) = delete;
  PutDown& operator=(const PutDown&) = delete;

  void keep() noexcept { kept_ = true; }

 private:
  Inbox inbox_;
  std::string id_;
  bool kept_ = false;
};

}  // namespace sluice::host::serve
