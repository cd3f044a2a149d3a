// The validate stage: every record is mapped and checked, nothing is written to the destination.
// What it learns, errors and who claims which key, is kept, so that the first full run knows the
// owners before it writes.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/sync_context.hpp"
#include "pipeline/wire.hpp"

namespace sluice::host {

// Asks the destination which of these keys it would refuse.
using ScreenFn =
    std::function<std::map<std::string, Refusal>(const std::vector<std::string>& keys)>;

// Threads: [instance] one thread.
class Validation {
 public:
  // Without `screen`, the destination is not asked.
  explicit Validation(SyncContext& context, ScreenFn screen = {});
  // NDJSON records.
  void take(std::string_view records);
  // After the last page: duplicate keys, and errors of records that are no longer there.
  void finish();

  // The records that have open errors, and those that claim a destination key with one of them.
  [[nodiscard]] std::vector<std::string> keys_to_retry();
  // After these records, and no others, have been taken.
  void finish_retry(const std::vector<std::string>& keys);

 private:
  // A record that maps well, whose key the destination has not been asked about.
  struct Unscreened {
    std::string key;
    std::string target;
    std::string hash;
    std::int64_t row;
  };

  RecordOutcome judge(const Incoming& record, std::int64_t row);
  void settle(const std::string& key);
  void screen();
  void claim(const Incoming& record, RecordState state, const std::string& target);
  void judge_duplicates();

  SyncContext& context_;
  ScreenFn screen_;
  std::vector<Unscreened> unscreened_;
  JsonParser parser_;
  std::int64_t started_;
};

}  // namespace sluice::host
