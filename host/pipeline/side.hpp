// One end of an integration: its connector, started on first use and started again when its worker
// dies.
#pragma once

#include <memory>
#include <mutex>
#include <sluice/error.hpp>
#include <string>

#include "connector/connector.hpp"
#include "pipeline/services.hpp"

namespace sluice::host {

// Threads: [any thread].
class Side {
 public:
  // Restarts per run. A connector that dies more often is given up.
  static constexpr int kMaxRestarts = 3;

  Side(std::string name, const PluginFile& plugin, json::object options,
       const Connection& connection, RateBudget& budget, RunMode mode);

  // Shared by whoever has a call, a reader or a writer open on it: a dead connector goes when the
  // last of them does.
  [[nodiscard]] std::shared_ptr<Connector> connector();
  // After a transient failure: throws away a connector that has died, so that the next
  // `connector()` is a fresh one; leaves a live one alone. Errors: rethrows `problem` once the
  // restarts are used up.
  void recover(const Error& problem);
  // Running calls end, later ones are refused.
  void cancel() noexcept;

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] const PluginFile& plugin() const noexcept { return plugin_; }
  [[nodiscard]] const ConnectorServices& services() const noexcept { return services_; }
  [[nodiscard]] std::uint64_t peak_memory() const;
  [[nodiscard]] int restarts() const;

 private:
  std::string name_;
  PluginFile plugin_;
  json::object options_;
  ConnectorServices services_;
  RunMode mode_;
  mutable std::mutex mutex_;
  std::shared_ptr<Connector> connector_;
  int restarts_ = 0;
  bool cancelled_ = false;
};

}  // namespace sluice::host
