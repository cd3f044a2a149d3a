// The account's lists and fields as the calls of one instance share them: an instance serves one
// run, in which nobody but itself is expected to change them.
#pragma once

#include <mutex>
#include <sluice/sdk.hpp>
#include <utility>

#include "account_model.hpp"

namespace activecampaign {

// Threads: [any thread].
class KnownAccount {
 public:
  // With lists and fields; reads what is not known yet.
  [[nodiscard]] AccountModel whole(sluice::Context& context, Client& client) {
    const std::lock_guard lock{mutex_};
    model_.complete(context, client);
    return model_;
  }
  // What was read elsewhere.
  void replace(AccountModel model) {
    const std::lock_guard lock{mutex_};
    model_ = std::move(model);
  }
  // Before a list or field is changed.
  void forget() { replace({}); }

 private:
  std::mutex mutex_;
  AccountModel model_;
};

}  // namespace activecampaign
