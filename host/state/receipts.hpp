// Writes that a destination has accepted and will report on later. Nothing here commits.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "state/sqlite.hpp"

namespace sluice::host {

class Packer;

// One write under a receipt, with all that is needed to settle it in another process.
struct PendingWrite {
  std::string source_key;
  std::int64_t row = 0;  // its row in the run's account, 0: amended by key, -1: in nobody's
  std::string target;
  std::string previous_target;  // empty: none
  std::string line;             // the NDJSON line that was written
  std::string document;         // packed
  std::string hash;
};

struct OpenReceipt {
  std::int64_t id = 0;
  std::string receipt;         // the destination's own text
  std::int64_t issued_at = 0;  // ms since the epoch
  std::int64_t next_poll = 0;
  std::int64_t run = 0;
};

class Receipts {
 public:
  // Both outlive this.
  Receipts(Database& database, Packer& packer);

  std::int64_t add(std::int64_t sync, std::int64_t run, std::string_view receipt,
                   std::int64_t issued_at, std::int64_t next_poll);
  // Writes keep the order in which they are added.
  void add_write(std::int64_t sync, std::int64_t receipt, const PendingWrite& write);
  void postpone(std::int64_t receipt, std::int64_t next_poll);
  [[nodiscard]] std::vector<OpenReceipt> open(std::int64_t sync);
  [[nodiscard]] std::vector<PendingWrite> writes(std::int64_t receipt);
  void settle(std::int64_t receipt);  // removes it with its writes
  // The receipt that a destination key waits for.
  [[nodiscard]] std::optional<std::int64_t> waiting(std::int64_t sync, std::string_view target);

 private:
  Database& database_;
  Packer& packer_;
  Statement add_, add_write_, postpone_, open_, writes_, waiting_;
};

}  // namespace sluice::host
