// Ctrl-C and SIGTERM: the first asks the run to stop at a checkpoint, the second ends the
// connectors' calls at once.
#pragma once

#include <functional>
#include <stop_token>

namespace sluice::host::cli {

// Takes the signals over for as long as it lives; one at a time in a process.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  [[nodiscard]] std::stop_token token() const;
  // What the second signal does, from a thread of its own.
  void on_second(std::function<void()> action);

 private:
  struct Impl;
  Impl* impl_;
};

}  // namespace sluice::host::cli
