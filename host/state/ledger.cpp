#include "state/ledger.hpp"

#include <sodium.h>

#include <array>
#include <sluice/error.hpp>

namespace sluice::host {
namespace {

TargetRow read_target(const Statement& row) {
  TargetRow out;
  out.key = row.text(0);
  out.sync = row.integer(1);
  out.owner = row.text(2);
  out.remote_id = row.optional_text(3);
  out.document = row.blob(4);
  out.hash = row.blob(5);
  out.pending_hash = row.blob(6);
  out.delivered_at = row.integer(7);
  return out;
}

RecordRow read_record(const Statement& row) {
  RecordRow out;
  out.key = row.text(0);
  out.target = row.optional_text(1);
  out.version = row.integer(2);
  out.recency = row.integer(3);
  out.walk = row.integer(4);
  out.state = static_cast<RecordState>(row.integer(5));
  return out;
}

// In `standing.by_sluice`: a person's own decision, Sluice's, and a member that remains.
constexpr int kOptedOut = 0, kWithdrawn = 1, kRemaining = 2;
constexpr char kBetween = '\x1f';  // the name of a set and its member

// `besides`: what else of a row that is there is overwritten.
std::string put_target_sql(std::string_view besides) {
  std::string sql =
      "INSERT INTO "
      "targets(object,key,sync,owner,remote_id,document,hash,pending_hash,delivered_at) "
      "VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9) ON CONFLICT(object,key) DO UPDATE SET "
      "sync=excluded.sync,owner=excluded.owner,pending_hash=excluded.pending_hash";
  return sql.append(besides);
}

}  // namespace

Ledger::Ledger(Database& database, std::string hash_key)
    : database_{database},
      hash_key_{std::move(hash_key)},
      has_standing_{database.scalar("SELECT EXISTS(SELECT 1 FROM standing)") != 0},
      has_orphans_{database.scalar("SELECT EXISTS(SELECT 1 FROM orphans)") != 0},
      find_record_{database.prepare(
          "SELECT key,target,version,recency,walk,state FROM records WHERE sync=?1 AND key=?2")},
      put_record_{database.prepare(
          "INSERT INTO records(sync,key,object,target,version,recency,walk,state) "
          "VALUES(?1,?2,?3,?4,?5,?6,?7,?8) "
          "ON CONFLICT(sync,key) DO UPDATE SET target=excluded.target,version=excluded.version,"
          "recency=excluded.recency,walk=excluded.walk,state=excluded.state "
          "WHERE (target,version,recency,walk,state) IS NOT "
          "(excluded.target,excluded.version,excluded.recency,excluded.walk,excluded.state)")},
      mark_seen_{
          database.prepare("UPDATE records SET walk=?3 WHERE sync=?1 AND key=?2 AND walk<>?3")},
      unseen_{database.prepare(
          "SELECT key FROM records WHERE sync=?1 AND key>?3 AND walk<>?2 AND state<>3 "
          "ORDER BY key LIMIT ?4")},
      claims_{database.prepare(
          "SELECT sync,key,recency FROM records WHERE object=?1 AND target=?2 AND state=0")},
      contested_{
          database.prepare("SELECT target FROM records WHERE object=?1 AND state=0 AND target>?2 "
                           "GROUP BY target HAVING count(*)>1 ORDER BY target LIMIT ?3")},
      inherited_{database.prepare(
          "SELECT heir.key FROM targets JOIN records AS heir ON heir.object=targets.object AND "
          "heir.target=targets.key AND heir.state=0 AND heir.sync=?1 LEFT JOIN records AS owner ON "
          "owner.sync=targets.sync AND owner.key=targets.owner AND owner.state=0 AND "
          "owner.target=targets.key WHERE EXISTS(SELECT 1 FROM syncs WHERE object=?2 AND id<>?1) "
          "AND targets.object=?2 AND targets.sync<>?1 AND owner.key IS NULL AND heir.key>?3 "
          "ORDER BY heir.key LIMIT ?4")},
      find_target_{database.prepare(
          "SELECT key,sync,owner,remote_id,document,hash,pending_hash,delivered_at FROM targets "
          "WHERE object=?1 AND key=?2")},
      put_target_{database.prepare(
          put_target_sql(",remote_id=excluded.remote_id,document=excluded.document,"
                         "hash=excluded.hash,delivered_at=excluded.delivered_at"))},
      put_delivered_{database.prepare(put_target_sql(
          ",remote_id=coalesce(excluded.remote_id,remote_id),document=excluded.document,"
          "hash=excluded.hash,delivered_at=excluded.delivered_at"))},
      put_pending_{database.prepare(put_target_sql({}))},
      erase_target_{database.prepare("DELETE FROM targets WHERE object=?1 AND key=?2")},
      delivered_count_{
          database.prepare("SELECT count(*) FROM targets WHERE object=?1 AND hash<>x''")},
      targets_{database.prepare(
          "SELECT key,sync,owner,remote_id,document,hash,pending_hash,delivered_at FROM targets "
          "WHERE object=?1 AND key>?2 ORDER BY key LIMIT ?3")},
      put_orphan_{database.prepare("INSERT OR REPLACE INTO orphans(sync,target,source_key,reason) "
                                   "VALUES(?1,?2,?3,?4)")},
      erase_orphan_{database.prepare("DELETE FROM orphans WHERE sync=?1 AND target=?2")},
      orphans_{database.prepare("SELECT target,source_key,reason FROM orphans WHERE sync=?1 AND "
                                "reason<>3 ORDER BY target")},
      left_behind_{database.prepare(
          "SELECT targets.key,targets.sync,owner,remote_id,document,hash,pending_hash,delivered_at "
          "FROM orphans JOIN targets ON targets.object=?2 AND targets.key=orphans.target AND "
          "targets.owner=source_key AND targets.sync=orphans.sync WHERE orphans.sync=?1 AND "
          "source_key=?3 AND reason IN (2,3) ORDER BY targets.key")},
      put_intent_{
          database.prepare("INSERT OR REPLACE INTO intents(sync,source_key,old_target,new_target) "
                           "VALUES(?1,?2,?3,?4)")},
      erase_intent_{database.prepare("DELETE FROM intents WHERE sync=?1 AND source_key=?2")},
      intents_{
          database.prepare("SELECT source_key,old_target,new_target FROM intents WHERE sync=?1")},
      standing_{
          database.prepare("SELECT scope,by_sluice FROM standing WHERE object=?1 AND key_hash=?2 "
                           "AND by_sluice IN (0,1)")},
      put_standing_{database.prepare(
          "INSERT OR REPLACE INTO standing(object,key_hash,scope,by_sluice) VALUES(?1,?2,?3,?4)")},
      erase_standing_{database.prepare(
          "DELETE FROM standing WHERE object=?1 AND key_hash=?2 AND by_sluice=?3")},
      remaining_{database.prepare(
          "SELECT scope FROM standing WHERE object=?1 AND key_hash=?2 AND by_sluice=2 "
          "ORDER BY scope")} {}

std::optional<RecordRow> Ledger::find_record(std::int64_t sync, std::string_view key) {
  find_record_.bind(1, sync).bind(2, key);
  if (!find_record_.step()) return std::nullopt;
  RecordRow row = read_record(find_record_);
  find_record_.reset();
  return row;
}

void Ledger::put_record(std::int64_t sync, std::int64_t object, const RecordRow& row) {
  put_record_.bind(1, sync)
      .bind(2, row.key)
      .bind(3, object)
      .bind(4, row.target)
      .bind(5, row.version);
  put_record_.bind(6, row.recency).bind(7, row.walk).bind(8, static_cast<int>(row.state)).run();
}

void Ledger::mark_seen(std::int64_t sync, std::string_view key, std::int64_t walk) {
  mark_seen_.bind(1, sync).bind(2, key).bind(3, walk).run();
}

std::vector<std::string> Ledger::unseen(std::int64_t sync, std::int64_t walk,
                                        std::string_view after, std::size_t limit) {
  std::vector<std::string> keys;
  unseen_.bind(1, sync).bind(2, walk).bind(3, after).bind(4, static_cast<std::int64_t>(limit));
  while (unseen_.step()) keys.emplace_back(unseen_.text(0));
  return keys;
}

std::vector<Claim> Ledger::claims(std::int64_t object, std::string_view target) {
  std::vector<Claim> out;
  claims_.bind(1, object).bind(2, target);
  while (claims_.step()) {
    out.push_back({claims_.integer(0), std::string{claims_.text(1)}, claims_.integer(2)});
  }
  return out;
}

std::vector<std::string> Ledger::contested(std::int64_t object, std::string_view after,
                                           std::size_t limit) {
  std::vector<std::string> keys;
  contested_.bind(1, object).bind(2, after).bind(3, static_cast<std::int64_t>(limit));
  while (contested_.step()) keys.emplace_back(contested_.text(0));
  return keys;
}

std::vector<std::string> Ledger::inherited(std::int64_t sync, std::int64_t object,
                                           std::string_view after, std::size_t limit) {
  std::vector<std::string> keys;
  inherited_.bind(1, sync).bind(2, object).bind(3, after);
  inherited_.bind(4, static_cast<std::int64_t>(limit));
  while (inherited_.step()) keys.emplace_back(inherited_.text(0));
  return keys;
}

std::optional<TargetRow> Ledger::find_target(std::int64_t object, std::string_view key) {
  if (last_target_ && last_target_->object == object && last_target_->key == key)
    return last_target_->row;
  find_target_.bind(1, object).bind(2, key);
  LastTarget found{object, std::string{key}, std::nullopt};
  if (find_target_.step()) {
    found.row = read_target(find_target_);
    find_target_.reset();
  }
  last_target_ = std::move(found);
  return last_target_->row;
}

void Ledger::put_target(std::int64_t object, const TargetRow& row) {
  put(put_target_, object, row);
}

void Ledger::put_delivered(std::int64_t object, const TargetRow& row) {
  put(put_delivered_, object, row);
}

void Ledger::put_pending(std::int64_t object, const TargetRow& row) {
  put(put_pending_, object, row);
}

void Ledger::put(Statement& statement, std::int64_t object, const TargetRow& row) {
  last_target_.reset();
  statement.bind(1, object)
      .bind(2, row.key)
      .bind(3, row.sync)
      .bind(4, row.owner)
      .bind(5, row.remote_id);
  statement.bind_blob(6, row.document)
      .bind_blob(7, row.hash)
      .bind_blob(8, row.pending_hash)
      .bind(9, row.delivered_at)
      .run();
}

void Ledger::erase_target(std::int64_t object, std::string_view key) {
  last_target_.reset();
  erase_target_.bind(1, object).bind(2, key).run();
}

std::int64_t Ledger::delivered_count(std::int64_t object) {
  delivered_count_.bind(1, object);
  const std::int64_t count = delivered_count_.step() ? delivered_count_.integer(0) : 0;
  delivered_count_.reset();
  return count;
}

std::vector<TargetRow> Ledger::targets(std::int64_t object, std::string_view after,
                                       std::size_t limit) {
  std::vector<TargetRow> rows;
  targets_.bind(1, object).bind(2, after).bind(3, static_cast<std::int64_t>(limit));
  while (targets_.step()) rows.push_back(read_target(targets_));
  return rows;
}

void Ledger::put_orphan(std::int64_t sync, const Orphan& orphan) {
  put_orphan_.bind(1, sync).bind(2, orphan.target).bind(3, orphan.source_key);
  put_orphan_.bind(4, static_cast<int>(orphan.reason)).run();
  has_orphans_ = true;
}

void Ledger::erase_orphan(std::int64_t sync, std::string_view target) {
  if (!has_orphans_) return;
  erase_orphan_.bind(1, sync).bind(2, target).run();
}

std::vector<Orphan> Ledger::orphans(std::int64_t sync) {
  std::vector<Orphan> out;
  orphans_.bind(1, sync);
  while (orphans_.step()) {
    out.push_back({std::string{orphans_.text(0)}, std::string{orphans_.text(1)},
                   static_cast<OrphanReason>(orphans_.integer(2))});
  }
  return out;
}

std::vector<TargetRow> Ledger::left_behind(std::int64_t sync, std::int64_t object,
                                           std::string_view source_key) {
  std::vector<TargetRow> rows;
  if (!has_orphans_) return rows;
  left_behind_.bind(1, sync).bind(2, object).bind(3, source_key);
  while (left_behind_.step()) rows.push_back(read_target(left_behind_));
  return rows;
}

void Ledger::forget(std::int64_t sync) {
  for (const char* table : {"records", "targets", "orphans", "intents"}) {
    Statement erase = database_.prepare(std::string{"DELETE FROM "} + table + " WHERE sync=?1");
    erase.bind(1, sync).run();
  }
  look_again();
}

void Ledger::put_intent(std::int64_t sync, const Intent& intent) {
  put_intent_.bind(1, sync).bind(2, intent.source_key).bind(3, intent.old_target);
  put_intent_.bind(4, intent.new_target).run();
}

void Ledger::erase_intent(std::int64_t sync, std::string_view source_key) {
  erase_intent_.bind(1, sync).bind(2, source_key).run();
}

std::vector<Intent> Ledger::intents(std::int64_t sync) {
  std::vector<Intent> out;
  intents_.bind(1, sync);
  while (intents_.step()) {
    out.push_back(
        {std::string{intents_.text(0)}, intents_.optional_text(1), std::string{intents_.text(2)}});
  }
  return out;
}

std::string Ledger::keyed_hash(std::string_view key) const {
  std::array<unsigned char, crypto_generichash_BYTES> hash{};
  crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(key.data()),
                     key.size(), reinterpret_cast<const unsigned char*>(hash_key_.data()),
                     hash_key_.size());
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

Standing Ledger::standing(std::int64_t object, std::string_view key) {
  Standing out;
  if (!has_standing_) return out;
  const std::string hash = keyed_hash(key);
  standing_.bind(1, object).bind_blob(2, hash);
  while (standing_.step()) {
    (standing_.integer(1) == kWithdrawn ? out.withdrawn : out.opted_out)
        .emplace_back(standing_.text(0));
  }
  return out;
}

void Ledger::put_standing(std::int64_t object, std::string_view key,
                          const std::optional<std::vector<std::string>>& opted_out,
                          const std::optional<std::vector<std::string>>& withdrawn) {
  const std::string hash = keyed_hash(key);
  const auto replace = [&](const std::optional<std::vector<std::string>>& scopes, int by_sluice) {
    if (!scopes || (scopes->empty() && !has_standing_)) return;
    erase_standing_.bind(1, object).bind_blob(2, hash).bind(3, by_sluice).run();
    for (const auto& scope : *scopes) {
      put_standing_.bind(1, object).bind_blob(2, hash).bind(3, scope).bind(4, by_sluice).run();
      has_standing_ = true;
    }
  };
  replace(opted_out, kOptedOut);
  replace(withdrawn, kWithdrawn);
}

SetMembers Ledger::remaining(std::int64_t object, std::string_view key) {
  SetMembers out;
  if (!has_standing_) return out;
  const std::string hash = keyed_hash(key);
  remaining_.bind(1, object).bind_blob(2, hash);
  while (remaining_.step()) {
    const std::string_view scope = remaining_.text(0);
    const auto end = scope.find(kBetween);
    if (end == std::string_view::npos) continue;
    out[std::string{scope.substr(0, end)}].emplace_back(scope.substr(end + 1));
  }
  return out;
}

void Ledger::put_remaining(std::int64_t object, std::string_view key, const SetMembers& members) {
  if (members.empty() && !has_standing_) return;
  const std::string hash = keyed_hash(key);
  erase_standing_.bind(1, object).bind_blob(2, hash).bind(3, kRemaining).run();
  for (const auto& [name, texts] : members) {
    for (const auto& text : texts) {
      std::string scope = name;
      scope += kBetween;
      scope += text;
      put_standing_.bind(1, object).bind_blob(2, hash).bind(3, scope);
      put_standing_.bind(4, kRemaining).run();
      has_standing_ = true;
    }
  }
}

}  // namespace sluice::host
