#include "pipeline/side.hpp"

#include <spdlog/spdlog.h>

namespace sluice::host {

Side::Side(std::string name, const PluginFile& plugin, json::object options,
           std::vector<FileGrant> files, const Connection& connection, RateBudget& budget,
           RunMode mode)
    : name_{std::move(name)},
      plugin_{plugin},
      options_{std::move(options)},
      confinement_{connection.worker, std::move(files), {}},
      services_{name_, connection, budget},
      mode_{mode} {}

std::shared_ptr<Connector> Side::connector() {
  const std::lock_guard lock{mutex_};
  if (cancelled_) throw Error{Code::Cancelled, "the run was asked to stop"};
  if (connector_ && mode_ == RunMode::Worker && identity_of(confinement_.files) != files_identity_)
    connector_.reset();
  if (!connector_) {
    files_identity_ = identity_of(confinement_.files);
    connector_ = start_connector(plugin_, options_, services_, mode_, confinement_);
  }
  return connector_;
}

std::shared_ptr<Connector> Side::connector_to_write() {
  if (mode_ == RunMode::Worker) create_missing(confinement_.files);
  return connector();
}

void Side::recover(const Error& problem, Death death, std::string_view advice) {
  const std::lock_guard lock{mutex_};
  if (!connector_ || connector_->alive()) return;
  connector_.reset();
  ++restarts_;
  if (death == Death::Explained) return;
  if (++unexplained_ > kMaxRestarts) {
    throw Error{Code::Transient, std::string{problem.what()} + "; given up after " +
                                     std::to_string(kMaxRestarts) +
                                     " restarts: " + std::string{advice}};
  }
  spdlog::warn("{}: {}; starting it again ({} of {})", name_, problem.what(), unexplained_,
               kMaxRestarts);
}

void Side::explain_death() {
  const std::lock_guard lock{mutex_};
  --unexplained_;
}

void Side::cancel() noexcept {
  const std::lock_guard lock{mutex_};
  cancelled_ = true;
  if (connector_) connector_->cancel();
}

std::uint64_t Side::peak_memory() const {
  const std::lock_guard lock{mutex_};
  return connector_ ? connector_->peak_memory() : 0;
}

int Side::restarts() const {
  const std::lock_guard lock{mutex_};
  return restarts_;
}

}  // namespace sluice::host
