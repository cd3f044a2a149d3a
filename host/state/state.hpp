// All that Sluice remembers of one integration: one SQLite file, written by one process at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "state/audit.hpp"
#include "state/error_log.hpp"
#include "state/layout.hpp"
#include "state/ledger.hpp"
#include "state/packer.hpp"
#include "state/receipts.hpp"
#include "state/runs.hpp"
#include "state/sqlite.hpp"

namespace sluice::host {

// How far an integration has come (`sluice status`).
enum class Lifecycle { New, Validated, Sampled, Active, Paused, Unlinked };
[[nodiscard]] std::string_view to_string(Lifecycle lifecycle) noexcept;

// Whether a full walk has had its last page, and whether the source says that it showed everything.
enum class Walked { No = 0, Complete = 1, Partly = 2 };

// A sync's place in its stream.
struct SyncRow {
  std::int64_t id = 0;
  std::int64_t object = 0;
  std::string
      fingerprint;  // of what the last complete full walk delivered; empty: none, or unknown
  std::optional<std::string> cursor;  // JSON; starts the next incremental
  std::int64_t walk = 0;              // number of the last full walk that began
  std::optional<std::string>
      walk_cursor;       // JSON; continues that walk; absent: it is complete or has no page yet
  bool walking = false;  // that walk is not complete
  Walked walked = Walked::No;    // its pages are all settled; what follows them is not
  std::string walk_fingerprint;  // the file's fingerprint when it began

  // Nobody knows what was delivered since the backup that the state was restored from.
  [[nodiscard]] bool is_restored() const noexcept { return cursor && fingerprint.empty(); }
};

// How long things are remembered that nothing but people's curiosity needs.
struct Horizon {
  std::int64_t runs = 0;        // ms since the epoch: older ones go, but for the last of a kind
  std::int64_t event_runs = 0;  // the same of runs that events caused
  std::int64_t resolved_errors = 0;  // the same of errors that were resolved
};

// How much is remembered.
struct Inventory {
  std::int64_t runs = 0;
  std::int64_t records = 0;         // that the source still has
  std::int64_t delivered = 0;       // destination records
  std::int64_t pending_writes = 0;  // that the destination is still working on
  std::int64_t opted_out = 0;       // destination keys with a decision of their own
};

// Threads: [instance] one thread. Opening for writing takes the integration's lock.
class State {
 public:
  // Carries out decisions that wait in the inbox. Errors: Busy; StateError when the file cannot be
  // used or the directory cannot be made: a state that was there is never replaced by an empty one.
  static State open(const std::filesystem::path& root, std::string_view integration,
                    std::string_view purpose);
  // For `show`, `errors`, `status` beside a run. Nothing when the integration has no state yet.
  // Errors: as of `open`.
  static std::optional<State> open_read_only(const std::filesystem::path& root,
                                             std::string_view integration);

  // The names of all integrations that have a state under `root`, or should have, in order.
  [[nodiscard]] static std::vector<std::string> all(const std::filesystem::path& root);
  // A copy of what the integration has at this moment, or an empty state: whatever is done with it
  // is forgotten. Takes no lock and no decision, leaves the directory as it is, and works beside a
  // run.
  static State scratch(const std::filesystem::path& root, std::string_view integration);

  // A transaction is always open for writing; `commit` makes everything since the last one durable,
  // and carries out the decisions that have come in.
  void commit();
  // Goes back to the last commit.
  void roll_back();
  // Called by `commit` when such a decision pauses the integration.
  void on_pause(std::function<void()> call) { on_pause_ = std::move(call); }

  [[nodiscard]] Lifecycle lifecycle();
  void set_lifecycle(Lifecycle lifecycle);
  // How far the integration has come, whether or not it is paused.
  [[nodiscard]] Lifecycle reached();
  void set_reached(Lifecycle lifecycle);
  // `resume` goes back to where `pause` found it.
  void set_paused(bool paused);
  [[nodiscard]] std::optional<std::string> meta(std::string_view key);
  void set_meta(std::string_view key, std::string_view value);

  [[nodiscard]] std::int64_t object_id(std::string_view name);
  // Makes the row if it is missing.
  [[nodiscard]] SyncRow sync(std::string_view name, std::string_view object);
  [[nodiscard]] std::optional<SyncRow> find_sync(std::string_view name);
  void put_sync(const SyncRow& row);
  [[nodiscard]] std::vector<std::string> sync_names();
  [[nodiscard]] Inventory inventory();

  // Drops runs and resolved errors that are older.
  void forget_before(const Horizon& horizon);
  // Copies everything to `archive`, which must not exist yet, and forgets it here, but for what
  // people decided: the audit, and the standing with its key. One transaction: whatever is killed,
  // the state is either whole or empty. Commits.
  void unlink(const std::filesystem::path& archive);
  // Writes the file anew, so that nothing that was deleted is left in it or beside it. Commits.
  // False when another process reads the state for so long that its log still has old pages.
  [[nodiscard]] bool compact();

  [[nodiscard]] Packer& packer() noexcept { return *packer_; }
  [[nodiscard]] Ledger& ledger() noexcept { return *ledger_; }
  [[nodiscard]] ErrorLog& errors() noexcept { return *errors_; }
  [[nodiscard]] Audit& audit_log() noexcept { return *audit_; }
  [[nodiscard]] Receipts& receipts() noexcept { return *receipts_; }
  [[nodiscard]] Runs& runs() noexcept { return *runs_; }
  [[nodiscard]] Database& database() noexcept { return *database_; }
  [[nodiscard]] const std::filesystem::path& directory() const noexcept { return directory_; }

 private:
  State(std::filesystem::path directory, std::unique_ptr<Database> database,
        std::unique_ptr<IntegrationLock> lock);
  void prepare();
  void take_decisions();

  std::filesystem::path directory_;
  std::unique_ptr<IntegrationLock> lock_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<Packer> packer_;
  std::unique_ptr<Ledger> ledger_;
  std::unique_ptr<ErrorLog> errors_;
  std::unique_ptr<Receipts> receipts_;
  std::unique_ptr<Runs> runs_;
  std::unique_ptr<Audit> audit_;
  std::function<void()> on_pause_;
};

}  // namespace sluice::host
