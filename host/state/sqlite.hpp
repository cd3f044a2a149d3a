// Thin RAII over the SQLite C API: what the state needs and no more.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <sluice/json.hpp>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace sluice::host {

// A prepared statement, reset after each use. Bind positions count from 1, columns from 0.
// Errors: every function throws StateError when the file is full, damaged or not accessible, Busy
// when another process writes it, else Error{Internal} with SQLite's message.
class Statement {
 public:
  Statement() = default;

  Statement& bind(int at, std::int64_t value);
  Statement& bind(int at, int value) { return bind(at, static_cast<std::int64_t>(value)); }
  Statement& bind(int at, std::string_view text);  // borrowed until the next reset
  Statement& bind(int at, const char* text) { return bind(at, std::string_view{text}); }
  Statement& bind(int at, const std::string& text) { return bind(at, std::string_view{text}); }
  Statement& bind(int at, const std::optional<std::string>& text);
  Statement& bind_blob(int at, std::string_view bytes);
  Statement& bind_null(int at);

  // Advances to the next row; false after the last one, and the statement is reset.
  bool step();
  // Runs a statement that gives no rows.
  void run();
  void reset() noexcept;

  [[nodiscard]] bool is_null(int column) const;
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::string_view text(int column) const;  // valid until the next step or reset
  [[nodiscard]] std::optional<std::string> optional_text(int column) const;
  [[nodiscard]] std::string_view blob(int column) const;

 private:
  friend class Database;
  Statement(sqlite3* database, const bool& lost, std::string_view sql);

  struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept;
  };
  void check(int result) const;

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  const bool* lost_ = nullptr;  // Database::lost_
};

class Database {
 public:
  // Frozen: for reading a file that nobody writes; leaves nothing beside it. Shared: for a file
  // that several processes write, in short transactions that begin as IMMEDIATE.
  enum class Mode { ReadWrite, ReadOnly, Frozen, Shared };
  // Opens or creates the file. The one connection of ReadWrite is the only one that checkpoints.
  Database(const std::filesystem::path& file, Mode mode);
  // An empty database of this process alone, gone when it is closed.
  [[nodiscard]] static Database scratch();

  [[nodiscard]] Statement prepare(std::string_view sql) {
    return Statement{database_.get(), *lost_, sql};
  }
  void execute(const char* sql);
  // Runs `change` as one transaction, which writes; it is undone when `change` throws.
  template <typename Change>
  void transact(const Change& change) {
    execute("BEGIN IMMEDIATE");
    try {
      change();
      execute("COMMIT");
    } catch (...) {
      roll_back();
      throw;
    }
  }
  // Gives an empty file these tables, and marks it as this application's; to be called in a
  // transaction. False, and nothing is changed, when the file has another mark or version.
  [[nodiscard]] bool set_up(std::int64_t application, std::int64_t version, const char* tables);
  // Ends a transaction, if one is open, and forgets what it did. After an error that has ended it
  // already (a full disk), nothing else can be done before this: what follows half a transaction
  // must not be written on its own.
  void roll_back();
  // Replaces everything in this database by what `other` holds at this moment.
  void copy_from(Database& other);
  [[nodiscard]] std::int64_t last_insert_id() const noexcept;
  [[nodiscard]] std::int64_t changes() const noexcept;
  // One value of one row, 0 without a row.
  [[nodiscard]] std::int64_t scalar(std::string_view sql);

 private:
  Database(const std::string& name, int flags);

  struct Close {
    void operator()(sqlite3* database) const noexcept;
  };
  std::unique_ptr<bool> lost_ = std::make_unique<bool>(false);
  std::unique_ptr<sqlite3, Close> database_;
};

}  // namespace sluice::host
