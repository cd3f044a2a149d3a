// Ctrl-C and SIGTERM: the first asks the run to stop at a checkpoint, the second ends
// the process at once. Either way the next run continues from what is committed.
#pragma once

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

 private:
  struct Impl;
  Impl* impl_;
};

}  // namespace sluice::host::cli
