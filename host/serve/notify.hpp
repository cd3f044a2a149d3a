// Tells systemd how the service stands (Type=notify).
#pragma once

#include <string_view>

namespace sluice::host::serve {

// Sends lines such as "READY=1" to $NOTIFY_SOCKET; nothing without one. Never fails: who started
// the process and listens no more does not matter to it.
void notify(std::string_view lines) noexcept;

}  // namespace sluice::host::serve
