// `full --verify`: records that have not changed are held against what the destination has, and
// written again where that differs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

#include "pipeline/delivery.hpp"
#include "pipeline/sync_context.hpp"

namespace sluice::host {

struct VerificationCounts {
  std::int64_t verified = 0;    // records that were read back
  std::int64_t drifted = 0;     // that differed, and were written again
  std::int64_t missing = 0;     // that were gone at the destination; among the drifted
  std::int64_t ids_filled = 0;  // whose remote id was not known, or has become another
};

// Threads: [instance] one thread.
class Verification {
 public:
  Verification(SyncContext& context, Delivery& delivery) : context_{context}, delivery_{delivery} {}

  // Whether a write with one of these keys waits to be compared.
  [[nodiscard]] bool touches(const std::string& source_key, const std::string& target) const;
  // Takes a write whose document is the one delivered last. Its set changes add every member, so
  // that it is whole when it has to be sent.
  void add(PlannedWrite write);
  // Compares what waits: what is as it should be is settled as unchanged, the rest is handed to the
  // delivery.
  void flush();

  [[nodiscard]] const VerificationCounts& counts() const noexcept { return counts_; }

 private:
  void settle(const PlannedWrite& write);
  void repair(PlannedWrite write, const RemoteDifference& difference);
  void remember(const PlannedWrite& write, const RemoteDifference& difference);

  SyncContext& context_;
  Delivery& delivery_;
  std::vector<PlannedWrite> waiting_;
  std::unordered_set<std::string> source_keys_, targets_;
  VerificationCounts counts_;
};

}  // namespace sluice::host
