// The vendor's sandbox as a program of its own, started on any free port and stopped by its process
// id.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace chargebee::testing {

class SandboxProcess {
 public:
  explicit SandboxProcess(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), SLUICE_BINARY_DIR "/bin/sluice-sandbox-chargebee");
    std::vector<char*> argv;
    for (auto& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    int out[2];
    if (::pipe2(out, O_CLOEXEC) != 0) throw std::runtime_error{"no pipe"};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    const int failure = ::posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(out[1]);
    if (failure != 0) throw std::runtime_error{"cannot start the sandbox"};
    for (char c = 0; ::read(out[0], &c, 1) == 1 && c != '\n';) url_ += c;
    ::close(out[0]);
    if (url_.empty()) throw std::runtime_error{"the sandbox did not start"};
  }
  ~SandboxProcess() {
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
  }
  SandboxProcess(const SandboxProcess&) = delete;
  SandboxProcess& operator=(const SandboxProcess&) = delete;

  [[nodiscard]] const std::string& url() const noexcept { return url_; }

 private:
  pid_t pid_ = 0;
  std::string url_;
};

}  // namespace chargebee::testing
