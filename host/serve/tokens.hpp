// Who may use the service: tokens, kept as hashes, who gave and took them, and the browser sessions
// opened with them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "state/audit.hpp"
#include "state/rate_budget.hpp"
#include "state/sqlite.hpp"

namespace sluice::host::serve {

// Sender: a vendor, which may hand in events of one integration and nothing else.
enum class Role { Viewer, Operator, Sender };
[[nodiscard]] std::string_view to_string(Role role) noexcept;
[[nodiscard]] std::optional<Role> role_of(std::string_view text) noexcept;

struct TokenRow {
  std::string name;
  Role role = Role::Viewer;
  std::string hash;              // hexadecimal; BLAKE2b of the token, which is 256 random bits
  std::int64_t created = 0;      // ms since the epoch
  std::string integration = {};  // a sender's
};

// A random secret as text that passes through headers, cookies and URLs.
[[nodiscard]] std::string random_secret();
[[nodiscard]] std::string hash_of(std::string_view secret);
// Takes the same time wherever they differ.
[[nodiscard]] bool same_secret(std::string_view left, std::string_view right) noexcept;

// One SQLite file, `tokens.db`, that only the service's user can read. A token and the entry that
// says who gave or took it are written together: neither is there without the other, whatever is
// killed, and both are durable when a function returns. Several processes may write at once.
// Threads: [any thread]. Errors of all functions: StateError when the file cannot be used.
class Tokens {
 public:
  // Makes the file in `directory`, the service's own, if it is missing; takes over the tokens of a
  // `tokens.json` there, which held them before, and removes it.
  explicit Tokens(const std::filesystem::path& directory);

  // Returns the token, which nobody can ask for again. Errors: Error{Config} when the name is taken
  // or is not 1 to 64 of [A-Za-z0-9_.-].
  std::string add(const std::string& name, Role role, std::int64_t now_ms,
                  const std::string& integration = {});
  // False when there is none of that name.
  bool remove(const std::string& name, std::int64_t now_ms);
  // In the order in which they were added.
  [[nodiscard]] std::vector<TokenRow> all();
  // Whom the token belongs to; nothing when it is unknown.
  [[nodiscard]] std::optional<TokenRow> find(std::string_view token);
  // The row is still there, as it was.
  [[nodiscard]] bool has(const TokenRow& row);
  // Who added and removed which, the newest first: entries that are never changed or removed. They
  // have names and roles, no token and no hash.
  [[nodiscard]] std::vector<AuditEntry> decisions(std::size_t count);

 private:
  [[nodiscard]] std::vector<TokenRow> current();
  [[nodiscard]] std::vector<TokenRow> read();
  void insert(const TokenRow& row);
  void take_over(const std::filesystem::path& former);
  void put_down(const char* action, const TokenRow& row, std::int64_t now_ms);
  // Runs `change` as one transaction.
  template <typename Change>
  void change(const Change& change);

  std::mutex mutex_;  // of all below
  Database database_;
  Statement version_of_file_;
  std::int64_t version_ = -1;  // of the file, when `rows_` were read
  std::vector<TokenRow> rows_;
};

// Sessions live in memory: a restart ends them. Threads: [any thread].
class Sessions {
 public:
  struct Session {
    TokenRow token;
    std::int64_t expires = 0;  // ms since the epoch
  };
  explicit Sessions(WallClock clock) : clock_{std::move(clock)} {}

  // Returns the cookie's value.
  [[nodiscard]] std::string open(const TokenRow& token);
  [[nodiscard]] std::optional<Session> find(std::string_view cookie);
  void close(std::string_view cookie);

 private:
  WallClock clock_;
  std::mutex mutex_;
  std::map<std::string, Session> sessions_;  // by the hash of the cookie
};

}  // namespace sluice::host::serve
