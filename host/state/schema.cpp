#include "state/schema.hpp"

#include <sodium.h>

#include <string>

#include "state/state_error.hpp"

namespace sluice::host {
namespace {

constexpr std::int64_t kApplication = 0x534c5543;  // "SLUC": what `file` and SQLite show
constexpr std::int64_t kFirstWithApplication = 3;

constexpr const char* kSchema = R"sql(
CREATE TABLE meta(key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID;
CREATE TABLE objects(id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL);
CREATE TABLE syncs(id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, object INTEGER NOT NULL,
  fingerprint TEXT NOT NULL DEFAULT '', cursor TEXT, walk INTEGER NOT NULL DEFAULT 0, walk_cursor TEXT,
  walking INTEGER NOT NULL DEFAULT 0, walked INTEGER NOT NULL DEFAULT 0, walk_fingerprint TEXT NOT NULL DEFAULT '');
CREATE TABLE records(sync INTEGER NOT NULL, key TEXT NOT NULL, object INTEGER NOT NULL, target TEXT,
  version INTEGER NOT NULL, recency INTEGER NOT NULL, walk INTEGER NOT NULL, state INTEGER NOT NULL,
  PRIMARY KEY(sync,key)) WITHOUT ROWID;
CREATE INDEX records_by_target ON records(object,target) WHERE state=0;
CREATE TABLE targets(object INTEGER NOT NULL, key TEXT NOT NULL, sync INTEGER NOT NULL, owner TEXT NOT NULL,
  remote_id TEXT, document BLOB NOT NULL, hash BLOB NOT NULL, pending_hash BLOB NOT NULL,
  PRIMARY KEY(object,key)) WITHOUT ROWID;
CREATE TABLE orphans(sync INTEGER NOT NULL, target TEXT NOT NULL, source_key TEXT NOT NULL, reason INTEGER NOT NULL,
  PRIMARY KEY(sync,target)) WITHOUT ROWID;
CREATE TABLE intents(sync INTEGER NOT NULL, source_key TEXT NOT NULL, old_target TEXT, new_target TEXT NOT NULL,
  PRIMARY KEY(sync,source_key)) WITHOUT ROWID;
CREATE TABLE standing(object INTEGER NOT NULL, key_hash BLOB NOT NULL, scope TEXT NOT NULL,
  by_sluice INTEGER NOT NULL, PRIMARY KEY(object,key_hash,scope,by_sluice)) WITHOUT ROWID;
CREATE TABLE receipts(id INTEGER PRIMARY KEY, sync INTEGER NOT NULL, run INTEGER NOT NULL, receipt TEXT NOT NULL,
  issued_at INTEGER NOT NULL, next_poll INTEGER NOT NULL);
CREATE TABLE pending_writes(receipt INTEGER NOT NULL, at INTEGER NOT NULL, sync INTEGER NOT NULL,
  source_key TEXT NOT NULL, row INTEGER NOT NULL, target TEXT NOT NULL, previous_target TEXT NOT NULL,
  line BLOB NOT NULL, document BLOB NOT NULL, hash BLOB NOT NULL, PRIMARY KEY(receipt,at)) WITHOUT ROWID;
CREATE INDEX pending_by_target ON pending_writes(sync,target);
CREATE TABLE errors(sync INTEGER NOT NULL, key TEXT NOT NULL, stage TEXT NOT NULL, code TEXT NOT NULL,
  field TEXT NOT NULL, message TEXT NOT NULL, value_hash BLOB NOT NULL, first_seen INTEGER NOT NULL,
  last_seen INTEGER NOT NULL, attempts INTEGER NOT NULL, next_try INTEGER NOT NULL, state INTEGER NOT NULL,
  PRIMARY KEY(sync,key)) WITHOUT ROWID;
CREATE INDEX errors_by_state ON errors(state,sync,key);
CREATE TABLE runs(id INTEGER PRIMARY KEY, stage TEXT NOT NULL, started INTEGER NOT NULL, ended INTEGER,
  result TEXT, summary TEXT);
CREATE TABLE run_rows(run INTEGER NOT NULL, row INTEGER NOT NULL, sync INTEGER NOT NULL, key TEXT NOT NULL,
  outcome INTEGER NOT NULL, PRIMARY KEY(run,row)) WITHOUT ROWID;
CREATE TABLE audit(id INTEGER PRIMARY KEY, at INTEGER NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL,
  detail TEXT NOT NULL);
)sql";

// To version 2.
constexpr const char* kDecisions = R"sql(
ALTER TABLE errors ADD COLUMN decided_by TEXT NOT NULL DEFAULT '';
ALTER TABLE errors ADD COLUMN decided_why TEXT NOT NULL DEFAULT '';
ALTER TABLE errors ADD COLUMN decided_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE audit ADD COLUMN affected INTEGER NOT NULL DEFAULT 0;
ALTER TABLE audit ADD COLUMN decision TEXT;
CREATE UNIQUE INDEX audit_by_decision ON audit(decision) WHERE decision IS NOT NULL;
)sql";

// To version 4.
constexpr const char* kDeliveredAt =
    "ALTER TABLE targets ADD COLUMN delivered_at INTEGER NOT NULL DEFAULT 0";

// To version 5.
constexpr const char* kDictionaries =
    "CREATE TABLE dictionaries(id INTEGER PRIMARY KEY, text BLOB NOT NULL UNIQUE)";

// To version 6. Keys come in any order: rows of a table without rowid, which hold the documents,
// would be written all over the file.
constexpr const char* kTargetsByRowid = R"sql(
ALTER TABLE targets RENAME TO targets_by_key;
CREATE TABLE targets(id INTEGER PRIMARY KEY, object INTEGER NOT NULL, key TEXT NOT NULL, sync INTEGER NOT NULL,
  owner TEXT NOT NULL, remote_id TEXT, hash BLOB NOT NULL, pending_hash BLOB NOT NULL,
  delivered_at INTEGER NOT NULL DEFAULT 0, document BLOB NOT NULL, UNIQUE(object,key));
INSERT INTO targets(object,key,sync,owner,remote_id,hash,pending_hash,delivered_at,document)
  SELECT object,key,sync,owner,remote_id,hash,pending_hash,delivered_at,document FROM targets_by_key;
DROP TABLE targets_by_key;
)sql";

// To version 7. Rows that come and go in the order of receipts are cheap at the end of a table with
// rowids; in the tree of one without, a row as long as these has its neighbours written anew.
constexpr const char* kPendingByRowid = R"sql(
DROP INDEX pending_by_target;
ALTER TABLE pending_writes RENAME TO pending_by_receipt_and_place;
CREATE TABLE pending_writes(id INTEGER PRIMARY KEY, receipt INTEGER NOT NULL, sync INTEGER NOT NULL,
  source_key TEXT NOT NULL, row INTEGER NOT NULL, target TEXT NOT NULL, previous_target TEXT NOT NULL,
  hash BLOB NOT NULL, line BLOB NOT NULL, document BLOB NOT NULL);
INSERT INTO pending_writes(receipt,sync,source_key,row,target,previous_target,hash,line,document)
  SELECT receipt,sync,source_key,row,target,previous_target,hash,line,document
  FROM pending_by_receipt_and_place ORDER BY receipt,at;
DROP TABLE pending_by_receipt_and_place;
CREATE INDEX pending_by_receipt ON pending_writes(receipt);
CREATE INDEX pending_by_target ON pending_writes(sync,target);
)sql";

std::string random_key() {
  if (sodium_init() < 0) throw Error{Code::Internal, "cannot initialise the crypto library"};
  std::string key(crypto_generichash_KEYBYTES, '\0');
  randombytes_buf(key.data(), key.size());
  return key;
}

void put_meta(Database& database, std::string_view key, std::string_view value) {
  Statement statement = database.prepare("INSERT INTO meta(key,value) VALUES(?1,?2)");
  statement.bind(1, key).bind_blob(2, value).run();
}

}  // namespace

std::int64_t require_known_schema(Database& database, const std::filesystem::path& file) {
  const std::int64_t version = database.scalar("PRAGMA user_version");
  const std::int64_t application = database.scalar("PRAGMA application_id");
  const bool ours = version >= kFirstWithApplication ? application == kApplication
                                                     : version > 0 && application == 0;
  if (!ours || database.scalar("SELECT count(*) FROM sqlite_schema WHERE name='meta'") == 0)
    throw damaged(file, "it is a database, but not a state of Sluice");
  if (version > kSchemaVersion) {
    throw StateError{StateError::Kind::Unusable,
                     file.string() + " was written by a newer sluice (state version " +
                         std::to_string(version) + ", this one knows " +
                         std::to_string(kSchemaVersion) +
                         "): use that version. Nothing was changed"};
  }
  return version;
}

void create_schema(Database& database, std::string_view integration) {
  database.execute(kSchema);
  put_meta(database, "standing_key", random_key());
  put_meta(database, "integration", integration);
  migrate(database, 1);
}

void migrate(Database& database, std::int64_t version) {
  if (version < 2) database.execute(kDecisions);
  if (version < 4) database.execute(kDeliveredAt);
  if (version < 5) database.execute(kDictionaries);
  if (version < 6) database.execute(kTargetsByRowid);
  if (version < 7) database.execute(kPendingByRowid);
  if (version < kSchemaVersion) {
    database.execute(("PRAGMA application_id=" + std::to_string(kApplication) +
                      ";PRAGMA user_version=" + std::to_string(kSchemaVersion))
                         .c_str());
  }
}

}  // namespace sluice::host
