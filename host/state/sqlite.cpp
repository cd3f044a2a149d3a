#include "state/sqlite.hpp"

#include <sqlite3.h>
#include <sys/resource.h>

#include <cerrno>
#include <sluice/error.hpp>

#include "state/layout.hpp"
#include "state/state_error.hpp"

namespace sluice::host {
namespace {

std::filesystem::path file_of(sqlite3* database) {
  const char* file = sqlite3_db_filename(database, "main");
  return file != nullptr ? file : "";
}

// SQLite knows a full disk, but not a limit, and has lost the errno by the time it tells.
bool has_file_size_limit() {
  rlimit limit{};
  return ::getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
}

[[noreturn]] void fail(sqlite3* database, int result, const std::filesystem::path& file) {
  const int problem = database != nullptr ? sqlite3_system_errno(database) : 0;
  const std::string text = database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(result);
  const int extended = database != nullptr ? sqlite3_extended_errcode(database) : result;
  if ((extended & 0xff) == (result & 0xff)) result = extended;
  switch (result & 0xff) {
    case SQLITE_FULL:
      throw full_disk(file);
    case SQLITE_IOERR:
      if (result == SQLITE_IOERR_WRITE && has_file_size_limit()) throw full_disk(file);
      throw inaccessible(file, "read or write", problem != 0 ? problem : EIO);
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      throw inaccessible(file, "open", problem);
    case SQLITE_READONLY:
      throw inaccessible(file, "write", EACCES);
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      throw damaged(file, text);
    case SQLITE_BUSY:
      throw Busy{"another process that writes " + file.string()};
    default:
      throw Error{Code::Internal, "state database " + file.string() + ": " + text};
  }
}

[[noreturn]] void fail(sqlite3* database, int result) {
  fail(database, result, file_of(database));
}

[[noreturn]] void fail_lost(sqlite3* database) {
  throw Error{Code::Internal, "nothing more is written to " + file_of(database).string() +
                                  ": what was under way there could not be completed"};
}

int flags_of(Database::Mode mode) {
  switch (mode) {
    case Database::Mode::ReadOnly:
      return SQLITE_OPEN_READONLY;
    case Database::Mode::Frozen:
      return SQLITE_OPEN_READONLY | SQLITE_OPEN_URI;
    case Database::Mode::ReadWrite:
    case Database::Mode::Shared:
      break;
  }
  return SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
}

// SQLite then takes no lock and looks at no file but this one.
std::string frozen_uri(const std::filesystem::path& file) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string uri = "file:";
  for (const char c : std::filesystem::absolute(file).string()) {
    if (c == '%' || c == '?' || c == '#') {
      uri.push_back('%');
      uri.push_back(kHex[static_cast<unsigned char>(c) >> 4]);
      uri.push_back(kHex[static_cast<unsigned char>(c) & 15]);
    } else {
      uri.push_back(c);
    }
  }
  return uri + "?immutable=1";
}

}  // namespace

Statement::Statement(sqlite3* database, const bool& lost, std::string_view sql) : lost_{&lost} {
  sqlite3_stmt* raw = nullptr;
  const int result = sqlite3_prepare_v3(database, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  statement_.reset(raw);
  if (result != SQLITE_OK) fail(database, result);
}

void Statement::Finalize::operator()(sqlite3_stmt* statement) const noexcept {
  sqlite3_finalize(statement);
}

void Statement::check(int result) const {
  if (result != SQLITE_OK) fail(sqlite3_db_handle(statement_.get()), result);
}

Statement& Statement::bind(int at, std::int64_t value) {
  check(sqlite3_bind_int64(statement_.get(), at, value));
  return *this;
}

Statement& Statement::bind(int at, std::string_view text) {
  check(sqlite3_bind_text(statement_.get(), at, text.data() == nullptr ? "" : text.data(),
                          static_cast<int>(text.size()), SQLITE_STATIC));
  return *this;
}

Statement& Statement::bind(int at, const std::optional<std::string>& text) {
  return text ? bind(at, std::string_view{*text}) : bind_null(at);
}

Statement& Statement::bind_blob(int at, std::string_view bytes) {
  check(sqlite3_bind_blob(statement_.get(), at, bytes.data(), static_cast<int>(bytes.size()),
                          SQLITE_STATIC));
  return *this;
}

Statement& Statement::bind_null(int at) {
  check(sqlite3_bind_null(statement_.get(), at));
  return *this;
}

bool Statement::step() {
  if (*lost_) fail_lost(sqlite3_db_handle(statement_.get()));
  const int result = sqlite3_step(statement_.get());
  if (result == SQLITE_ROW) return true;
  sqlite3* database = sqlite3_db_handle(statement_.get());
  reset();
  if (result != SQLITE_DONE) fail(database, result);
  return false;
}

void Statement::run() {
  while (step()) {
  }
}

void Statement::reset() noexcept {
  sqlite3_reset(statement_.get());
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string_view Statement::text(int column) const {
  const auto* data = sqlite3_column_blob(statement_.get(), column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
  return {static_cast<const char*>(data), size};
}

std::optional<std::string> Statement::optional_text(int column) const {
  if (is_null(column)) return std::nullopt;
  return std::string{text(column)};
}

std::string_view Statement::blob(int column) const {
  return text(column);
}

Database::Database(const std::string& name, int flags) {
  // Nobody asks how much memory SQLite has: counting takes a lock for every piece. Only the first
  // call has an effect.
  static const int uncounted = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(uncounted);
  sqlite3* raw = nullptr;
  const int result = sqlite3_open_v2(name.c_str(), &raw, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  database_.reset(raw);
  if (result != SQLITE_OK) fail(raw, result, name);
  sqlite3_extended_result_codes(raw, 1);
  sqlite3_busy_timeout(raw, 10'000);
  // A damaged file may hold anything: it is not to define functions or change its own schema.
  sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_rollback_hook(
      raw, [](void* lost) { *static_cast<bool*>(lost) = true; }, lost_.get());
}

Database::Database(const std::filesystem::path& file, Mode mode)
    : Database{mode == Mode::Frozen ? frozen_uri(file) : file.string(), flags_of(mode)} {
  execute("PRAGMA cell_size_check=ON");
  if (mode == Mode::ReadOnly) {
    // Two connections that checkpoint at once can corrupt a WAL in this version of SQLite: readers
    // never do.
    sqlite3_db_config(database_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    execute("PRAGMA wal_autocheckpoint=0");
  } else if (mode == Mode::Shared) {
    // No WAL: see above.
    execute("PRAGMA journal_mode=TRUNCATE; PRAGMA synchronous=FULL; PRAGMA cache_size=-2000;");
  } else if (mode == Mode::ReadWrite) {
    // SQLite falls back to reading in silence.
    if (sqlite3_db_readonly(database_.get(), "main") == 1)
      throw inaccessible(file, "write", EACCES);
    execute(
        // FULL: what a commit has promised (an intent, a receipt) holds after a power cut.
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=20000;"
        // Keys come in any order: once a state is larger than any cache, a page that was needed is
        // not needed again soon. What does not fit is sorted in temporary files.
        "PRAGMA cache_size=-4000; PRAGMA foreign_keys=OFF; PRAGMA temp_store=FILE;");
  }
}

Database Database::scratch() {
  // An unnamed file that spills to the temporary directory when it grows.
  Database database{std::string{}, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE};
  database.execute("PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF; PRAGMA cache_size=-16000;");
  return database;
}

void Database::copy_from(Database& other) {
  sqlite3_backup* backup =
      sqlite3_backup_init(database_.get(), "main", other.database_.get(), "main");
  if (backup == nullptr) fail(database_.get(), sqlite3_errcode(database_.get()));
  sqlite3_backup_step(backup, -1);
  const int result = sqlite3_backup_finish(backup);
  if (result != SQLITE_OK) fail(database_.get(), result, file_of(other.database_.get()));
}

void Database::Close::operator()(sqlite3* database) const noexcept {
  sqlite3_close_v2(database);
}

void Database::roll_back() {
  if (sqlite3_get_autocommit(database_.get()) == 0) execute("ROLLBACK");
  *lost_ = false;
}

void Database::execute(const char* sql) {
  if (*lost_) fail_lost(database_.get());
  const int result = sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr);
  if (result != SQLITE_OK) fail(database_.get(), result);
}

bool Database::set_up(std::int64_t application, std::int64_t version, const char* tables) {
  const std::int64_t is_application = scalar("PRAGMA application_id");
  const std::int64_t is_version = scalar("PRAGMA user_version");
  if (is_application != 0 || is_version != 0)
    return is_application == application && is_version == version;
  execute(tables);
  execute(("PRAGMA application_id=" + std::to_string(application) +
           ";PRAGMA user_version=" + std::to_string(version))
              .c_str());
  return true;
}

std::int64_t Database::last_insert_id() const noexcept {
  return sqlite3_last_insert_rowid(database_.get());
}

std::int64_t Database::changes() const noexcept {
  return sqlite3_changes64(database_.get());
}

std::int64_t Database::scalar(std::string_view sql) {
  Statement statement = prepare(sql);
  const std::int64_t value = statement.step() ? statement.integer(0) : 0;
  statement.reset();
  return value;
}

}  // namespace sluice::host
