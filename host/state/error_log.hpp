// Record errors: one row a record, from the first failure until it is settled. Nothing here
// commits.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "state/sqlite.hpp"

namespace sluice::host {

enum class ErrorState { Open = 0, Ignored = 1, Resolved = 2 };

struct RecordError {
  std::string sync;   // name
  std::string key;    // source key
  std::string stage;  // "check", "mapping", "duplicate", "write", "source"
  std::string code;   // groups equal causes
  std::string field;
  std::string message;
  std::string value_hash;  // of the failing value: an ignored error opens again when it changes
  std::int64_t first_seen = 0;  // ms since the epoch
  std::int64_t last_seen = 0;
  std::int64_t attempts = 0;
  std::int64_t next_try = 0;
  ErrorState state = ErrorState::Open;
};

// One cause, with how many records it concerns and one of them.
struct ErrorGroup {
  std::string sync, stage, code, field, message;
  std::int64_t count = 0;
  std::string example_key;
};

class ErrorLog {
 public:
  explicit ErrorLog(Database& database);

  // Adds or renews an error. True when it is open and was not open before (new in this run).
  bool report(std::int64_t sync, const RecordError& error, std::int64_t now_ms);
  // The record is fine now, or gone. True when an unresolved error was there.
  bool resolve(std::int64_t sync, std::string_view key, std::int64_t now_ms);
  [[nodiscard]] std::optional<RecordError> find(std::int64_t sync, std::string_view key);
  // Open errors whose next try is due; keys after `after`, in order.
  [[nodiscard]] std::vector<std::string> due(std::int64_t sync, std::int64_t now_ms,
                                             std::string_view after, std::size_t limit);
  // Sets state of all open errors (or of one key, or of one code); returns how many changed.
  std::int64_t ignore(std::string_view key, std::string_view code);
  // Makes open and ignored errors due now; returns how many.
  std::int64_t reopen(std::string_view key);

  [[nodiscard]] std::int64_t count(ErrorState state);
  [[nodiscard]] std::int64_t count(std::int64_t sync, ErrorState state);
  [[nodiscard]] std::vector<ErrorGroup> groups(ErrorState state);
  // Streams errors in the order of sync and key.
  void each(ErrorState state, const std::function<void(const RecordError&)>& visit);

 private:
  Database& database_;
  Statement find_, insert_, update_, resolve_, due_;
};

}  // namespace sluice::host
