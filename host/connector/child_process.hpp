// A worker process: how it is started and how it is ended.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "connector/unique_fd.hpp"

namespace sluice::host {

// The descriptor under which a worker finds its connection to the host.
inline constexpr int kWorkerSocket = 3;

// The variables of this process that a worker may see: how to find programs, time zone, language,
// proxies and certificates. Everything else, above all secrets, stays here.
[[nodiscard]] std::vector<std::string> worker_environment();

// A child in a process group of its own, so that Ctrl-C at the terminal does not reach it. It has
// stdin from /dev/null, its stdout and stderr come through pipes, and of all other descriptors it
// has only kWorkerSocket. The thread that makes it must live as long as the child: Linux sends the
// parent-death signal when that thread ends.
class ChildProcess {
 public:
  // Runs `program` with the id of this process as its argument. Errors: Error{Config} naming the
  // program.
  explicit ChildProcess(const std::filesystem::path& program);
  // Kills the child if it still runs.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  // Non-blocking, all three.
  [[nodiscard]] const UniqueFd& socket() const noexcept { return socket_; }
  [[nodiscard]] const UniqueFd& output() const noexcept { return output_; }
  [[nodiscard]] const UniqueFd& errors() const noexcept { return errors_; }

  // To the child and all processes that it started; nothing once it is gone. Threads: [any thread].
  void signal(int number) noexcept;
  // The wait status, when the child ends within `limit`. What it started itself is killed then.
  [[nodiscard]] std::optional<int> wait(std::chrono::milliseconds limit);
  // The most memory that it has had at once, bytes; known once it was waited for.
  [[nodiscard]] std::uint64_t peak_memory() const noexcept { return peak_memory_; }

 private:
  pid_t pid_ = -1;
  UniqueFd socket_;
  UniqueFd output_;
  UniqueFd errors_;
  std::mutex mutex_;  // a pid may be reused once it was waited for: no signal after that
  std::optional<int> status_;
  std::uint64_t peak_memory_ = 0;
};

// "was killed by signal 11 (Segmentation fault)", "ended with exit code 3"
[[nodiscard]] std::string describe_status(int status);

}  // namespace sluice::host
