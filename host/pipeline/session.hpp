// An integration with both its connectors, ready to run: options checked against the connectors'
// schemas, the file against what both sides offer, the state bound to both accounts.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <sluice/json.hpp>
#include <string>
#include <vector>

#include "integration/integration.hpp"
#include "mapping/mapping.hpp"
#include "pipeline/connection.hpp"
#include "state/rate_budget.hpp"
#include "state/state.hpp"

namespace sluice::host {

struct SessionOptions {
  std::filesystem::path state_root;
  std::vector<std::filesystem::path> plugin_directories;
  RunMode mode = RunMode::Worker;
  WallClock clock = system_wall_clock();
};

// What `check` found.
struct CheckReport {
  AccountInfo source, destination;
  std::vector<Diagnostic> diagnostics;  // of the file against both sides
  json::array prepared;                 // fields, per sync, with what `initial` will create
  [[nodiscard]] bool ok() const noexcept;
};

// Threads: [instance] one thread, except `cancel`.
class Session {
 public:
  // Finds the plugins and checks the connectors' options; starts nothing yet.
  // Errors: IntegrationError with positions; Error{Config} for a plugin that is missing or cannot
  // be used.
  Session(Integration integration, SessionOptions options);
  ~Session();

  // Connects to both sides. Errors: those of the connectors, with the side's name in front.
  [[nodiscard]] CheckReport check();
  // Streams and objects of both sides: {"source":…,"destination":…}.
  [[nodiscard]] json::object discover();
  // From here on the mappings take the fields that `check` found missing for created, as they are
  // once a run has created them.
  void assume_prepared(const CheckReport& checked);
  // Creates the fields that the syncs write and the destination, as `checked` before, lacks.
  // Errors: Error{Config} naming what is impossible.
  void prepare(const CheckReport& checked);

  [[nodiscard]] const Integration& integration() const noexcept { return integration_; }
  [[nodiscard]] const SessionOptions& options() const noexcept { return options_; }
  [[nodiscard]] Side& source() noexcept { return *source_; }
  [[nodiscard]] Side& destination() noexcept { return *destination_; }
  // Compiled against the destination's schema. Connects on first use.
  [[nodiscard]] const Mapping& mapping(const SyncConfig& sync);
  // Whether the source can read the sync's stream in this mode ("incremental", "latest"). Connects
  // on first use.
  [[nodiscard]] bool reads(const SyncConfig& sync, std::string_view mode);
  // Of everything that decides what is written.
  [[nodiscard]] std::string fingerprint(const SyncConfig& sync) const;
  // The same of the file alone, as it is known without a connection: before the connectors' own
  // defaults were filled in.
  [[nodiscard]] const std::string& file_fingerprint(const SyncConfig& sync) const;
  // The same with the defaults that the connectors' specs tell without a connection.
  [[nodiscard]] const std::string& spec_fingerprint(const SyncConfig& sync) const;
  // Stops both connectors; running calls end with Error{Cancelled}. Threads: [any thread].
  void cancel() noexcept;
  // Requests and other counters by side, restarts, peak memory.
  [[nodiscard]] json::object statistics() const;

 private:
  const json::object& catalog(Side& side);
  void check_sync(SyncConfig& sync, std::vector<Diagnostic>& diagnostics);
  json::object prepare_sync(const SyncConfig& sync, bool dry_run);

  Integration integration_;
  SessionOptions options_;
  std::unique_ptr<RateBudget> budget_;
  std::unique_ptr<Side> source_, destination_;
  std::map<const Side*, json::object> catalogs_;
  std::map<std::string, Mapping> mappings_;
  std::map<std::string, std::string> file_fingerprints_, spec_fingerprints_;
};

// The fingerprint of the file as it stands, with the defaults of both connectors' specs filled in
// where these name the stream and the object.
[[nodiscard]] std::string spec_fingerprint(SyncConfig sync, const json::object& source_spec,
                                           const json::object& destination_spec);

// Ties a state to the accounts it belongs to. Errors: Refused when it belongs to other ones.
void bind_accounts(State& state, const AccountInfo& source, const AccountInfo& destination);

}  // namespace sluice::host
