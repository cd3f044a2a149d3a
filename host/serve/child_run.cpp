#include "serve/child_run.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <memory>
#include <sluice/error.hpp>
#include <utility>

#include "connector/unique_fd.hpp"
#include "state/durable.hpp"
#include "state/private_files.hpp"

namespace sluice::host::serve {
namespace {

constexpr std::size_t kLongestLine = std::size_t{64} << 20;

[[noreturn]] void fail(const std::string& what, int number) {
  throw Error{Code::Internal, what + ": " + std::strerror(number)};
}

// What a spawned process starts with.
class Spawn {
 public:
  Spawn(int input, int output, int errors) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_adddup2(&actions_, input, 0);
    posix_spawn_file_actions_adddup2(&actions_, output, 1);
    posix_spawn_file_actions_adddup2(&actions_, errors, 2);
    posix_spawn_file_actions_addclosefrom_np(&actions_, 3);
    posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes_, &none);
    // Ctrl-C at a terminal reaches the service alone, which stops its runs in order.
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  }
  ~Spawn() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  Spawn(const Spawn&) = delete;
  Spawn& operator=(const Spawn&) = delete;

  [[nodiscard]] pid_t start(const std::vector<std::string>& command,
                            const std::string& actor) const {
    std::vector<char*> arguments;
    arguments.reserve(command.size() + 1);
    for (const auto& part : command) arguments.push_back(const_cast<char*>(part.c_str()));
    arguments.push_back(nullptr);
    const std::string acts_for = "SLUICE_ACTOR=" + actor;
    std::vector<char*> environment;
    for (char** entry = environ; *entry != nullptr; ++entry) {
      if (std::strncmp(*entry, "SLUICE_ACTOR=", 13) != 0) environment.push_back(*entry);
    }
    environment.push_back(const_cast<char*>(acts_for.c_str()));
    environment.push_back(nullptr);
    pid_t pid = -1;
    const int problem = ::posix_spawn(&pid, command.front().c_str(), &actions_, &attributes_,
                                      arguments.data(), environment.data());
    if (problem != 0) fail("cannot start " + command.front(), problem);
    return pid;
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

// What a process reads from its stdin; memory only.
UniqueFd input_of(const std::string& text) {
  UniqueFd input{text.empty() ? ::open("/dev/null", O_RDONLY | O_CLOEXEC)
                              : ::memfd_create("input", MFD_CLOEXEC)};
  if (!input) fail("cannot make an input", errno);
  if (text.empty()) return input;
  if (!write_all(input.get(), text) || ::lseek(input.get(), 0, SEEK_SET) != 0)
    fail("cannot make an input", errno);
  return input;
}

json::object object_of(std::string_view line) {
  try {
    auto value = parse_json(line);
    if (value.is_object()) return std::move(value.get_object());
  } catch (const std::exception&) {
    // A process that dies in the middle of a line.
  }
  return {};
}

std::string end_text(int status) {
  if (WIFSIGNALED(status))
    return std::string{"the run was ended by signal "} + ::strsignal(WTERMSIG(status));
  return "the run ended with code " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

ChildRun::ChildRun(std::vector<std::string> command, std::filesystem::path log, std::string actor,
                   Calls calls, std::string input)
    : command_{std::move(command)},
      log_{std::move(log)},
      actor_{std::move(actor)},
      input_{std::move(input)},
      calls_{std::move(calls)},
      thread_{[this] { run(); }} {}

void ChildRun::signal(int number) noexcept {
  const std::lock_guard guard{mutex_};
  if (pid_ > 0) {
    ::kill(pid_, number);
  } else {
    early_signal_ = number;
  }
}

void ChildRun::run() {
  ChildEnd end;
  try {
    end = follow(start());
  } catch (const std::exception& error) {
    end.message = error.what();
  }
  calls_.ended(end);
}

UniqueFd ChildRun::start() {
  if (!log_.empty()) make_private_directory(log_.parent_path());
  const UniqueFd log{log_.empty() ? ::open("/dev/null", O_WRONLY | O_CLOEXEC)
                                  : open_private_file(log_, O_WRONLY | O_APPEND)};
  if (!log) fail("cannot write " + log_.string(), errno);
  int pipe[2];
  if (::pipe2(pipe, O_CLOEXEC) != 0) fail("cannot make a pipe", errno);
  UniqueFd reading{pipe[0]};
  const UniqueFd writing{pipe[1]};
  const UniqueFd input = input_of(input_);
  const std::lock_guard guard{mutex_};
  if (early_signal_ != 0) throw Error{Code::Cancelled, "stopped before it began"};
  pid_ = Spawn{input.get(), writing.get(), log.get()}.start(command_, actor_);
  return reading;
}

ChildEnd ChildRun::follow(const UniqueFd& output) {
  ChildEnd end;
  {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> stream{::fdopen(::dup(output.get()), "r"),
                                                                 &std::fclose};
    char* line = nullptr;
    std::size_t room = 0;
    while (stream) {
      const ssize_t length = ::getline(&line, &room, stream.get());
      if (length < 0) break;
      if (static_cast<std::size_t>(length) > kLongestLine) continue;
      json::object document = object_of({line, static_cast<std::size_t>(length)});
      if (const auto* progress = document.if_contains("progress");
          progress != nullptr && progress->is_object()) {
        calls_.progress(progress->get_object());
      } else if (!document.empty()) {
        end.document = std::move(document);
      }
    }
    std::free(line);
  }
  int status = 0;
  // Waited for without being reaped, so that no signal can reach another process of the same id.
  siginfo_t info{};
  while (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT) != 0 &&
         errno == EINTR) {
  }
  {
    const std::lock_guard guard{mutex_};
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = 0;
  }
  if (WIFEXITED(status)) end.exit_code = WEXITSTATUS(status);
  if (end.exit_code > 1) {
    const auto* message = end.document.if_contains("error");
    end.message = message != nullptr && message->is_string() ? std::string{message->get_string()}
                                                             : end_text(status);
  }
  return end;
}

}  // namespace sluice::host::serve
