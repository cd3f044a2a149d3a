// All that Sluice remembers of one integration: one SQLite file, written by one process at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "state/error_log.hpp"
#include "state/layout.hpp"
#include "state/ledger.hpp"
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
  std::string fingerprint;  // of what the last complete full walk delivered; empty: none yet
  std::optional<std::string> cursor;  // JSON; starts the next incremental
  std::int64_t walk = 0;              // number of the last full walk that began
  std::optional<std::string>
      walk_cursor;       // JSON; continues that walk; absent: it is complete or has no page yet
  bool walking = false;  // that walk is not complete
  Walked walked = Walked::No;    // its pages are all settled; what follows them is not
  std::string walk_fingerprint;  // the file's fingerprint when it began
};

// Threads: [instance] one thread. Opening for writing takes the integration's lock.
class State {
 public:
  // Errors: Busy; Error{Config} when the directory cannot be made or the file is from a newer
  // Sluice.
  static State open(const std::filesystem::path& root, std::string_view integration,
                    std::string_view purpose);
  // For `show`, `errors`, `status` beside a run. Nothing when the integration has no state yet.
  static std::optional<State> open_read_only(const std::filesystem::path& root,
                                             std::string_view integration);

  // A transaction is always open for writing; `commit` makes everything since the last one durable.
  void commit();

  [[nodiscard]] Lifecycle lifecycle();
  void set_lifecycle(Lifecycle lifecycle);
  // Before `pause`: where `resume` goes back to.
  [[nodiscard]] std::optional<std::string> meta(std::string_view key);
  void set_meta(std::string_view key, std::string_view value);

  [[nodiscard]] std::int64_t object_id(std::string_view name);
  // Makes the row if it is missing.
  [[nodiscard]] SyncRow sync(std::string_view name, std::string_view object);
  [[nodiscard]] std::optional<SyncRow> find_sync(std::string_view name);
  void put_sync(const SyncRow& row);
  void audit(std::string_view action, std::string_view detail, std::int64_t now_ms);

  [[nodiscard]] Ledger& ledger() noexcept { return *ledger_; }
  [[nodiscard]] ErrorLog& errors() noexcept { return *errors_; }
  [[nodiscard]] Receipts& receipts() noexcept { return *receipts_; }
  [[nodiscard]] Runs& runs() noexcept { return *runs_; }
  [[nodiscard]] const std::filesystem::path& directory() const noexcept { return directory_; }

 private:
  State(std::filesystem::path directory, std::unique_ptr<Database> database,
        std::unique_ptr<IntegrationLock> lock);
  void prepare();

  std::filesystem::path directory_;
  std::unique_ptr<IntegrationLock> lock_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<Ledger> ledger_;
  std::unique_ptr<ErrorLog> errors_;
  std::unique_ptr<Receipts> receipts_;
  std::unique_ptr<Runs> runs_;
};

}  // namespace sluice::host
