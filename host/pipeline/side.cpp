#include "pipeline/side.hpp"

#include <spdlog/spdlog.h>

namespace sluice::host {

Side::Side(std::string name, const PluginFile& plugin, json::object options,
           const Connection& connection, RateBudget& budget, RunMode mode)
    : name_{std::move(name)},
      plugin_{plugin},
      options_{std::move(options)},
      services_{name_, connection, budget},
      mode_{mode} {}

std::shared_ptr<Connector> Side::connector() {
  const std::lock_guard lock{mutex_};
  if (cancelled_) throw Error{Code::Cancelled, "the run was asked to stop"};
  if (!connector_) connector_ = start_connector(plugin_, options_, services_, mode_);
  return connector_;
}

void Side::recover(const Error& problem) {
  const std::lock_guard lock{mutex_};
  if (!connector_ || connector_->alive()) return;
  connector_.reset();
  if (++restarts_ > kMaxRestarts) {
    throw Error{Code::Transient,
                std::string{problem.what()} + "; given up after " + std::to_string(kMaxRestarts) +
                    " restarts: the state is kept, run the same command again to continue"};
  }
  spdlog::warn("{}: {}; starting it again ({} of {})", name_, problem.what(), restarts_,
               kMaxRestarts);
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
