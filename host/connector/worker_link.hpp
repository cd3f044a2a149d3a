// A worker process and the connection to it, served by one thread: it reads and dispatches frames,
// turns output into lines, asks for signs of life and sees the worker off. Nothing that the worker
// does blocks it.
#pragma once

#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "connector/child_process.hpp"
#include "connector/frame.hpp"
#include "connector/worker_driver.hpp"
#include "connector/worker_output.hpp"

namespace sluice::host {

// "30 s", "250 ms"
[[nodiscard]] std::string in_seconds(std::chrono::milliseconds duration);

class WorkerLink {
 public:
  // Called on the link's thread, never after `on_end`. None may block.
  class Listener {
   public:
    virtual ~Listener() = default;
    // Errors: throwing Error ends the worker as one that breaks the protocol.
    virtual void on_frame(WorkerLink& link, Frame frame) = 0;
    virtual void on_line(bool is_error_output, std::string_view line) noexcept = 0;
    // With every ping, and every `watch_every`. A text ends the worker; it says what it did: "did
    // not answer …".
    virtual std::optional<std::string> on_ping() = 0;
    virtual std::optional<std::string> on_watch(const WorkerLink& link) = 0;
    // The worker is gone. `how` continues a sentence that starts with the worker: "was killed by
    // signal 11 (…)". `peak_memory`, bytes: the most that it has had at once.
    virtual void on_end(const std::string& how, std::uint64_t peak_memory) noexcept = 0;
  };

  // Errors: Error{Config} when the program cannot be started.
  WorkerLink(const WorkerOptions& options, Listener& listener);
  // Stops the worker and waits until it is gone.
  ~WorkerLink();
  WorkerLink(const WorkerLink&) = delete;
  WorkerLink& operator=(const WorkerLink&) = delete;

  // Takes the frame; never blocks. Nothing is sent once the worker is gone. Threads: [any thread].
  // Errors: Error{Rejected} for a frame that is too large.
  void send(const FrameView& frame);
  // Kills the worker; `how` is what `on_end` will say. Threads: [any thread].
  void abort(const std::string& how);

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }

 private:
  struct Ending {
    std::string how;
    bool must_kill;
  };

  void run(std::promise<void> started);
  [[nodiscard]] Ending serve();
  [[nodiscard]] std::optional<Ending> read_frames();
  void read_output(const UniqueFd& fd, LineSplitter& lines, bool is_error_output, bool& is_open);
  void finish(const Ending& ending);
  void flush_outgoing();
  [[nodiscard]] std::optional<Ending> ping();
  void wake() noexcept;
  [[nodiscard]] bool wait_for_end(std::chrono::milliseconds limit);

  const WorkerOptions options_;
  Listener& listener_;
  pid_t pid_ = -1;
  std::unique_ptr<ChildProcess> child_;
  UniqueFd wake_;

  std::mutex send_mutex_;
  std::string outgoing_;  // accepted by `send`, not yet by the socket
  std::size_t outgoing_sent_ = 0;

  std::mutex state_mutex_;
  std::condition_variable ended_changed_;
  bool has_ended_ = false;
  std::optional<std::string> abort_reason_;

  FrameDecoder decoder_;
  LineSplitter output_lines_;
  LineSplitter error_lines_;
  bool has_output_ = true;
  bool has_errors_ = true;
  int unanswered_pings_ = 0;
  bool has_spoken_ = false;
  std::thread thread_;
};

}  // namespace sluice::host
