// The flow of companies into an account: the vendor's `accounts`, found by their name.
#pragma once

#include <sluice/sdk.hpp>
#include <span>
#include <string>
#include <vector>

#include "client.hpp"

namespace activecampaign {

inline constexpr auto kAccounts = "accounts";

[[nodiscard]] sluice::Object describe_accounts();
// Only the fields that every account has can be written.
[[nodiscard]] std::vector<sluice::PreparedField> prepare_account_fields(
    const sluice::PrepareRequest& request);

// Creates by POST, changes by PUT with the name in it; a name that is taken is looked up. Names
// that differ only in case are one.
class CompanyWriter final : public sluice::Writer {
 public:
  CompanyWriter(Client& client, const sluice::WriteRequest& request)
      : client_{client}, mode_{request.mode} {}

  [[nodiscard]] sluice::WriterLimits limits() const override;
  std::vector<sluice::Outcome> write(sluice::Context& context,
                                     std::span<const sluice::Write> batch) override;
  std::vector<sluice::RemoteRow> lookup(sluice::Context& context,
                                        const std::vector<std::string>& keys,
                                        bool by_remote_id) override;
  std::vector<sluice::Difference> verify(sluice::Context& context,
                                         std::span<const sluice::Write> batch) override;
  std::vector<sluice::CallEstimate> estimate(sluice::Context& context,
                                             std::span<const sluice::Write> batch) override;

 private:
  Client& client_;
  sluice::WriteMode mode_;
};

}  // namespace activecampaign
