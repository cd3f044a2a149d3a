#include "state/backup.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <ctime>
#include <optional>
#include <string>

#include "state/audit.hpp"
#include "state/durable.hpp"
#include "state/layout.hpp"
#include "state/private_files.hpp"
#include "state/schema.hpp"
#include "state/state.hpp"
#include "state/state_error.hpp"
#include "state/state_file.hpp"

namespace sluice::host {
namespace {

constexpr const char* kRestored = "restored.db";

void make_new_private_file(const std::filesystem::path& file) {
  const int descriptor = open_private_file(file, O_WRONLY | O_EXCL);
  if (descriptor < 0) throw inaccessible(file, "write", errno);
  ::close(descriptor);
}

void remove_with_logs(const std::filesystem::path& file) {
  std::error_code ignored;
  for (const char* part : {"", ".partial", "-journal", "-wal", "-shm"})
    std::filesystem::remove(file.string() + part, ignored);
}

// What is not complete yet.
std::filesystem::path staged_of(const std::filesystem::path& directory) {
  return directory / (std::string{kRestored} + ".new");
}

std::optional<std::string> text_of(Database& database, const char* sql) {
  Statement statement = database.prepare(sql);
  if (!statement.step() || statement.is_null(0)) return std::nullopt;
  return std::string{statement.blob(0)};
}

void put_meta(Database& database, std::string_view key, std::string_view value) {
  Statement statement = database.prepare("INSERT OR REPLACE INTO meta(key,value) VALUES(?1,?2)");
  statement.bind(1, key).bind_blob(2, value).run();
}

// A file that nobody writes needs no other file beside it, and may lie where nothing can be
// written.
Database open_copy(const std::filesystem::path& from, const std::filesystem::path& own) {
  std::error_code none;
  const auto log = std::filesystem::file_size(from.string() + "-wal", none);
  if (none || log == 0) return Database{from, Database::Mode::Frozen};
  try {
    require_whole_log(from);
  } catch (const StateError&) {
    // The way out where the file alone is all that is left.
    if (!std::filesystem::equivalent(from, own, none)) throw;
    return Database{from, Database::Mode::Frozen};
  }
  return Database{from, Database::Mode::ReadOnly};
}

void require_copy(const std::filesystem::path& from) {
  std::error_code none;
  if (!std::filesystem::exists(from, none))
    throw Error{Code::Config, "there is no file " + from.string()};
  if (!std::filesystem::is_regular_file(from, none))
    throw Error{Code::Config, from.string() + " is not a file"};
  if (std::filesystem::file_size(from, none) == 0)
    throw StateError{StateError::Kind::Unusable, from.string() + " is empty; nothing was restored"};
}

std::int64_t as_of(Database& database) {
  if (const auto moment = text_of(database, "SELECT value FROM meta WHERE key='backed_up_at'"))
    return std::stoll(*moment);
  return database.scalar(
      "SELECT max((SELECT coalesce(max(max(started,coalesce(ended,0))),0) FROM runs),"
      "(SELECT coalesce(max(at),0) FROM audit))");
}

// Nobody knows what was delivered since. A write under way then has long been decided; what came of
// it is sent again like everything else.
void doubt_everything(Database& database) {
  database.execute(
      "UPDATE syncs SET fingerprint='',walking=0,walked=0,walk_cursor=NULL,walk_fingerprint='';"
      "INSERT OR IGNORE INTO orphans(sync,target,source_key,reason) SELECT "
      "p.sync,p.previous_target,p.source_key,2 FROM pending_writes p JOIN syncs s ON s.id=p.sync "
      "JOIN "
      "targets t ON t.object=s.object AND t.key=p.previous_target AND t.sync=p.sync AND "
      "t.owner=p.source_key WHERE p.previous_target<>p.target;"
      "UPDATE targets SET hash=x'00',pending_hash=x'' WHERE hash<>x'' OR pending_hash<>x'' OR "
      "remote_id IS NOT NULL OR document<>x'';"
      "DELETE FROM pending_writes; DELETE FROM receipts; DELETE FROM run_rows;");
}

// What people decided at the destination is never taken back: the newest memory of it counts.
void carry_standing(Database& old, Database& restored) {
  restored.execute("DELETE FROM standing");
  Statement rows = old.prepare(
      "SELECT o.name,s.key_hash,s.scope,s.by_sluice FROM standing s JOIN objects o ON "
      "o.id=s.object");
  Statement object = restored.prepare("INSERT OR IGNORE INTO objects(name) VALUES(?1)");
  Statement put = restored.prepare(
      "INSERT OR IGNORE INTO standing(object,key_hash,scope,by_sluice) SELECT id,?2,?3,?4 FROM "
      "objects WHERE name=?1");
  while (rows.step()) {
    object.bind(1, rows.text(0)).run();
    put.bind(1, rows.text(0)).bind_blob(2, rows.blob(1)).bind(3, rows.text(2));
    put.bind(4, rows.integer(3)).run();
  }
}

void carry_audit(Database& old, Database& restored) {
  Statement rows =
      old.prepare("SELECT at,who,action,detail,affected,decision FROM audit ORDER BY id");
  Statement put = restored.prepare(
      "INSERT INTO audit(at,who,action,detail,affected,decision) SELECT ?1,?2,?3,?4,?5,?6 WHERE "
      "NOT "
      "EXISTS(SELECT 1 FROM audit WHERE at=?1 AND who=?2 AND action=?3 AND (decision IS ?6))");
  while (rows.step()) {
    const auto decision = rows.optional_text(5);
    put.bind(1, rows.integer(0)).bind(2, rows.text(1)).bind(3, rows.text(2)).bind(4, rows.text(3));
    put.bind(5, rows.integer(4)).bind(6, decision).run();
  }
}

// False when the state that is replaced cannot be read, or hashes its keys in another way.
bool carry_decisions(const std::filesystem::path& file, Database& restored) {
  try {
    if (!state_exists(file)) return false;
    require_whole_log(file);
    Database old{file, Database::Mode::ReadOnly};
    (void)require_known_schema(old, file);
    const char* key = "SELECT value FROM meta WHERE key='standing_key'";
    if (text_of(old, key) != text_of(restored, key)) return false;
    restored.execute("BEGIN IMMEDIATE");
    carry_standing(old, restored);
    carry_audit(old, restored);
    restored.execute("COMMIT");
    return true;
  } catch (const StateError&) {
    restored.roll_back();
    return false;
  }
}

// Where the state that is replaced goes: below the root, so that it can be moved as a whole.
std::filesystem::path place_aside(const std::filesystem::path& root, std::string_view integration,
                                  std::int64_t now_ms) {
  for (;; now_ms += 1000) {
    auto place =
        std::filesystem::path{".replaced"} / (file_name(integration) + "-" + moment_text(now_ms));
    std::error_code none;
    if (!std::filesystem::exists(root / place, none)) return place;
  }
}

bool has_anything(const std::filesystem::path& file) {
  std::error_code none;
  return std::filesystem::exists(std::filesystem::symlink_status(file, none)) ||
         std::filesystem::exists(std::filesystem::symlink_status(file.string() + "-wal", none));
}

void require_whole(Database& database, std::string_view integration,
                   const std::filesystem::path& from) {
  const auto problems = problems_of(database, integration);
  if (problems.empty()) return;
  const auto& first = problems.front();
  throw StateError{
      StateError::Kind::Unusable,
      from.string() + " cannot be restored: " + first.what +
          (first.examples.empty() ? "" : " (" + first.examples.front() + ")") +
          (problems.size() > 1 ? ", and " + std::to_string(problems.size() - 1) + " other problems"
                               : "") +
          ". Nothing was changed"};
}

}  // namespace

std::string moment_text(std::int64_t now_ms) {
  const auto seconds = static_cast<std::time_t>(now_ms / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> moment{};
  std::strftime(moment.data(), moment.size(), "%Y%m%dT%H%M%SZ", &parts);
  return moment.data();
}

void copy_into(Database& database, const std::filesystem::path& file) {
  const auto partial = file.string() + ".partial";
  remove_with_logs(partial);
  make_new_private_file(partial);
  try {
    Statement copy = database.prepare("VACUUM INTO ?1");
    copy.bind(1, partial).run();
    sync_to_disk(partial);
  } catch (const Error&) {
    remove_with_logs(partial);
    throw;
  }
  rename_durably(partial, file);
}

Backup back_up(const std::filesystem::path& root, std::string_view integration,
               const std::filesystem::path& to, std::int64_t now_ms) {
  std::error_code none;
  Backup backup;
  backup.file = std::filesystem::is_directory(to, none)
                    ? to / (file_name(integration) + "-" + moment_text(now_ms) + ".db")
                    : to;
  if (std::filesystem::exists(std::filesystem::symlink_status(backup.file, none)))
    throw Error{Code::Config, backup.file.string() + " exists already: a backup replaces nothing"};
  auto state = State::open_read_only(root, integration);
  if (!state) {
    throw Error{Code::Config, "\"" + std::string{integration} + "\" has no state in " +
                                  root.string() + " yet: there is nothing to back up"};
  }
  const auto ready = backup.file.string() + ".new";
  remove_with_logs(ready);
  copy_into(state->database(), ready);
  {
    Database copy{ready, Database::Mode::ReadWrite};
    put_meta(copy, "backed_up_at", std::to_string(now_ms));
    backup.problems = problems_of(copy, integration);
    copy.execute("PRAGMA journal_mode=DELETE");
  }
  sync_to_disk(ready);
  rename_durably(ready, backup.file);
  backup.bytes = std::filesystem::file_size(backup.file);
  return backup;
}

Restored restore(const std::filesystem::path& root, std::string_view integration,
                 const std::filesystem::path& from, std::string_view why, std::int64_t now_ms) {
  require_copy(from);
  const auto directory = root / file_name(integration);
  const auto file = directory / kStateFile;
  make_private_directory(directory);
  const IntegrationLock lock{directory, "state restore"};
  finish_restore(directory);
  const auto staged = staged_of(directory);
  Restored out;
  {
    Database original = open_copy(from, file);
    (void)require_known_schema(original, from);
    copy_into(original, staged);
  }
  const auto aside = place_aside(root, integration, now_ms);
  try {
    Database restored{staged, Database::Mode::ReadWrite};
    restored.execute("BEGIN IMMEDIATE");
    migrate(restored, require_known_schema(restored, from));
    restored.execute("COMMIT");
    require_whole(restored, integration, from);
    out.as_of = as_of(restored);
    out.kept_decisions = carry_decisions(file, restored);
    restored.execute("BEGIN IMMEDIATE");
    doubt_everything(restored);
    Audit audit{restored};
    std::string detail = "the state of " + moment_text(out.as_of);
    if (!why.empty()) detail.append(": ").append(why);
    audit.add({.at = now_ms,
               .who = {},
               .action = "restore",
               .detail = detail,
               .affected = 0,
               .decision = {}});
    put_meta(restored, "replaced", aside.string());
    restored.execute("DELETE FROM meta WHERE key='backed_up_at'; COMMIT");
    Statement erasures =
        restored.prepare("SELECT count(*) FROM audit WHERE action='forget' AND at>?1");
    erasures.bind(1, out.as_of);
    out.erasures_since = erasures.step() ? erasures.integer(0) : 0;
    erasures.reset();
    restored.execute("PRAGMA journal_mode=DELETE");
  } catch (const Error&) {
    remove_with_logs(staged);
    throw;
  }
  if (has_anything(file)) out.replaced = root / aside;
  sync_to_disk(staged);
  rename_durably(staged, directory / kRestored);
  finish_restore(directory);
  return out;
}

bool is_being_restored(const std::filesystem::path& directory) {
  std::error_code none;
  return std::filesystem::exists(directory / kRestored, none);
}

void finish_restore(const std::filesystem::path& directory) {
  const auto restored = directory / kRestored;
  remove_with_logs(staged_of(directory));
  if (!is_being_restored(directory)) return;
  const auto file = directory / kStateFile;
  std::optional<std::string> place;
  {
    Database database{restored, Database::Mode::Frozen};
    place = text_of(database, "SELECT value FROM meta WHERE key='replaced'");
  }
  if (!place) throw damaged(restored, "it does not say where the state that it replaces goes");
  const auto aside = directory.parent_path() / *place;
  std::error_code none;
  std::filesystem::remove(file.string() + "-shm", none);
  // The log first: what is restored must never find it beside itself.
  for (const char* part : {"-wal", "-journal", ""}) {
    const auto old = file.string() + part;
    if (!std::filesystem::exists(std::filesystem::symlink_status(old, none))) continue;
    make_private_directory(aside);
    rename_durably(old, aside / (std::string{kStateFile} + part));
  }
  rename_durably(restored, file);
}

}  // namespace sluice::host
