#include "state/state.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <sluice/error.hpp>

#include "state/decision.hpp"

namespace sluice::host {
namespace {

constexpr std::int64_t kSchemaVersion = 3;

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

// To version 3.
constexpr const char* kDeliveredAt =
    "ALTER TABLE targets ADD COLUMN delivered_at INTEGER NOT NULL DEFAULT 0";

constexpr std::array<std::string_view, 6> kLifecycles{"new",    "validated", "sampled",
                                                      "active", "paused",    "unlinked"};

std::string random_key() {
  if (sodium_init() < 0) throw Error{Code::Internal, "cannot initialise the crypto library"};
  std::string key(crypto_generichash_KEYBYTES, '\0');
  randombytes_buf(key.data(), key.size());
  return key;
}

SyncRow read_sync(const Statement& row) {
  SyncRow out;
  out.id = row.integer(0);
  out.object = row.integer(1);
  out.fingerprint = row.text(2);
  out.cursor = row.optional_text(3);
  out.walk = row.integer(4);
  out.walk_cursor = row.optional_text(5);
  out.walking = row.integer(6) != 0;
  out.walk_fingerprint = row.text(7);
  out.walked = static_cast<Walked>(row.integer(8));
  return out;
}

std::int64_t file_version(Database& database, const std::filesystem::path& file) {
  const std::int64_t version = database.scalar("PRAGMA user_version");
  if (version > kSchemaVersion) {
    throw Error{Code::Config, file.string() + " was written by a newer sluice (state version " +
                                  std::to_string(version) + ", this one knows " +
                                  std::to_string(kSchemaVersion) + "): use that version"};
  }
  return version;
}

std::optional<Lifecycle> lifecycle_of(const std::optional<std::string>& name) {
  for (std::size_t i = 0; name && i < kLifecycles.size(); ++i) {
    if (*name == kLifecycles[i]) return static_cast<Lifecycle>(i);
  }
  return std::nullopt;
}

// What is about to be forgotten must be there, whatever is cut.
void sync_to_disk(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool done = file >= 0 && ::fsync(file) == 0;
  const int problem = errno;
  if (file >= 0) ::close(file);
  if (!done)
    throw Error{Code::Internal, "cannot write " + path.string() + ": " + std::strerror(problem)};
}

// What tells that somebody has written to a database, or is about to.
struct Sighting {
  std::filesystem::file_time_type written;
  std::uintmax_t size = 0;
  std::uintmax_t log = 0;  // bytes that are not in the file yet
  bool operator==(const Sighting&) const = default;
};

Sighting look_at(const std::filesystem::path& file) {
  std::error_code none;
  const auto log = std::filesystem::file_size(file.string() + "-wal", none);
  return {std::filesystem::last_write_time(file), std::filesystem::file_size(file), none ? 0 : log};
}

// Reading a database in WAL mode in the usual way leaves files beside it. One whose log is empty is
// read without; whether nobody wrote meanwhile is looked at afterwards.
void copy_untouched(Database& copy, const std::filesystem::path& file) {
  const Sighting before = look_at(file);
  if (before.log == 0) {
    Database original{file, Database::Mode::Frozen};
    copy.copy_from(original);
    if (look_at(file) == before) return;
  }
  Database original{file, Database::Mode::ReadOnly};
  copy.copy_from(original);
}

}  // namespace

std::string_view to_string(Lifecycle lifecycle) noexcept {
  return kLifecycles[static_cast<std::size_t>(lifecycle)];
}

State::State(std::filesystem::path directory, std::unique_ptr<Database> database,
             std::unique_ptr<IntegrationLock> lock)
    : directory_{std::move(directory)}, lock_{std::move(lock)}, database_{std::move(database)} {}

void State::bring_up_to_date(std::int64_t version, std::string_view integration) {
  if (version == 0) {
    database_->execute(kSchema);
    set_meta("standing_key", random_key());
    set_meta("integration", integration);
  }
  if (version < 2) database_->execute(kDecisions);
  if (version < 3) database_->execute(kDeliveredAt);
  if (version < kSchemaVersion) {
    const std::string done =
        "PRAGMA user_version=" + std::to_string(kSchemaVersion) + "; COMMIT; BEGIN IMMEDIATE";
    database_->execute(done.c_str());
  }
}

void State::prepare() {
  const auto key = meta("standing_key");
  if (!key) throw Error{Code::Internal, (directory_ / "state.db").string() + " is incomplete"};
  ledger_ = std::make_unique<Ledger>(*database_, *key);
  errors_ = std::make_unique<ErrorLog>(*database_);
  receipts_ = std::make_unique<Receipts>(*database_);
  runs_ = std::make_unique<Runs>(*database_);
  audit_ = std::make_unique<Audit>(*database_);
}

State State::open(const std::filesystem::path& root, std::string_view integration,
                  std::string_view purpose) {
  const auto directory = root / file_name(integration);
  std::error_code problem;
  std::filesystem::create_directories(directory, problem);
  if (problem) {
    throw Error{Code::Config,
                "cannot make the state directory " + directory.string() + ": " + problem.message()};
  }
  std::filesystem::permissions(directory, std::filesystem::perms::owner_all, problem);
  auto lock = std::make_unique<IntegrationLock>(directory, purpose);
  auto database = std::make_unique<Database>(directory / "state.db", Database::Mode::ReadWrite);
  const std::int64_t version = file_version(*database, directory / "state.db");
  State state{directory, std::move(database), std::move(lock)};
  state.database_->execute("BEGIN IMMEDIATE");
  state.bring_up_to_date(version, integration);
  state.prepare();
  state.commit();
  return state;
}

std::optional<State> State::open_read_only(const std::filesystem::path& root,
                                           std::string_view integration) {
  const auto directory = root / file_name(integration);
  if (!std::filesystem::exists(directory / "state.db")) return std::nullopt;
  auto database = std::make_unique<Database>(directory / "state.db", Database::Mode::ReadOnly);
  const std::int64_t version = file_version(*database, directory / "state.db");
  if (version == 0) return std::nullopt;
  if (version < kSchemaVersion) open(root, integration, "upgrade");
  State state{directory, std::move(database), nullptr};
  state.prepare();
  return state;
}

std::vector<std::string> State::all(const std::filesystem::path& root) {
  std::vector<std::string> names;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator{root, none}) {
    if (std::filesystem::exists(entry.path() / "state.db", none))
      names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

State State::scratch(const std::filesystem::path& root, std::string_view integration) {
  const auto directory = root / file_name(integration);
  const auto file = directory / "state.db";
  auto database = std::make_unique<Database>(Database::scratch());
  if (std::filesystem::exists(file)) copy_untouched(*database, file);
  const std::int64_t version = file_version(*database, file);
  State state{directory, std::move(database), nullptr};
  state.database_->execute("BEGIN IMMEDIATE");
  state.bring_up_to_date(version, integration);
  state.prepare();
  return state;
}

void State::commit() {
  take_decisions();
  database_->execute("COMMIT; BEGIN IMMEDIATE");
}

void State::take_decisions() {
  if (lock_ == nullptr) return;  // a copy leaves them to whoever holds the integration
  const Inbox inbox{directory_};
  const auto decisions = inbox.waiting();
  if (decisions.empty()) return;
  bool pauses = false;
  for (const auto& decision : decisions) pauses = carry_out(*this, decision) || pauses;
  database_->execute("COMMIT; BEGIN IMMEDIATE");
  for (const auto& decision : decisions) inbox.remove(decision.id);
  if (pauses && on_pause_) on_pause_();
}

Lifecycle State::lifecycle() {
  return lifecycle_of(meta("lifecycle")).value_or(Lifecycle::New);
}

Lifecycle State::reached() {
  const Lifecycle now = lifecycle();
  return now == Lifecycle::Paused ? lifecycle_of(meta("paused_from")).value_or(Lifecycle::Active)
                                  : now;
}

void State::set_reached(Lifecycle lifecycle) {
  set_meta(this->lifecycle() == Lifecycle::Paused ? "paused_from" : "lifecycle",
           to_string(lifecycle));
}

void State::set_paused(bool paused) {
  const Lifecycle now = lifecycle();
  if (paused && now != Lifecycle::Paused) {
    set_meta("paused_from", to_string(now));
    set_lifecycle(Lifecycle::Paused);
  } else if (!paused && now == Lifecycle::Paused) {
    set_lifecycle(reached());
  }
}

void State::set_lifecycle(Lifecycle lifecycle) {
  set_meta("lifecycle", to_string(lifecycle));
}

std::optional<std::string> State::meta(std::string_view key) {
  Statement statement = database_->prepare("SELECT value FROM meta WHERE key=?1");
  statement.bind(1, key);
  if (!statement.step()) return std::nullopt;
  return std::string{statement.blob(0)};
}

void State::set_meta(std::string_view key, std::string_view value) {
  Statement statement = database_->prepare("INSERT OR REPLACE INTO meta(key,value) VALUES(?1,?2)");
  statement.bind(1, key).bind_blob(2, value).run();
}

std::int64_t State::object_id(std::string_view name) {
  Statement insert = database_->prepare("INSERT OR IGNORE INTO objects(name) VALUES(?1)");
  insert.bind(1, name).run();
  Statement find = database_->prepare("SELECT id FROM objects WHERE name=?1");
  find.bind(1, name);
  return find.step() ? find.integer(0) : 0;
}

SyncRow State::sync(std::string_view name, std::string_view object) {
  const std::int64_t object_row = object_id(object);
  Statement insert = database_->prepare(
      "INSERT INTO syncs(name,object) VALUES(?1,?2) ON CONFLICT(name) DO UPDATE SET "
      "object=excluded.object");
  insert.bind(1, name).bind(2, object_row).run();
  return *find_sync(name);
}

std::optional<SyncRow> State::find_sync(std::string_view name) {
  Statement statement = database_->prepare(
      "SELECT id,object,fingerprint,cursor,walk,walk_cursor,walking,walk_fingerprint,walked FROM "
      "syncs "
      "WHERE name=?1");
  statement.bind(1, name);
  if (!statement.step()) return std::nullopt;
  return read_sync(statement);
}

void State::put_sync(const SyncRow& row) {
  Statement statement = database_->prepare(
      "UPDATE syncs SET "
      "fingerprint=?2,cursor=?3,walk=?4,walk_cursor=?5,walking=?6,walk_fingerprint=?7,walked=?8 "
      "WHERE id=?1");
  statement.bind(1, row.id).bind(2, row.fingerprint).bind(3, row.cursor).bind(4, row.walk);
  statement.bind(5, row.walk_cursor)
      .bind(6, row.walking ? 1 : 0)
      .bind(7, row.walk_fingerprint)
      .bind(8, static_cast<int>(row.walked))
      .run();
}

std::vector<std::string> State::sync_names() {
  Statement statement = database_->prepare("SELECT name FROM syncs ORDER BY id");
  std::vector<std::string> names;
  while (statement.step()) names.emplace_back(statement.text(0));
  return names;
}

Inventory State::inventory() {
  const auto count = [this](const char* sql) { return database_->scalar(sql); };
  return {count("SELECT count(*) FROM runs"), count("SELECT count(*) FROM records WHERE state<>3"),
          count("SELECT count(*) FROM targets WHERE hash<>x''"),
          count("SELECT count(*) FROM pending_writes"),
          count("SELECT count(*) FROM (SELECT DISTINCT object,key_hash FROM standing WHERE "
                "by_sluice=0)")};
}

void State::forget_before(const Horizon& horizon) {
  runs_->drop_before(horizon.runs);
  errors_->drop_resolved(horizon.resolved_errors);
}

void State::unlink(const std::filesystem::path& archive) {
  std::error_code problem;
  std::filesystem::create_directories(archive.parent_path(), problem);
  if (problem) {
    throw Error{Code::Config,
                "cannot make " + archive.parent_path().string() + ": " + problem.message()};
  }
  const auto folder = archive.parent_path();
  for (const auto& path : {folder, folder.parent_path()})
    std::filesystem::permissions(path, std::filesystem::perms::owner_all, problem);
  database_->execute("COMMIT");
  Statement copy = database_->prepare("VACUUM INTO ?1");
  const std::string file = archive.string();
  copy.bind(1, file).run();
  for (const auto& path : {archive, folder, folder.parent_path()}) sync_to_disk(path);
  database_->execute(
      "BEGIN IMMEDIATE;"
      "DELETE FROM records; DELETE FROM targets; DELETE FROM orphans; DELETE FROM intents;"
      "DELETE FROM receipts; DELETE FROM pending_writes; DELETE FROM errors; DELETE FROM runs;"
      "DELETE FROM run_rows; DELETE FROM syncs;"
      "DELETE FROM meta WHERE key NOT IN ('standing_key','integration','file');");
  set_lifecycle(Lifecycle::Unlinked);
  commit();
  (void)compact();
}

bool State::compact() {
  take_decisions();
  // A database that is being written anew may be larger than the memory.
  database_->execute("COMMIT; PRAGMA temp_store=DEFAULT; VACUUM; PRAGMA temp_store=MEMORY");
  const std::int64_t busy = database_->scalar("PRAGMA wal_checkpoint(TRUNCATE)");
  database_->execute("BEGIN IMMEDIATE");
  return busy == 0;
}

}  // namespace sluice::host
