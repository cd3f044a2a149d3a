// Record errors: one row a record, from the first failure until it is settled. Nothing here
// commits.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <sluice/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "state/sqlite.hpp"

namespace sluice::host {

enum class ErrorState { Open = 0, Ignored = 1, Resolved = 2 };

struct RecordError {
  std::string sync;   // name
  std::string key;    // source key
  std::string stage;  // "check", "mapping", "constraint", "duplicate", "write", "source"
  std::string code;   // groups equal causes
  std::string field;
  std::string message;
  std::string value_hash;  // of the failing value: an ignored error opens again when it changes
  std::int64_t first_seen = 0;  // ms since the epoch
  std::int64_t last_seen = 0;
  std::int64_t attempts = 0;
  std::int64_t next_try = 0;
  ErrorState state = ErrorState::Open;
  std::string decided_by, decided_why;  // of an ignored error
  std::int64_t decided_at = 0;
};
[[nodiscard]] json::object json_of(const RecordError& error);

// One cause, with how many records it concerns and some of them.
struct ErrorGroup {
  std::string sync, stage, code, field, message;
  std::int64_t count = 0;
  std::vector<std::string> examples;  // source keys, at most three
};
[[nodiscard]] json::object json_of(const ErrorGroup& group);

// Which errors are meant: those that fit every part that is not empty.
struct ErrorSelection {
  std::string sync;
  std::vector<std::string> keys;
  std::string stage, code, field;
  std::string message;  // the whole of it
  std::string text;     // part of key, field or message; ASCII letters in any case
  [[nodiscard]] bool is_everything() const noexcept {
    return sync.empty() && keys.empty() && stage.empty() && code.empty() && field.empty() &&
           message.empty() && text.empty();
  }
};

// A place in the order of errors: before all of them, or behind one.
struct ErrorPlace {
  std::string sync, key;
};

// Who ignored an error, why and when.
struct ErrorVerdict {
  std::string who, why;
  std::int64_t at = 0;
};

// The code of an error of a record that its connector died of, or hung at, each time it wrote it.
inline constexpr std::string_view kCrashedConnector = "crashed_connector";

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
  // Open errors become ignored; returns how many.
  std::int64_t ignore(const ErrorSelection& which, const ErrorVerdict& verdict);
  // Open and ignored errors become open and due now; returns how many.
  std::int64_t retry(const ErrorSelection& which);
  // Whether any error may keep a write from being sent: an ignored one, one of the destination's
  // constraints, or a crash. Cheap: asked before every write.
  [[nodiscard]] bool any_withholds();
  // Others may have changed the file.
  void look_again() noexcept;
  // Drops errors that were resolved before; returns how many.
  std::int64_t drop_resolved(std::int64_t before_ms);

  [[nodiscard]] std::int64_t count(ErrorState state);
  [[nodiscard]] std::int64_t count(std::int64_t sync, ErrorState state);
  [[nodiscard]] std::int64_t count(ErrorState state, const ErrorSelection& which);
  // At most `limit` that come after a place, sync by sync in the order of keys.
  [[nodiscard]] std::vector<RecordError> page(ErrorState state, const ErrorSelection& which,
                                              const ErrorPlace& after, std::size_t limit);
  // The most frequent cause first.
  [[nodiscard]] std::vector<ErrorGroup> groups(ErrorState state, const ErrorSelection& which = {});
  // Streams errors in the order of sync and key.
  void each(ErrorState state, const std::function<void(const RecordError&)>& visit,
            const ErrorSelection& which = {});

 private:
  Database& database_;
  Statement find_, insert_, update_, resolve_, due_;
  std::optional<bool> any_withholds_;
  std::optional<bool> any_unresolved_;  // may stay true when the last one is resolved
};

}  // namespace sluice::host
