// One end of an integration: its connector, started on first use and started again when its worker
// dies.
//
// A plugin is loaded to ask for its spec, against which the options are held. The connector is then
// made of what has been loaded, unless the options name files: a worker confines itself before it
// loads the plugin.
#pragma once

#include <memory>
#include <mutex>
#include <sluice/error.hpp>
#include <string>

#include "connector/connector.hpp"
#include "pipeline/services.hpp"

namespace sluice::host {

// Whether a connector's death is known to come from what it was given.
enum class Death { Unexplained, Explained };

// Threads: [any thread].
class Side {
 public:
  // Restarts per run after deaths without an explanation. A connector that dies more often is given
  // up.
  static constexpr int kMaxRestarts = 3;

  // `name` is "source" or "destination". Of `connection` everything but its options counts.
  Side(std::string name, const PluginFile& plugin, const Connection& connection, RateBudget& budget,
       RunMode mode);

  // What the connector says of itself. Errors: Error{Config} for a plugin that cannot be used.
  [[nodiscard]] json::object spec();
  // Before the first `connector()`. `files` are those that the connector may use.
  void configure(json::object options, std::vector<FileGrant> files);
  // Shared by whoever has a call, a reader or a writer open on it: a dead connector goes when the
  // last of them does. So does one whose files have been replaced by others meanwhile: it was given
  // the old ones.
  [[nodiscard]] std::shared_ptr<Connector> connector();
  // The same, to write with: files that it may write exist from here on.
  [[nodiscard]] std::shared_ptr<Connector> connector_to_write();
  // After a transient failure: throws away a connector that has died, so that the next
  // `connector()` is a fresh one; leaves a live one alone. Errors: rethrows `problem` with `advice`
  // once the restarts are used up.
  void recover(const Error& problem, Death death = Death::Unexplained,
               std::string_view advice = kRunAgain);
  // A death has got its explanation after all.
  void explain_death();
  // Running calls end, later ones are refused.
  void cancel() noexcept;

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] const PluginFile& plugin() const noexcept { return plugin_; }
  [[nodiscard]] const ConnectorServices& services() const noexcept { return services_; }
  [[nodiscard]] std::uint64_t peak_memory() const;
  [[nodiscard]] int restarts() const;

 private:
  static constexpr std::string_view kRunAgain =
      "the state is kept, run the same command again to continue";

  LoadedConnector& loaded();
  // Whether a connector has only the files that it was given when it was started.
  [[nodiscard]] bool grants_files() const noexcept;

  std::string name_;
  PluginFile plugin_;
  json::object options_;
  Confinement confinement_;
  ConnectorServices services_;
  RunMode mode_;
  mutable std::mutex mutex_;
  std::unique_ptr<LoadedConnector> loaded_;  // until connector_ is made of it
  std::shared_ptr<Connector> connector_;
  std::string files_identity_;  // of those that the last of them was given
  int restarts_ = 0;
  int unexplained_ = 0;  // of them
  bool cancelled_ = false;
};

}  // namespace sluice::host
