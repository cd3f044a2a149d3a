#include "pipeline/side.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace sluice::host {

Side::Side(std::string name, const PluginFile& plugin, const Connection& connection,
           RateBudget& budget, RunMode mode)
    : name_{std::move(name)},
      plugin_{plugin},
      confinement_{
          connection.worker, granted_files({}, {}, name_ == "destination", connection.worker), {}},
      services_{name_, connection, budget},
      mode_{mode} {}

json::object Side::spec() {
  const std::lock_guard lock{mutex_};
  return loaded().spec();
}

void Side::configure(json::object options, std::vector<FileGrant> files) {
  const std::lock_guard lock{mutex_};
  options_ = std::move(options);
  if (grants_files() && files != confinement_.files) loaded_.reset();
  confinement_.files = std::move(files);
}

bool Side::grants_files() const noexcept {
  return mode_ == RunMode::Worker && confinement_.limits.confinement != Confine::Off;
}

LoadedConnector& Side::loaded() {
  if (!loaded_ || !loaded_->alive()) {
    files_identity_ = identity_of(confinement_.files);
    loaded_ = load_connector(plugin_, services_, mode_, confinement_);
  }
  return *loaded_;
}

std::shared_ptr<Connector> Side::connector() {
  const std::lock_guard lock{mutex_};
  if (cancelled_) throw Error{Code::Cancelled, "the run was asked to stop"};
  if (grants_files() && identity_of(confinement_.files) != files_identity_) {
    loaded_.reset();
    connector_.reset();
  }
  if (!connector_) {
    (void)loaded();
    connector_ = std::exchange(loaded_, nullptr)->create(options_);
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
