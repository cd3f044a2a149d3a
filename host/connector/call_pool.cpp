#include "connector/call_pool.hpp"

#include <utility>

namespace sluice::host {

CallPool::~CallPool() {
  {
    const std::lock_guard lock{mutex_};
    is_stopping_ = true;
  }
  changed_.notify_all();
  for (auto& thread : threads_) thread.join();
}

void CallPool::submit(std::function<void()> call) {
  const std::lock_guard lock{mutex_};
  calls_.push_back(std::move(call));
  if (calls_.size() > idle_ && threads_.size() < most_threads_) {
    threads_.emplace_back([this] { work(); });
  } else {
    changed_.notify_one();
  }
}

bool CallPool::is_busy() {
  const std::lock_guard lock{mutex_};
  return idle_ < threads_.size() || !calls_.empty();
}

void CallPool::work() {
  std::unique_lock lock{mutex_};
  while (true) {
    ++idle_;
    changed_.wait(lock, [&] { return !calls_.empty() || is_stopping_; });
    --idle_;
    if (calls_.empty()) return;
    auto call = std::move(calls_.front());
    calls_.pop_front();
    lock.unlock();
    call();
    call = nullptr;
    lock.lock();
  }
}

}  // namespace sluice::host
