// The worker's side of the connection: receives frames, runs the plugin, answers.
#pragma once

namespace sluice::host {

// Serves the host on `socket` until it says Shutdown or is gone, then ends the process without
// running the plugin's static destructors.
[[noreturn]] void serve_host(int socket);

}  // namespace sluice::host
