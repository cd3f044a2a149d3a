// The account of a run: every record that was read, and the one outcome it came to. Nothing here
// commits.
#pragma once

#include <cstdint>
#include <optional>
#include <sluice/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "state/sqlite.hpp"

namespace sluice::host {

// read = delivered + unchanged + deleted + filtered + superseded + stale + pending + rejected (+
// valid, in `validate`)
enum class RecordOutcome {
  Delivered = 1,
  Unchanged = 2,
  Deleted = 3,
  Filtered = 4,
  Superseded = 5,
  Stale = 6,
  Pending = 7,
  Rejected = 8,
  Valid = 9,
};
inline constexpr int kRecordOutcomes = 9;
[[nodiscard]] std::string_view to_string(RecordOutcome outcome) noexcept;

struct Totals {
  std::int64_t read = 0;                           // counted where pages are decoded
  std::int64_t outcome[kRecordOutcomes + 1] = {};  // counted by SQL over the run's rows
  [[nodiscard]] std::int64_t of(RecordOutcome which) const {
    return outcome[static_cast<int>(which)];
  }
  [[nodiscard]] std::int64_t sum() const;
};

struct RunRow {
  std::int64_t id = 0;
  std::string stage;
  std::int64_t started = 0;
  std::int64_t ended = 0;  // 0: running, or killed
  std::string result;      // "done", "errors", "interrupted", "refused", "failed"
  json::object summary;
};

class Runs {
 public:
  explicit Runs(Database& database);

  std::int64_t start(std::string_view stage, std::int64_t now_ms);
  void finish(std::int64_t run, std::string_view result, const json::object& summary,
              std::int64_t now_ms);
  // Settles the account row of one record that was read; a later call for the same row replaces the
  // outcome.
  void record(std::int64_t run, std::int64_t row, std::int64_t sync, std::string_view key,
              RecordOutcome outcome);
  // Changes the outcome of a key's last row. Earlier ones that still wait were the same record,
  // read more than once: they become unchanged.
  void amend(std::int64_t run, std::int64_t sync, std::string_view key, RecordOutcome outcome);
  // The same, if that row still waits.
  void amend_pending(std::int64_t run, std::int64_t sync, std::string_view key,
                     RecordOutcome outcome);
  [[nodiscard]] Totals totals(std::int64_t run, std::int64_t sync);
  // Rows are kept for the run only; its sums stay in the summary.
  void drop_rows(std::int64_t run);
  // The newest first; those before the run `before`, unless it is 0.
  [[nodiscard]] std::vector<RunRow> last(std::size_t count, std::int64_t before = 0);
  // The same without those that events caused: there may be thousands of them a day.
  [[nodiscard]] std::vector<RunRow> last_of_stages(std::size_t count);
  // The newest run that read its source to the end and delivered what it found.
  [[nodiscard]] std::optional<RunRow> last_complete();
  // Drops runs that began before, but for the last one of each stage and result; those that events
  // caused if they began before `events_before_ms`.
  void drop_before(std::int64_t before_ms, std::int64_t events_before_ms);

 private:
  void amend(std::int64_t run, std::int64_t sync, std::string_view key, RecordOutcome outcome,
             bool only_pending);

  Database& database_;
  Statement record_, amend_;
  bool indexed_ = false;
};

}  // namespace sluice::host
