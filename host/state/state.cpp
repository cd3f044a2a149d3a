#include "state/state.hpp"

#include <algorithm>
#include <array>
#include <sluice/error.hpp>

#include "state/backup.hpp"
#include "state/decision.hpp"
#include "state/durable.hpp"
#include "state/private_files.hpp"
#include "state/schema.hpp"
#include "state/state_error.hpp"
#include "state/state_file.hpp"

namespace sluice::host {
namespace {

constexpr std::array<std::string_view, 6> kLifecycles{"new",    "validated", "sampled",
                                                      "active", "paused",    "unlinked"};

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

std::optional<Lifecycle> lifecycle_of(const std::optional<std::string>& name) {
  for (std::size_t i = 0; name && i < kLifecycles.size(); ++i) {
    if (*name == kLifecycles[i]) return static_cast<Lifecycle>(i);
  }
  return std::nullopt;
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

// The state is made under another name, so that there is never half a state.
void create(const std::filesystem::path& file, std::string_view integration) {
  const auto fresh = file.string() + ".new";
  std::error_code ignored;
  for (const char* part : {"", "-wal", "-shm"}) std::filesystem::remove(fresh + part, ignored);
  // SQLite gives the files that it makes beside this one the same permissions.
  make_private_file(fresh);
  {
    Database database{fresh, Database::Mode::ReadWrite};
    database.execute("BEGIN IMMEDIATE");
    create_schema(database, integration);
    database.execute("COMMIT");
    (void)database.scalar("PRAGMA wal_checkpoint(TRUNCATE)");
  }
  sync_to_disk(fresh);
  rename_durably(fresh, file);
  sync_to_disk(file.parent_path().parent_path());
}

// The log of a state that nobody holds at this moment: a run's log is being written.
void require_log_that_nobody_writes(const std::filesystem::path& directory) {
  const bool held = !lock_holder(directory).empty();
  if (held) return;
  try {
    require_whole_log(directory / kStateFile);
  } catch (const StateError&) {
    const bool held_meanwhile = !lock_holder(directory).empty();
    if (!held_meanwhile) throw;
  }
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

void State::prepare() {
  const auto key = meta("standing_key");
  if (!key) throw damaged(directory_ / kStateFile, "it lacks the key of its hashes");
  packer_ = std::make_unique<Packer>(*database_);
  ledger_ = std::make_unique<Ledger>(*database_, *key);
  errors_ = std::make_unique<ErrorLog>(*database_);
  receipts_ = std::make_unique<Receipts>(*database_, *packer_);
  runs_ = std::make_unique<Runs>(*database_);
  audit_ = std::make_unique<Audit>(*database_);
}

State State::open(const std::filesystem::path& root, std::string_view integration,
                  std::string_view purpose) {
  const auto directory = root / file_name(integration);
  const auto file = directory / kStateFile;
  make_private_directory(directory);
  auto lock = std::make_unique<IntegrationLock>(directory, purpose);
  finish_restore(directory);
  if (state_exists(file)) {
    require_whole_log(file);
  } else {
    create(file, integration);
  }
  std::error_code ignored;
  using std::filesystem::perms;
  // An earlier version may have left it open to others.
  std::filesystem::permissions(file, perms::owner_read | perms::owner_write, ignored);
  if (!std::filesystem::exists(mark_of(file), ignored)) write_durably(mark_of(file), {});
  auto database = std::make_unique<Database>(file, Database::Mode::ReadWrite);
  const std::int64_t version = require_known_schema(*database, file);
  // What a killed process left is taken up for good: a log that begins anew holds no remains of
  // transactions that were never completed.
  (void)database->scalar("PRAGMA wal_checkpoint(PASSIVE)");
  State state{directory, std::move(database), std::move(lock)};
  state.database_->execute("BEGIN IMMEDIATE");
  migrate(*state.database_, version);
  state.prepare();
  state.commit();
  return state;
}

std::optional<State> State::open_read_only(const std::filesystem::path& root,
                                           std::string_view integration) {
  const auto directory = root / file_name(integration);
  const auto file = directory / kStateFile;
  if (is_being_restored(directory)) open(root, integration, "restore");
  if (!state_exists(file)) return std::nullopt;
  require_log_that_nobody_writes(directory);
  auto database = std::make_unique<Database>(file, Database::Mode::ReadOnly);
  if (require_known_schema(*database, file) < kSchemaVersion) open(root, integration, "upgrade");
  State state{directory, std::move(database), nullptr};
  state.prepare();
  return state;
}

std::vector<std::string> State::all(const std::filesystem::path& root) {
  std::vector<std::string> names;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator{root, none}) {
    const auto file = entry.path() / kStateFile;
    if (std::filesystem::exists(file, none) || std::filesystem::exists(mark_of(file), none))
      names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

State State::scratch(const std::filesystem::path& root, std::string_view integration) {
  const auto directory = root / file_name(integration);
  const auto file = directory / kStateFile;
  auto database = std::make_unique<Database>(Database::scratch());
  const bool exists = state_exists(file);
  if (exists) {
    require_log_that_nobody_writes(directory);
    copy_untouched(*database, file);
  }
  const std::int64_t version = exists ? require_known_schema(*database, file) : 0;
  State state{directory, std::move(database), nullptr};
  state.database_->execute("BEGIN IMMEDIATE");
  if (exists) {
    migrate(*state.database_, version);
  } else {
    create_schema(*state.database_, integration);
  }
  state.prepare();
  return state;
}

void State::roll_back() {
  database_->roll_back();
  packer_->look_again();
  ledger_->look_again();
  errors_->look_again();
  database_->execute("BEGIN IMMEDIATE");
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
  ledger_->look_again();
  errors_->look_again();
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
  runs_->drop_before(horizon.runs, horizon.event_runs);
  errors_->drop_resolved(horizon.resolved_errors);
}

void State::unlink(const std::filesystem::path& archive) {
  make_private_directory(archive.parent_path());
  database_->execute("COMMIT");
  copy_into(*database_, archive);
  database_->execute(
      "BEGIN IMMEDIATE;"
      "DELETE FROM records; DELETE FROM targets; DELETE FROM orphans; DELETE FROM intents;"
      "DELETE FROM receipts; DELETE FROM pending_writes; DELETE FROM errors; DELETE FROM runs;"
      "DELETE FROM run_rows; DELETE FROM syncs;"
      "DELETE FROM meta WHERE key NOT IN ('standing_key','integration','file');");
  ledger_->look_again();
  errors_->look_again();
  set_lifecycle(Lifecycle::Unlinked);
  commit();
  (void)compact();
}

bool State::compact() {
  take_decisions();
  database_->execute("COMMIT; VACUUM");
  const std::int64_t busy = database_->scalar("PRAGMA wal_checkpoint(TRUNCATE)");
  database_->execute("BEGIN IMMEDIATE");
  return busy == 0;
}

}  // namespace sluice::host
