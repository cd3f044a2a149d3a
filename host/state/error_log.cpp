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
  error.decided_by = row.text(12);
  error.decided_why = row.text(13);
  error.decided_at = row.integer(14);
  return error;
}

constexpr const char* kColumns =
    "s.name,e.key,e.stage,e.code,e.field,e.message,e.value_hash,e.first_seen,e.last_seen,e."
    "attempts,"
    "e.next_try,e.state,e.decided_by,e.decided_why,e.decided_at FROM errors e JOIN syncs s ON "
    "s.id=e.sync ";

std::string select(std::string_view tail) {
  std::string sql{"SELECT "};
  sql.append(kColumns).append(tail);
  return sql;
}

// Parameters 1 to 5, 20 and 21 of a statement on `errors e JOIN syncs s`.
constexpr const char* kSelected =
    "(?1='' OR e.sync IN (SELECT id FROM syncs WHERE name=?1)) AND (?2='' OR e.key IN (SELECT "
    "value "
    "FROM json_each(?2))) AND (?3='' OR e.stage=?3) AND (?4='' OR e.code=?4) AND (?5='' OR "
    "e.field=?5) AND (?20='' OR e.message=?20) AND (?21='' OR instr(lower(e.key),?21) OR "
    "instr(lower(e.field),?21) OR instr(lower(e.message),?21))";

// Must outlive the statement's run: what is bound is borrowed.
struct SelectionText {
  explicit SelectionText(const ErrorSelection& which) : selection{which}, part{which.text} {
    for (char& letter : part) {
      if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter + ('a' - 'A'));
    }
    if (which.keys.empty()) return;
    json::array all;
    for (const auto& key : which.keys) all.emplace_back(key);
    keys = to_json(all);
  }
  void bind(Statement& statement) const {
    statement.bind(1, selection.sync).bind(2, keys).bind(3, selection.stage);
    statement.bind(4, selection.code).bind(5, selection.field);
    statement.bind(20, selection.message).bind(21, part);
  }
  const ErrorSelection& selection;
  std::string part;
  std::string keys;
};

}  // namespace

json::object json_of(const RecordError& error) {
  json::object out{{"sync", error.sync},
                   {"key", error.key},
                   {"stage", error.stage},
                   {"code", error.code},
                   {"field", error.field},
                   {"message", error.message},
                   {"first_seen", error.first_seen},
                   {"last_seen", error.last_seen},
                   {"attempts", error.attempts},
                   {"next_try", error.next_try}};
  if (error.state == ErrorState::Ignored) {
    out["decided_by"] = error.decided_by;
    out["decided_why"] = error.decided_why;
    out["decided_at"] = error.decided_at;
  }
  return out;
}

json::object json_of(const ErrorGroup& group) {
  json::array examples;
  for (const auto& key : group.examples) examples.emplace_back(key);
  return {{"sync", group.sync},
          {"stage", group.stage},
          {"code", group.code},
          {"field", group.field},
          {"count", group.count},
          {"message", group.message},
          {"examples", std::move(examples)}};
}

ErrorLog::ErrorLog(Database& database)
    : database_{database},
      find_{database.prepare(select("WHERE e.sync=?1 AND e.key=?2"))},
      insert_{database.prepare(
          "INSERT INTO errors(sync,key,stage,code,field,message,value_hash,first_seen,"
          "last_seen,attempts,next_try,state) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?8,1,?9,0)")},
      update_{database.prepare(
          "UPDATE errors SET stage=?3,code=?4,field=?5,message=?6,value_hash=?7,last_seen=?8,"
          "attempts=?9,next_try=?10,state=?11,first_seen=?12,"
          "decided_by=iif(?11=1,decided_by,''),decided_why=iif(?11=1,decided_why,''),"
          "decided_at=iif(?11=1,decided_at,0) WHERE sync=?1 AND key=?2")},
      resolve_{database.prepare(
          "UPDATE errors SET state=2,last_seen=?3 WHERE sync=?1 AND key=?2 AND state<>2")},
      due_{database.prepare(
          "SELECT key FROM errors WHERE sync=?1 AND state=0 AND (next_try<=?2 OR next_try>?5) "
          "AND key>?3 ORDER BY key LIMIT ?4")} {}

bool ErrorLog::report(std::int64_t sync, const RecordError& error, std::int64_t now_ms) {
  any_unresolved_ = true;
  if (error.stage == "constraint" || error.code == kCrashedConnector) any_withholds_.reset();
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
  if (!any_unresolved_) {
    any_unresolved_ = database_.scalar(
                          "SELECT EXISTS(SELECT 1 FROM errors WHERE state=0) OR EXISTS(SELECT 1 "
                          "FROM errors WHERE state=1)") != 0;
  }
  if (!*any_unresolved_) return false;
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
  due_.bind(5, now_ms + kLongestRetryMs);  // noted while the clock was wrong
  while (due_.step()) keys.emplace_back(due_.text(0));
  return keys;
}

void ErrorLog::look_again() noexcept {
  any_withholds_.reset();
  any_unresolved_.reset();
}

bool ErrorLog::any_withholds() {
  if (!any_withholds_) {
    Statement statement = database_.prepare(
        "SELECT EXISTS(SELECT 1 FROM errors WHERE state=1) OR EXISTS(SELECT 1 FROM errors WHERE "
        "state=0 AND (stage='constraint' OR code=?1))");
    any_withholds_ = statement.bind(1, kCrashedConnector).step() && statement.integer(0) != 0;
  }
  return *any_withholds_;
}

std::int64_t ErrorLog::ignore(const ErrorSelection& which, const ErrorVerdict& verdict) {
  look_again();
  Statement statement = database_.prepare(
      std::string{"UPDATE errors AS e SET state=1,decided_by=?6,decided_why=?7,decided_at=?8 WHERE "
                  "e.state=0 AND "} +
      kSelected);
  const SelectionText text{which};
  text.bind(statement);
  statement.bind(6, verdict.who).bind(7, verdict.why).bind(8, verdict.at).run();
  return database_.changes();
}

std::int64_t ErrorLog::retry(const ErrorSelection& which) {
  look_again();
  Statement statement = database_.prepare(
      std::string{"UPDATE errors AS e SET state=0,next_try=0,decided_by='',decided_why='',"
                  "decided_at=0 WHERE e.state<>2 AND "} +
      kSelected);
  const SelectionText text{which};
  text.bind(statement);
  statement.run();
  return database_.changes();
}

std::int64_t ErrorLog::drop_resolved(std::int64_t before_ms) {
  Statement statement = database_.prepare("DELETE FROM errors WHERE state=2 AND last_seen<?1");
  statement.bind(1, before_ms).run();
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

std::vector<ErrorGroup> ErrorLog::groups(ErrorState state, const ErrorSelection& which) {
  // The messages of checks are their own cause; those of others tell of single values.
  const std::string from =
      std::string{" FROM errors e JOIN syncs s ON s.id=e.sync WHERE e.state=?6 AND "} + kSelected;
  Statement causes =
      database_.prepare("SELECT s.name,e.stage,e.code,e.field,min(e.message),count(*)" + from +
                        " GROUP BY s.name,e.stage,e.code,e.field,iif(e.stage='check',e.message,'') "
                        "ORDER BY 6 DESC,3,4,5");
  Statement examples = database_.prepare(
      "SELECT e.key" + from +
      " AND s.name=?7 AND e.stage=?8 AND e.code=?9 AND e.field=?10 AND (e.stage<>'check' OR "
      "e.message=?11) ORDER BY e.key LIMIT 3");
  const SelectionText text{which};
  text.bind(causes);
  causes.bind(6, static_cast<int>(state));
  std::vector<ErrorGroup> out;
  while (causes.step()) {
    ErrorGroup group{std::string{causes.text(0)},
                     std::string{causes.text(1)},
                     std::string{causes.text(2)},
                     std::string{causes.text(3)},
                     std::string{causes.text(4)},
                     causes.integer(5),
                     {}};
    text.bind(examples);
    examples.bind(6, static_cast<int>(state)).bind(7, group.sync).bind(8, group.stage);
    examples.bind(9, group.code).bind(10, group.field).bind(11, group.message);
    while (examples.step()) group.examples.emplace_back(examples.text(0));
    out.push_back(std::move(group));
  }
  return out;
}

void ErrorLog::each(ErrorState state, const std::function<void(const RecordError&)>& visit,
                    const ErrorSelection& which) {
  Statement statement = database_.prepare(
      select(std::string{"WHERE e.state=?6 AND "} + kSelected + " ORDER BY s.name,e.key"));
  const SelectionText text{which};
  text.bind(statement);
  statement.bind(6, static_cast<int>(state));
  while (statement.step()) visit(read(statement));
}

std::int64_t ErrorLog::count(ErrorState state, const ErrorSelection& which) {
  if (which.is_everything()) return count(state);
  Statement statement = database_.prepare(
      std::string{"SELECT count(*) FROM errors e WHERE e.state=?6 AND "} + kSelected);
  const SelectionText text{which};
  text.bind(statement);
  statement.bind(6, static_cast<int>(state));
  return statement.step() ? statement.integer(0) : 0;
}

std::vector<RecordError> ErrorLog::page(ErrorState state, const ErrorSelection& which,
                                        const ErrorPlace& after, std::size_t limit) {
  Statement statement = database_.prepare(
      select(std::string{"WHERE e.state=?6 AND "} + kSelected +
             " AND (e.sync,e.key)>(coalesce((SELECT id FROM syncs WHERE name=?7),-1),?8) "
             "ORDER BY e.sync,e.key LIMIT ?9"));
  const SelectionText text{which};
  text.bind(statement);
  statement.bind(6, static_cast<int>(state)).bind(7, after.sync).bind(8, after.key);
  statement.bind(9, static_cast<std::int64_t>(limit));
  std::vector<RecordError> out;
  while (statement.step()) out.push_back(read(statement));
  return out;
}

}  // namespace sluice::host
