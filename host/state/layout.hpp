// Where state lives on disk, and who may write it.
//
//   <root>/<integration>/state.db     ledger, cursors, errors, runs, audit; beside it SQLite's log
//   <root>/<integration>/created      the state has been made: it is missed when it is gone
//   <root>/<integration>/restored.db  what `state restore` is putting in place; see backup.hpp
//   <root>/<integration>/lock         held by the process that runs the integration
//   <root>/<integration>/inbox/       decisions for that process; see decision.hpp
//   <root>/.serve/                    the service's own: logs, tokens.db, events.db
//   <root>/.unlinked/<integration>-…  what `unlink` has put away, with its moment
//   <root>/.replaced/<integration>-…  what `state restore` has put away, with its moment
//   <root>/rates/<account>.rate       the account's request budget, shared by all integrations
#pragma once

#include <filesystem>
#include <sluice/error.hpp>
#include <string>
#include <string_view>

namespace sluice::host {

inline constexpr const char* kStateFile = "state.db";
inline constexpr const char* kServiceDirectory = ".serve";

// $SLUICE_STATE, else $XDG_STATE_HOME/sluice, else ~/.local/state/sluice.
[[nodiscard]] std::filesystem::path default_state_root();

// An account's or integration's name as a file name: everything but [A-Za-z0-9._-] is escaped.
[[nodiscard]] std::string file_name(std::string_view name);

// Another process holds the integration. `what()` says which, since when, and doing what.
class Busy : public Error {
 public:
  explicit Busy(std::string holder);
  [[nodiscard]] const std::string& holder() const noexcept { return holder_; }

 private:
  std::string holder_;
};

// Who holds the integration: "process 12 on HOST (full, since …)"; empty: nobody.
[[nodiscard]] std::string lock_holder(const std::filesystem::path& directory);

// Exclusive right to write one integration's state, as long as the object lives. Released by the
// kernel when the process dies, however it dies. It belongs to the directory itself, whatever path
// or container it is reached by.
class IntegrationLock {
 public:
  // `purpose` is shown to whoever comes second, e.g. "full". Errors: Busy, StateError.
  IntegrationLock(const std::filesystem::path& directory, std::string_view purpose);
  ~IntegrationLock();
  IntegrationLock(IntegrationLock&& other) noexcept;
  IntegrationLock& operator=(IntegrationLock&&) = delete;

 private:
  int file_ = -1;
};

}  // namespace sluice::host
