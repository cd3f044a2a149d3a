// The host's services as the C table that a plugin receives.
#pragma once

#include <sluice/abi.h>

#include <sluice/context.hpp>
#include <string>

namespace sluice::host {

// Must stay where it is while a plugin holds its table. No exception of `services` reaches the
// plugin.
class HostTable {
 public:
  explicit HostTable(HostServices& services);
  HostTable(const HostTable&) = delete;
  HostTable& operator=(const HostTable&) = delete;

  [[nodiscard]] const sluice_host* get() const noexcept { return &table_; }

 private:
  sluice_host table_{};
};

}  // namespace sluice::host
