// A connector at the level of bytes. Two drivers exist: one calls a plugin's table in this process,
// the other sends the same calls to a worker process, where the first one answers them.
#pragma once

#include <cstdint>
#include <memory>
#include <sluice/context.hpp>
#include <sluice/json.hpp>
#include <string>
#include <string_view>

#include "connector/connector.hpp"
#include "connector/frame.hpp"

namespace sluice::host {

// What a call answers; which members are used depends on the operation (see frame.hpp).
struct Answer {
  std::uint64_t handle = 0;
  std::int64_t value = 0;
  std::uint32_t flags = 0;
  std::string body;
  std::string extra;
};

// Threads: `create` before all others; then [any thread], one call at a time on one handle.
// Errors: as in connector.hpp.
class Driver {
 public:
  virtual ~Driver() = default;
  [[nodiscard]] virtual const json::object& spec() const noexcept = 0;
  virtual void create(std::string_view config) = 0;
  [[nodiscard]] virtual Answer call(Operation operation, std::uint64_t handle,
                                    std::string_view request) = 0;
  // Closes a reader or writer. A handle that is not open is ignored.
  virtual void close(std::uint64_t handle) noexcept = 0;
  virtual void cancel() noexcept = 0;
  [[nodiscard]] virtual bool alive() const noexcept { return true; }
  [[nodiscard]] virtual std::uint64_t peak_memory() const noexcept = 0;
};

// Loads the plugin into this process.
[[nodiscard]] std::unique_ptr<Driver> make_table_driver(const PluginFile& plugin,
                                                        HostServices& services);

struct ProcessStatus {
  std::uint64_t peak_memory = 0;  // the highest resident memory that it has had, bytes
  std::uint64_t threads = 0;
};

// Zeros when unknown. `pid` 0: this process.
[[nodiscard]] ProcessStatus status_of_process(int pid) noexcept;

}  // namespace sluice::host
