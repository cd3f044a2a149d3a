#include "state/runs.hpp"

#include <numeric>

namespace sluice::host {
namespace {

constexpr const char* kRunColumns =
    "SELECT id,stage,started,coalesce(ended,0),coalesce(result,''),coalesce(summary,'{}') FROM "
    "runs ";

RunRow read_run(const Statement& row) {
  return {row.integer(0), std::string{row.text(1)}, row.integer(2),
          row.integer(3), std::string{row.text(4)}, parse_json(row.text(5)).as_object()};
}

}  // namespace

std::string_view to_string(RecordOutcome outcome) noexcept {
  switch (outcome) {
    case RecordOutcome::Delivered:
      return "delivered";
    case RecordOutcome::Unchanged:
      return "unchanged";
    case RecordOutcome::Deleted:
      return "deleted";
    case RecordOutcome::Filtered:
      return "filtered";
    case RecordOutcome::Superseded:
      return "superseded";
    case RecordOutcome::Stale:
      return "stale";
    case RecordOutcome::Pending:
      return "pending";
    case RecordOutcome::Rejected:
      return "rejected";
    case RecordOutcome::Valid:
      return "valid";
  }
  return "unknown";
}

std::int64_t Totals::sum() const {
  return std::accumulate(std::begin(outcome), std::end(outcome), std::int64_t{0});
}

Runs::Runs(Database& database)
    : database_{database},
      record_{database.prepare(
          "INSERT OR REPLACE INTO run_rows(run,row,sync,key,outcome) VALUES(?1,?2,?3,?4,?5)")},
      amend_{database.prepare(
          "UPDATE run_rows SET outcome=CASE WHEN row=(SELECT max(row) FROM run_rows WHERE run=?1 "
          "AND sync=?2 AND key=?3) THEN iif(?7 AND outcome<>?5,outcome,?4) WHEN outcome=?5 THEN ?6 "
          "ELSE outcome END WHERE run=?1 AND sync=?2 AND key=?3")} {}

std::int64_t Runs::start(std::string_view stage, std::int64_t now_ms) {
  // Rows of runs that were killed are of no use: what they wrote is in the ledger.
  database_.execute("DELETE FROM run_rows");
  database_.execute("DROP INDEX IF EXISTS run_rows_by_key");
  indexed_ = false;
  Statement statement = database_.prepare("INSERT INTO runs(stage,started) VALUES(?1,?2)");
  statement.bind(1, stage).bind(2, now_ms).run();
  return database_.last_insert_id();
}

void Runs::finish(std::int64_t run, std::string_view result, const json::object& summary,
                  std::int64_t now_ms) {
  const std::string text = to_json(summary);
  Statement statement =
      database_.prepare("UPDATE runs SET result=?2,summary=?3,ended=?4 WHERE id=?1");
  statement.bind(1, run).bind(2, result).bind(3, text).bind(4, now_ms).run();
}

void Runs::record(std::int64_t run, std::int64_t row, std::int64_t sync, std::string_view key,
                  RecordOutcome outcome) {
  record_.bind(1, run)
      .bind(2, row)
      .bind(3, sync)
      .bind(4, key)
      .bind(5, static_cast<int>(outcome))
      .run();
}

void Runs::amend(std::int64_t run, std::int64_t sync, std::string_view key, RecordOutcome outcome) {
  amend(run, sync, key, outcome, false);
}

void Runs::amend_pending(std::int64_t run, std::int64_t sync, std::string_view key,
                         RecordOutcome outcome) {
  amend(run, sync, key, outcome, true);
}

void Runs::amend(std::int64_t run, std::int64_t sync, std::string_view key, RecordOutcome outcome,
                 bool only_pending) {
  // Few runs amend anything: only those pay for the index.
  if (!indexed_) {
    database_.execute("CREATE INDEX IF NOT EXISTS run_rows_by_key ON run_rows(run,sync,key)");
    indexed_ = true;
  }
  amend_.bind(1, run).bind(2, sync).bind(3, key).bind(4, static_cast<int>(outcome));
  amend_.bind(5, static_cast<int>(RecordOutcome::Pending))
      .bind(6, static_cast<int>(RecordOutcome::Unchanged))
      .bind(7, only_pending ? 1 : 0)
      .run();
}

Totals Runs::totals(std::int64_t run, std::int64_t sync) {
  // Grouped by outcome, all rows of the run would be sorted first.
  std::string counts;
  for (int outcome = 1; outcome <= kRecordOutcomes; ++outcome) {
    counts += (counts.empty() ? "" : ",");
    counts += "count(*) FILTER(WHERE outcome=" + std::to_string(outcome) + ")";
  }
  Statement statement =
      database_.prepare("SELECT " + counts + " FROM run_rows WHERE run=?1 AND sync=?2");
  statement.bind(1, run).bind(2, sync);
  Totals totals;
  if (!statement.step()) return totals;
  for (int outcome = 1; outcome <= kRecordOutcomes; ++outcome)
    totals.outcome[outcome] = statement.integer(outcome - 1);
  return totals;
}

void Runs::drop_rows(std::int64_t run) {
  Statement statement = database_.prepare("DELETE FROM run_rows WHERE run=?1");
  statement.bind(1, run).run();
}

std::vector<RunRow> Runs::last(std::size_t count, std::int64_t before) {
  Statement statement =
      database_.prepare(std::string{kRunColumns} + "WHERE ?2=0 OR id<?2 ORDER BY id DESC LIMIT ?1");
  statement.bind(1, static_cast<std::int64_t>(count)).bind(2, before);
  std::vector<RunRow> out;
  while (statement.step()) out.push_back(read_run(statement));
  return out;
}

std::vector<RunRow> Runs::last_of_stages(std::size_t count) {
  Statement statement = database_.prepare(std::string{kRunColumns} +
                                          "WHERE stage<>'events' ORDER BY id DESC LIMIT ?1");
  statement.bind(1, static_cast<std::int64_t>(count));
  std::vector<RunRow> out;
  while (statement.step()) out.push_back(read_run(statement));
  return out;
}

std::optional<RunRow> Runs::last_complete() {
  Statement statement =
      database_.prepare(std::string{kRunColumns} +
                        "WHERE stage IN ('full','incremental') AND result IN ('done','errors') "
                        "AND coalesce(summary->>'$.keys',0)=0 ORDER BY id DESC LIMIT 1");
  if (!statement.step()) return std::nullopt;
  return read_run(statement);
}

void Runs::drop_before(std::int64_t before_ms, std::int64_t events_before_ms) {
  Statement statement = database_.prepare(
      "DELETE FROM runs WHERE started<CASE stage WHEN 'events' THEN ?2 ELSE ?1 END AND id NOT IN "
      "(SELECT max(id) FROM runs GROUP BY stage,result)");
  statement.bind(1, before_ms).bind(2, events_before_ms).run();
}

}  // namespace sluice::host
