// Who may use the service: tokens, kept as hashes, and the browser sessions opened with them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "state/rate_budget.hpp"

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

// A file that only the service's user can read. Threads: [any thread].
class Tokens {
 public:
  explicit Tokens(std::filesystem::path file) : file_{std::move(file)} {}

  // Returns the token, which nobody can ask for again. Errors: Error{Config} when the name is taken
  // or is not 1 to 64 of [A-Za-z0-9_.-].
  std::string add(const std::string& name, Role role, std::int64_t now_ms,
                  const std::string& integration = {});
  // False when there is none of that name.
  bool remove(const std::string& name);
  // As the file is now. Errors: StateError, Error{Config} when it cannot be read.
  [[nodiscard]] std::vector<TokenRow> all() const;
  // Whom the token belongs to; nothing when it is unknown. The file is read again when it changes.
  [[nodiscard]] std::optional<TokenRow> find(std::string_view token);
  // The row is still there, as it was.
  [[nodiscard]] bool has(const TokenRow& row);

 private:
  [[nodiscard]] std::vector<TokenRow> current();
  void write(const std::vector<TokenRow>& rows) const;

  std::filesystem::path file_;
  std::mutex mutex_;
  std::int64_t stamp_ = -1;
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
