// What writing a batch would cost in requests, for plans. An approximation: what the account holds
// is not read, so it is assumed to be as Sluice left it.
#pragma once

#include <cstdint>
#include <map>
#include <sluice/sdk.hpp>
#include <span>
#include <string>
#include <vector>

#include "import_body.hpp"
#include "job.hpp"
#include "write_options.hpp"

namespace activecampaign {

struct CallCounts {
  std::int64_t general = 0;  // imports included
  std::int64_t bulk = 0;
  std::int64_t bulk_single = 0;

  // The import, and one question for its result.
  void add_import(const ImportChunk& chunk);
  [[nodiscard]] std::vector<sluice::CallEstimate> by_class(const Client& client) const;
};

// An upsert through single calls: look-ups, the contact, its lists, its tags.
[[nodiscard]] std::int64_t single_calls(const Job& job, const WriteOptions& options);
[[nodiscard]] std::int64_t removal_calls(const Job& job);

// Custom fields that the account does not have yet, because a plan creates none.
class FutureFields {
 public:
  explicit FutureFields(const AccountModel& model) : model_{model} {}

  // The writes without the fields that are unknown.
  [[nodiscard]] std::vector<sluice::Write> without_unknown(
      std::span<const sluice::Write> writes) const;
  // Gives the jobs of those writes what was left out. The values point into this object.
  void complete(std::span<const sluice::Write> writes, std::vector<Job>& jobs);

 private:
  [[nodiscard]] bool is_unknown(std::string_view name) const;

  const AccountModel& model_;
  std::map<std::string, CustomField> fields_;  // by name
};

}  // namespace activecampaign
