// The validate stage: every record is mapped and checked, nothing is written to the destination.
// What it learns, errors and who claims which key, is kept, so that the first full run knows the
// owners before it writes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/sync_context.hpp"
#include "pipeline/wire.hpp"

namespace sluice::host {

// Threads: [instance] one thread.
class Validation {
 public:
  explicit Validation(SyncContext& context);
  // NDJSON records.
  void take(std::string_view records);
  // After the last page: duplicate keys, and errors of records that are no longer there.
  void finish();

  // The records that have open errors, and those that claim a destination key with one of them.
  [[nodiscard]] std::vector<std::string> keys_to_retry();
  // After these records, and no others, have been taken.
  void finish_retry(const std::vector<std::string>& keys);

 private:
  RecordOutcome judge(const Incoming& record);
  void claim(const Incoming& record, RecordState state, const std::string& target);
  void judge_duplicates();

  SyncContext& context_;
  JsonParser parser_;
  std::int64_t started_;
};

}  // namespace sluice::host
