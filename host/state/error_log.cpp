#include "state/error_log.hpp"

#include <algorithm>

namespace sluice::host {
namespace {

constexpr std::int64_t kFirstRetryMs = 0;
constexpr std::int64_t kRetryStepMs = 60LL * 60 * 1000;
constexpr std::int64_t kLongestRetryMs = 24LL * 60 * 60 * 1000;

// A first failure is tried again by the next run; from then on the pause doubles, up to a day.
std::int64_t retry_pause(std::int64_t attempts) {
  if (attempts <= 1) return kFirstRetryMs;
  const auto doublings = std::min<std::int64_t>(attempts - 2, 5);
  return std::min(kRetryStepMs << doublings, kLongestRetryMs);
}

RecordError read(const Statement& row) {
  RecordError error;
  error.sync = row.text(0);
  error.key = row.text(1);
  error.stage = row.text(2);
  error.code = row.text(3);
  error.field = row.text(4);
  error.message = row.text(5);
  error.value_hash = row.blob(6);
  error.first_seen = row.integer(7);
  error.last_seen = row.integer(8);
  error.attempts = row.integer(9);
  error.next_try = row.integer(10);
  error.state = static_cast<ErrorState>(row.integer(11));
  return error;
}

constexpr const char* kColumns =
    "s.name,e.key,e.stage,e.code,e.field,e.message,e.value_hash,e.first_seen,e.last_seen,e."
    "attempts,"
    "e.next_try,e.state FROM errors e JOIN syncs s ON s.id=e.sync ";

std::string select(std::string_view tail) {
  std::string sql{"SELECT "};
  sql.append(kColumns).append(tail);
  return sql;
}

}  // namespace

ErrorLog::ErrorLog(Database& database)
    : database_{database},
      find_{database.prepare(select("WHERE e.sync=?1 AND e.key=?2"))},
      insert_{database.prepare(
          "INSERT INTO errors(sync,key,stage,code,field,message,value_hash,first_seen,"
          "last_seen,attempts,next_try,state) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?8,1,?9,0)")},
      update_{database.prepare(
          "UPDATE errors SET stage=?3,code=?4,field=?5,message=?6,value_hash=?7,last_seen=?8,"
          "attempts=?9,next_try=?10,state=?11,first_seen=?12 WHERE sync=?1 AND key=?2")},
      resolve_{database.prepare(
          "UPDATE errors SET state=2,last_seen=?3 WHERE sync=?1 AND key=?2 AND state<>2")},
      due_{database.prepare(
          "SELECT key FROM errors WHERE sync=?1 AND state=0 AND next_try<=?2 AND key>?3 "
          "ORDER BY key LIMIT ?4")} {}

bool ErrorLog::report(std::int64_t sync, const RecordError& error, std::int64_t now_ms) {
  const auto before = find(sync, error.key);
  if (!before) {
    insert_.bind(1, sync)
        .bind(2, error.key)
        .bind(3, error.stage)
        .bind(4, error.code)
        .bind(5, error.field);
    insert_.bind(6, error.message).bind_blob(7, error.value_hash).bind(8, now_ms);
    insert_.bind(9, now_ms + retry_pause(1)).run();
    return true;
  }
  const bool same = before->value_hash == error.value_hash && before->code == error.code;
  const bool was_resolved = before->state == ErrorState::Resolved;
  const auto state =
      before->state == ErrorState::Ignored && same ? ErrorState::Ignored : ErrorState::Open;
  const std::int64_t attempts = was_resolved ? 1 : before->attempts + 1;
  update_.bind(1, sync)
      .bind(2, error.key)
      .bind(3, error.stage)
      .bind(4, error.code)
      .bind(5, error.field);
  update_.bind(6, error.message).bind_blob(7, error.value_hash).bind(8, now_ms).bind(9, attempts);
  update_.bind(10, now_ms + retry_pause(attempts)).bind(11, static_cast<int>(state));
  update_.bind(12, was_resolved ? now_ms : before->first_seen).run();
  return state == ErrorState::Open && before->state != ErrorState::Open;
}

bool ErrorLog::resolve(std::int64_t sync, std::string_view key, std::int64_t now_ms) {
  resolve_.bind(1, sync).bind(2, key).bind(3, now_ms).run();
  return database_.changes() > 0;
}

std::optional<RecordError> ErrorLog::find(std::int64_t sync, std::string_view key) {
  find_.bind(1, sync).bind(2, key);
  if (!find_.step()) return std::nullopt;
  RecordError error = read(find_);
  find_.reset();
  return error;
}

std::vector<std::string> ErrorLog::due(std::int64_t sync, std::int64_t now_ms,
                                       std::string_view after, std::size_t limit) {
  std::vector<std::string> keys;
  due_.bind(1, sync).bind(2, now_ms).bind(3, after).bind(4, static_cast<std::int64_t>(limit));
  while (due_.step()) keys.emplace_back(due_.text(0));
  return keys;
}

std::int64_t ErrorLog::ignore(std::string_view key, std::string_view code) {
  Statement statement = database_.prepare(
      "UPDATE errors SET state=1 WHERE state=0 AND (?1='' OR key=?1) AND (?2='' OR code=?2)");
  statement.bind(1, key).bind(2, code).run();
  return database_.changes();
}

std::int64_t ErrorLog::reopen(std::string_view key) {
  Statement statement = database_.prepare(
      "UPDATE errors SET state=0,next_try=0 WHERE state<>2 AND (?1='' OR key=?1)");
  statement.bind(1, key).run();
  return database_.changes();
}

std::int64_t ErrorLog::count(ErrorState state) {
  Statement statement = database_.prepare("SELECT count(*) FROM errors WHERE state=?1");
  statement.bind(1, static_cast<int>(state));
  return statement.step() ? statement.integer(0) : 0;
}

std::int64_t ErrorLog::count(std::int64_t sync, ErrorState state) {
  Statement statement = database_.prepare("SELECT count(*) FROM errors WHERE sync=?1 AND state=?2");
  statement.bind(1, sync).bind(2, static_cast<int>(state));
  return statement.step() ? statement.integer(0) : 0;
}

std::vector<ErrorGroup> ErrorLog::groups(ErrorState state) {
  Statement statement = database_.prepare(
      "SELECT s.name,e.stage,e.code,e.field,e.message,count(*),min(e.key) FROM errors e JOIN "
      "syncs s ON s.id=e.sync WHERE e.state=?1 GROUP BY s.name,e.stage,e.code,e.field,CASE e.stage "
      "WHEN 'check' THEN e.message END ORDER BY 6 DESC,3,4,5");
  statement.bind(1, static_cast<int>(state));
  std::vector<ErrorGroup> out;
  while (statement.step()) {
    out.push_back({std::string{statement.text(0)}, std::string{statement.text(1)},
                   std::string{statement.text(2)}, std::string{statement.text(3)},
                   std::string{statement.text(4)}, statement.integer(5),
                   std::string{statement.text(6)}});
  }
  return out;
}

void ErrorLog::each(ErrorState state, const std::function<void(const RecordError&)>& visit) {
  Statement statement = database_.prepare(select("WHERE e.state=?1 ORDER BY s.name,e.key"));
  statement.bind(1, static_cast<int>(state));
  while (statement.step()) visit(read(statement));
}

}  // namespace sluice::host
