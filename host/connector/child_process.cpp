#include "connector/child_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <sluice/error.hpp>
#include <system_error>
#include <thread>

namespace sluice::host {
namespace {

constexpr const char* kKeptVariables[] = {"PATH",
                                          "HOME",
                                          "TZ",
                                          "TMPDIR",
                                          "LANG",
                                          "LANGUAGE",
                                          "LD_LIBRARY_PATH",
                                          "http_proxy",
                                          "https_proxy",
                                          "HTTPS_PROXY",
                                          "all_proxy",
                                          "ALL_PROXY",
                                          "no_proxy",
                                          "NO_PROXY",
                                          "SSL_CERT_FILE",
                                          "SSL_CERT_DIR",
                                          "CURL_CA_BUNDLE",
                                          "ASAN_OPTIONS",
                                          "UBSAN_OPTIONS",
                                          "TSAN_OPTIONS",
                                          "LSAN_OPTIONS"};

// Descriptors below this are the child's: one that was opened there could be overwritten before it
// is passed on.
constexpr int kFirstSafeFd = 10;

[[noreturn]] void fail(const std::string& what, int error) {
  throw Error{Code::Config, what + ": " + std::generic_category().message(error)};
}

UniqueFd lifted(UniqueFd fd) {
  UniqueFd high{::fcntl(fd.get(), F_DUPFD_CLOEXEC, kFirstSafeFd)};
  if (!high) fail("cannot start a worker", errno);
  return high;
}

void set_non_blocking(const UniqueFd& fd) {
  ::fcntl(fd.get(), F_SETFL, ::fcntl(fd.get(), F_GETFL) | O_NONBLOCK);
}

std::pair<UniqueFd, UniqueFd> make_pipe() {
  std::array<int, 2> fds{};
  if (::pipe2(fds.data(), O_CLOEXEC) != 0) fail("cannot start a worker", errno);
  std::pair<UniqueFd, UniqueFd> ends{UniqueFd{fds[0]}, UniqueFd{fds[1]}};
  set_non_blocking(ends.first);
  ends.second = lifted(std::move(ends.second));
  return ends;
}

std::pair<UniqueFd, UniqueFd> make_socket_pair() {
  std::array<int, 2> fds{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.data()) != 0)
    fail("cannot start a worker", errno);
  std::pair<UniqueFd, UniqueFd> ends{UniqueFd{fds[0]}, UniqueFd{fds[1]}};
  // Room for a page of records, so that most travel without waking the sender a second time.
  constexpr int kRoom = 1 << 20;
  for (const int fd : fds) {
    ::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &kRoom, sizeof kRoom);
    ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &kRoom, sizeof kRoom);
  }
  set_non_blocking(ends.first);
  ends.second = lifted(std::move(ends.second));
  return ends;
}

// posix_spawn's two settings objects.
class SpawnSettings {
 public:
  SpawnSettings(int socket, int output, int errors) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, errors, STDERR_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, socket, kWorkerSocket);
    ::posix_spawn_file_actions_addclosefrom_np(&actions_, kWorkerSocket + 1);
    ::posix_spawnattr_init(&attributes_);
    sigset_t signals;
    ::sigfillset(&signals);
    ::posix_spawnattr_setsigdefault(&attributes_, &signals);
    ::sigemptyset(&signals);
    ::posix_spawnattr_setsigmask(&attributes_, &signals);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ::posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnSettings() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  [[nodiscard]] const posix_spawn_file_actions_t* actions() const noexcept { return &actions_; }
  [[nodiscard]] const posix_spawnattr_t* attributes() const noexcept { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  result.reserve(texts.size() + 1);
  for (auto& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

}  // namespace

std::vector<std::string> worker_environment() {
  std::vector<std::string> kept;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text{*variable};
    const std::string_view name = text.substr(0, text.find('='));
    const bool is_kept = name.starts_with("LC_") ||
                         std::find(std::begin(kKeptVariables), std::end(kKeptVariables), name) !=
                             std::end(kKeptVariables);
    if (is_kept) kept.emplace_back(text);
  }
  return kept;
}

ChildProcess::ChildProcess(const std::filesystem::path& program) {
  auto [our_socket, its_socket] = make_socket_pair();
  auto [our_output, its_output] = make_pipe();
  auto [our_errors, its_errors] = make_pipe();
  const SpawnSettings settings{its_socket.get(), its_output.get(), its_errors.get()};
  std::vector<std::string> arguments{program.string(), std::to_string(::getpid())};
  std::vector<std::string> environment = worker_environment();
  const int error = ::posix_spawn(&pid_, program.c_str(), settings.actions(), settings.attributes(),
                                  pointers(arguments).data(), pointers(environment).data());
  if (error != 0) fail("cannot start " + program.string(), error);
  socket_ = std::move(our_socket);
  output_ = std::move(our_output);
  errors_ = std::move(our_errors);
}

ChildProcess::~ChildProcess() {
  signal(SIGKILL);
  while (!wait(std::chrono::seconds{1})) signal(SIGKILL);
}

void ChildProcess::signal(int number) noexcept {
  const std::lock_guard lock{mutex_};
  if (!status_) ::kill(-pid_, number);
}

std::optional<int> ChildProcess::wait(std::chrono::milliseconds limit) {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + limit;
  for (auto pause = std::chrono::microseconds{200};;
       pause = std::min(pause * 2, std::chrono::microseconds{20'000})) {
    {
      const std::lock_guard lock{mutex_};
      if (status_) return status_;
      siginfo_t info{};
      const int result =
          ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT);
      if (result != 0 && errno != EINTR) return status_ = 0;
      if (result == 0 && info.si_pid == pid_) {
        ::kill(-pid_, SIGKILL);
        int status = 0;
        rusage usage{};
        ::wait4(pid_, &status, 0, &usage);
        peak_memory_ = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
        return status_ = status;
      }
    }
    if (Clock::now() >= deadline) return std::nullopt;
    std::this_thread::sleep_for(pause);
  }
}

std::string describe_status(int status) {
  if (WIFEXITED(status)) return "ended with exit code " + std::to_string(WEXITSTATUS(status));
  const int number = WTERMSIG(status);
  const char* text = ::sigdescr_np(number);
  return "was killed by signal " + std::to_string(number) +
         (text == nullptr ? "" : " (" + std::string{text} + ")");
}

}  // namespace sluice::host
