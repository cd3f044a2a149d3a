#include "cli/interrupt.hpp"

#include <pthread.h>
#include <signal.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <thread>

#include "cli/command.hpp"

namespace sluice::host::cli {

struct Interrupt::Impl {
  sigset_t signals{};
  std::stop_source stop;
  std::thread thread;

  void wait() {
    for (int count = 0;; ++count) {
      int signal = 0;
      if (::sigwait(&signals, &signal) != 0 || signal == SIGUSR1) return;
      if (count == 0) {
        spdlog::warn("stopping at the next checkpoint; once more stops at once");
        stop.request_stop();
        continue;
      }
      // What is committed stays; workers end when the host does.
      ::_exit(kInterrupted);
    }
  }
};

// The signals are blocked in every thread and awaited in one, so that nothing runs inside a signal
// handler.
Interrupt::Interrupt() : impl_{new Impl} {
  sigemptyset(&impl_->signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1}) sigaddset(&impl_->signals, signal);
  ::pthread_sigmask(SIG_BLOCK, &impl_->signals, nullptr);
  impl_->thread = std::thread{[this] { impl_->wait(); }};
}

Interrupt::~Interrupt() {
  ::pthread_kill(impl_->thread.native_handle(), SIGUSR1);
  impl_->thread.join();
  delete impl_;
}

std::stop_token Interrupt::token() const {
  return impl_->stop.get_token();
}

}  // namespace sluice::host::cli
