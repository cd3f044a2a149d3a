// The validate stage: every record is mapped and checked, nothing is written to the destination.
// What it learns, errors and who claims which key, is kept, so that the first full run knows the
// owners before it writes.
#pragma once

#include <cstdint>
#include <string>

#include "connector/connector.hpp"
#include "pipeline/sync_context.hpp"
#include "pipeline/wire.hpp"

namespace sluice::host {

// Threads: [instance] one thread.
class Validation {
 public:
  explicit Validation(SyncContext& context);
  void take(const RecordPage& page);
  // After the last page: duplicate keys, and errors of records that are no longer there.
  void finish();

 private:
  RecordOutcome judge(const Incoming& record);
  void claim(const Incoming& record, RecordState state, const std::string& target);
  void report(const std::string& key, const std::string& stage, const std::string& code,
              const std::string& field, const std::string& message, const std::string& value);
  void judge_duplicates();

  SyncContext& context_;
  JsonParser parser_;
  std::int64_t started_;
};

}  // namespace sluice::host
