// One run of an integration: a process of its own, so that what happens in it stays there.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <mutex>
#include <sluice/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "connector/unique_fd.hpp"

namespace sluice::host::serve {

// What the process was told, and how it ended.
struct ChildEnd {
  int exit_code = 70;     // as of the command line; 70 besides: it could not be started, or crashed
  std::string message;    // why, when it is not 0 or 1
  json::object document;  // what the run reported; empty when it crashed
};

// Threads: [any thread]; the calls come on a thread of its own, `ended` last and once.
class ChildRun {
 public:
  struct Calls {
    std::function<void(const json::object& progress)> progress;
    std::function<void(const ChildEnd&)> ended;
  };
  // Starts `command` (program and arguments); its stdout carries one JSON document a line, of which
  // those with the member "progress" come while it runs, and the last is its report. Its stderr
  // goes to the end of `log`, which is made; without one, nowhere. `actor`: whom its decisions are
  // put down to; empty: the user of this process. Errors come through `ended`.
  // `input` comes on its stdin, and passes through no file.
  ChildRun(std::vector<std::string> command, std::filesystem::path log, std::string actor,
           Calls calls, std::string input = {});
  // Waits for the end.
  ~ChildRun() = default;
  ChildRun(const ChildRun&) = delete;
  ChildRun& operator=(const ChildRun&) = delete;

  // To the process; nothing once it has ended.
  void signal(int number) noexcept;

 private:
  void run();
  [[nodiscard]] UniqueFd start();
  [[nodiscard]] ChildEnd follow(const UniqueFd& output);

  std::vector<std::string> command_;
  std::filesystem::path log_;
  std::string actor_;
  std::string input_;
  Calls calls_;
  std::mutex mutex_;
  pid_t pid_ = -1;
  int early_signal_ = 0;
  std::jthread thread_;
};

}  // namespace sluice::host::serve
