// One line on a terminal that is rewritten while a run goes on; nothing for runs under a second.
#pragma once

#include <chrono>

#include "pipeline/sync_context.hpp"

namespace sluice::host::cli {

class ProgressBar {
 public:
  explicit ProgressBar(bool enabled);
  ~ProgressBar();
  void show(const Progress& progress);
  void clear();

 private:
  bool enabled_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point started_;
  std::chrono::steady_clock::time_point last_;
};

}  // namespace sluice::host::cli
