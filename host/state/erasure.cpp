#include "state/erasure.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <functional>
#include <optional>
#include <sluice/error.hpp>

#include "state/backup.hpp"
#include "state/schema.hpp"
#include "state/state_error.hpp"
#include "state/state_file.hpp"

namespace sluice::host {
namespace {

constexpr std::string_view kErased = "[erased]";
constexpr std::size_t kMomentSize = 16;  // 20260102T030405Z

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

bool same_letter(char a, char b) {
  return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
}

std::vector<std::string> column(Database& database, std::string_view sql, std::string_view key) {
  Statement statement = database.prepare(sql);
  statement.bind(1, key);
  std::vector<std::string> out;
  while (statement.step()) out.emplace_back(statement.text(0));
  return out;
}

std::int64_t erase(Database& database, std::string_view sql, std::string_view key) {
  Statement statement = database.prepare(sql);
  statement.bind(1, key).run();
  return database.changes();
}

// All keys of one person, from either side, over all databases that were looked into.
class Person {
 public:
  explicit Person(std::string_view key) : key_{key} {}

  void look_into(Database& database) {
    for (const char* sql : kSourceExists) {
      if (!column(database, sql, key_).empty()) add_source(database, key_);
    }
    for (const char* sql : kDestinationExists) {
      for (const auto& found : column(database, sql, key_)) add_destination(database, found);
    }
  }
  // As they may stand in messages.
  [[nodiscard]] std::set<std::string> all_keys() const {
    std::set<std::string> all = source_keys;
    all.insert(destination_keys.begin(), destination_keys.end());
    all.insert(key_);
    return all;
  }
  std::set<std::string> source_keys, destination_keys;

 private:
  static constexpr std::array<const char*, 4> kSourceExists{
      "SELECT key FROM records WHERE key=?1", "SELECT key FROM errors WHERE key=?1",
      "SELECT source_key FROM intents WHERE source_key=?1",
      "SELECT source_key FROM pending_writes WHERE source_key=?1"};
  static constexpr std::array<const char*, 5> kDestinationExists{
      "SELECT target FROM records WHERE lower(target)=lower(?1)",
      "SELECT key FROM targets WHERE lower(key)=lower(?1)",
      "SELECT target FROM orphans WHERE lower(target)=lower(?1)",
      "SELECT new_target FROM intents WHERE lower(new_target)=lower(?1)",
      "SELECT target FROM pending_writes WHERE lower(target)=lower(?1)"};
  static constexpr std::array<const char*, 5> kDestinationOf{
      "SELECT target FROM records WHERE key=?1 AND target IS NOT NULL",
      "SELECT key FROM targets WHERE owner=?1", "SELECT target FROM orphans WHERE source_key=?1",
      "SELECT new_target FROM intents WHERE source_key=?1",
      "SELECT target FROM pending_writes WHERE source_key=?1"};
  static constexpr std::array<const char*, 2> kSourceOf{"SELECT key FROM records WHERE target=?1",
                                                        "SELECT owner FROM targets WHERE key=?1"};

  void add_source(Database& database, const std::string& key) {
    if (!source_keys.insert(key).second) return;
    for (const char* sql : kDestinationOf) {
      for (const auto& found : column(database, sql, key)) add_destination(database, found);
    }
  }
  void add_destination(Database& database, const std::string& key) {
    if (!destination_keys.insert(key).second) return;
    for (const char* sql : kSourceOf) {
      for (const auto& found : column(database, sql, key)) add_source(database, found);
    }
  }

  std::string key_;
};

constexpr std::array<const char*, 7> kOfSource{
    "DELETE FROM records WHERE key=?1",        "DELETE FROM targets WHERE owner=?1",
    "DELETE FROM errors WHERE key=?1",         "DELETE FROM orphans WHERE source_key=?1",
    "DELETE FROM intents WHERE source_key=?1", "DELETE FROM pending_writes WHERE source_key=?1",
    "DELETE FROM run_rows WHERE key=?1"};
constexpr std::array<const char*, 5> kOfDestination{
    "DELETE FROM records WHERE target=?1", "DELETE FROM targets WHERE key=?1",
    "DELETE FROM orphans WHERE target=?1",
    "DELETE FROM intents WHERE new_target=?1 OR old_target=?1",
    "DELETE FROM pending_writes WHERE target=?1 OR previous_target=?1"};

// Replaces the key in one text column of the rows that contain it.
void scrub(Database& database, const std::string& table, const std::string& text,
           std::string_view key, const std::function<std::string(std::string_view)>& change) {
  Statement find = database.prepare("SELECT rowid," + text + " FROM " + table +
                                    " WHERE instr(lower(" + text + "),lower(?1))>0");
  find.bind(1, key);
  std::vector<std::pair<std::int64_t, std::string>> rows;
  while (find.step()) rows.emplace_back(find.integer(0), change(find.text(1)));
  Statement put = database.prepare("UPDATE " + table + " SET " + text + "=?2 WHERE rowid=?1");
  for (const auto& [id, value] : rows) put.bind(1, id).bind(2, value).run();
}

void scrub_errors(Database& database, std::string_view key) {
  Statement find = database.prepare(
      "SELECT sync,key,message FROM errors WHERE instr(lower(message),lower(?1))>0");
  find.bind(1, key);
  struct Row {
    std::int64_t sync;
    std::string key, message;
  };
  std::vector<Row> rows;
  while (find.step()) {
    rows.push_back({find.integer(0), std::string{find.text(1)}, without_key(find.text(2), key)});
  }
  Statement put = database.prepare("UPDATE errors SET message=?3 WHERE sync=?1 AND key=?2");
  for (const auto& row : rows) put.bind(1, row.sync).bind(2, row.key).bind(3, row.message).run();
  Statement values = database.prepare("UPDATE errors SET value_hash=x'' WHERE value_hash=?1");
  values.bind_blob(1, key).run();
}

std::string summary_without_key(std::string_view summary, std::string_view key) {
  json::object object = parse_json(summary).as_object();
  if (auto* message = object.if_contains("message"); message != nullptr && message->is_string())
    *message = json::value(without_key(std::string_view{message->get_string()}, key));
  return to_json(object);
}

std::int64_t erase_from(Database& database, const Person& person) {
  std::int64_t rows = 0;
  for (const auto& key : person.source_keys) {
    for (const char* sql : kOfSource) rows += erase(database, sql, key);
  }
  for (const auto& key : person.destination_keys) {
    for (const char* sql : kOfDestination) rows += erase(database, sql, key);
  }
  database.execute("DELETE FROM receipts WHERE id NOT IN (SELECT receipt FROM pending_writes)");
  for (const auto& key : person.all_keys()) {
    scrub_errors(database, key);
    scrub(database, "audit", "detail", key,
          [&key](std::string_view text) { return without_key(text, key); });
    scrub(database, "runs", "summary", key,
          [&key](std::string_view text) { return summary_without_key(text, key); });
  }
  return rows;
}

bool is_archive_of(const std::filesystem::path& folder, std::string_view integration) {
  const std::string name = folder.filename().string();
  const std::string prefix = file_name(integration) + "-";
  return name.size() == prefix.size() + kMomentSize && name.starts_with(prefix);
}

std::vector<std::filesystem::path> archives_of(const std::filesystem::path& root,
                                               std::string_view integration) {
  std::vector<std::filesystem::path> files;
  for (const char* place : {".unlinked", ".replaced"}) {
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator{root / place, none}) {
      if (!is_archive_of(entry.path(), integration)) continue;
      const auto file = entry.path() / kStateFile;
      // Of an `unlink` that was killed: no state, but people's data.
      std::filesystem::remove(file.string() + ".partial", none);
      if (std::filesystem::exists(file, none)) files.push_back(file);
    }
  }
  return files;
}

Database open_archive(const std::filesystem::path& file) {
  require_whole_log(file);
  Database database{file, Database::Mode::ReadWrite};
  (void)require_known_schema(database, file);
  return database;
}

std::int64_t forget_in_archive(const std::filesystem::path& file, const Person& person) {
  Database database = open_archive(file);
  database.execute("BEGIN IMMEDIATE");
  const std::int64_t rows = erase_from(database, person);
  database.execute("COMMIT; VACUUM; PRAGMA wal_checkpoint(TRUNCATE)");
  return rows;
}

}  // namespace

std::string without_key(std::string_view text, std::string_view key) {
  std::string out;
  while (!text.empty()) {
    const auto* const at =
        std::search(text.begin(), text.end(), key.begin(), key.end(), same_letter);
    if (at == text.end() || key.empty()) break;
    const auto start = static_cast<std::size_t>(at - text.begin());
    const auto end = start + key.size();
    const bool whole = (start == 0 || !is_word(text[start - 1]) || !is_word(key.front())) &&
                       (end == text.size() || !is_word(text[end]) || !is_word(key.back()));
    out.append(text.substr(0, start)).append(whole ? kErased : text.substr(start, key.size()));
    text.remove_prefix(end);
  }
  return out.append(text);
}

std::filesystem::path archive_file(const std::filesystem::path& root, std::string_view integration,
                                   std::int64_t now_ms) {
  return root / ".unlinked" / (file_name(integration) + "-" + moment_text(now_ms)) / kStateFile;
}

Erased forget(State& state, const std::filesystem::path& root, std::string_view integration,
              std::string_view key, std::int64_t now_ms) {
  std::vector<std::filesystem::path> archives;
  Person person{key};
  person.look_into(state.database());
  Erased erased;
  for (const auto& file : archives_of(root, integration)) {
    try {
      Database database = open_archive(file);
      person.look_into(database);
      archives.push_back(file);
    } catch (const StateError&) {
      // Put away because it was damaged, mostly: the person must leave the others all the same.
      erased.unreadable.push_back(file);
    }
  }
  erased.source_keys = person.source_keys;
  erased.destination_keys = person.destination_keys;
  for (const auto& file : archives) {
    const std::int64_t rows = forget_in_archive(file, person);
    erased.rows += rows;
    if (rows != 0) ++erased.archives;
  }
  erased.rows += erase_from(state.database(), person);
  state.audit_log().add({.at = now_ms,
                         .who = {},
                         .action = "forget",
                         .detail = std::to_string(erased.rows) + " rows of one person erased",
                         .affected = erased.rows,
                         .decision = {}});
  state.commit();
  if (!state.compact()) {
    throw Error{Code::Transient,
                "the person is erased, but another process reads the state in " +
                    state.directory().string() +
                    ", so that old pages are still in its log; run the same command again when it "
                    "has ended"};
  }
  return erased;
}

}  // namespace sluice::host
