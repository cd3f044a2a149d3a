// The flow of contacts into an account.
#pragma once

#include <memory>
#include <optional>
#include <sluice/sdk.hpp>
#include <span>
#include <string>
#include <vector>

#include "account_model.hpp"
#include "client.hpp"
#include "exclusions.hpp"
#include "job.hpp"
#include "list_changes.hpp"
#include "poll_pace.hpp"
#include "settlement.hpp"
#include "tags.hpp"
#include "write_options.hpp"

namespace activecampaign {

class ContactWriter final : public sluice::Writer {
 public:
  // `model`: the account with its lists and fields.
  ContactWriter(sluice::Context& context, Client& client, AccountModel model,
                const sluice::WriteRequest& request);

  [[nodiscard]] sluice::WriterLimits limits() const override;
  std::vector<sluice::Outcome> write(sluice::Context& context,
                                     std::span<const sluice::Write> batch) override;
  std::vector<sluice::Outcome> poll(sluice::Context& context, const sluice::Receipt& receipt,
                                    std::span<const sluice::Write> writes) override;
  std::vector<sluice::RemoteRow> lookup(sluice::Context& context,
                                        const std::vector<std::string>& keys,
                                        bool by_remote_id) override;
  std::vector<sluice::CallEstimate> estimate(sluice::Context& context,
                                             std::span<const sluice::Write> batch) override;
  std::vector<sluice::Refusal> screen(sluice::Context& context,
                                      const std::vector<std::string>& keys) override;
  std::vector<sluice::Difference> verify(sluice::Context& context,
                                         std::span<const sluice::Write> batch) override;

 private:
  [[nodiscard]] Job job_of(const sluice::Write& write) const;
  [[nodiscard]] std::vector<Job> jobs_of(std::span<const sluice::Write> writes) const;
  // Moves the rows that an import should carry out of `singles`.
  [[nodiscard]] Jobs choose_imports(Jobs& singles) const;

  Client& client_;
  AccountModel model_;
  WriteOptions options_;
  TagBook tags_;
  PollPace pace_;
  OwnUnsubscriptions own_;
  Settlement settlement_;
  std::optional<std::vector<Exclusion>> exclusions_;  // read when they are first asked for
};

}  // namespace activecampaign
