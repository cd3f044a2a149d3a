// The driver that runs a connector in a worker process.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>

#include "connector/confinement.hpp"
#include "connector/driver.hpp"

namespace sluice::host {

struct WorkerOptions {
  // Empty: found by `worker_program`.
  std::filesystem::path program;
  // How often the worker is asked whether it is there. One that leaves `pings_missed` questions in
  // a row without a sign of life is killed.
  std::chrono::milliseconds ping_every{5'000};
  int pings_missed = 6;
  // Longest time for loading the plugin and for making the instance.
  std::chrono::milliseconds start_limit{60'000};
  // A call during which the connector neither answers, logs, counts nor asks for room in the budget
  // for this long is taken as hanging.
  std::chrono::milliseconds quiet_limit{600'000};
  // How often the worker's memory and threads are looked at.
  std::chrono::milliseconds watch_every{1'000};
  // How long a call may go on after a cancel before the host stops waiting for it.
  std::chrono::milliseconds cancel_grace{800};
  // After a request to stop, until SIGTERM; after that, until SIGKILL.
  std::chrono::milliseconds stop_grace{10'000};
  std::chrono::milliseconds term_grace{5'000};
  // What the worker may use; its directory for temporary files is added.
  Confinement confinement;
};

// SLUICE_WORKER if set, else `sluice-worker` beside this program or in ../bin.
// Errors: Error{Config} when there is none.
[[nodiscard]] std::filesystem::path worker_program();

// Starts a worker and loads the plugin in it.
// Errors: Error{Config} from the handshake or when the worker cannot be started; Error{Transient}
// when it died.
[[nodiscard]] std::unique_ptr<Driver> make_worker_driver(const PluginFile& plugin,
                                                         HostServices& services,
                                                         WorkerOptions options);

}  // namespace sluice::host
