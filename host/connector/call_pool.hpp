// The threads that run a worker's calls: one is added when a call finds none idle.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace sluice::host {

// A call may block for minutes without holding up others, up to `most_threads` at a time.
class CallPool {
 public:
  explicit CallPool(std::size_t most_threads) : most_threads_{most_threads} {}
  // Runs what was submitted and waits for it.
  ~CallPool();
  CallPool(const CallPool&) = delete;
  CallPool& operator=(const CallPool&) = delete;

  // `call` must not throw.
  void submit(std::function<void()> call);
  [[nodiscard]] bool is_busy();

 private:
  void work();

  const std::size_t most_threads_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> calls_;
  std::size_t idle_ = 0;
  bool is_stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace sluice::host
