#include "connector/worker_driver.hpp"

#include <sluice/abi.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <sluice/error.hpp>

#include "connector/private_directory.hpp"
#include "connector/worker_link.hpp"
#include "connector/worker_messages.hpp"

namespace sluice::host {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint32_t kLinesPerSecond = 200;
constexpr std::uint32_t kLineBurst = 2000;
constexpr std::uint64_t kMostThreads = 1024;
constexpr auto kNoLimit = std::chrono::milliseconds::max();

std::string mebibytes(std::uint64_t bytes) {
  return std::to_string(bytes >> 20) + " MiB";
}

// A call that waits for its answer; lives on the caller's stack.
struct Waiting {
  const char* what;
  bool has_limit;
  std::optional<Frame> answer;
  std::condition_variable arrived;
};

class WorkerDriver final : public Driver, private WorkerLink::Listener {
 public:
  WorkerDriver(const PluginFile& plugin, HostServices& services, WorkerOptions options)
      : plugin_{plugin},
        services_{services},
        options_{with_program(std::move(options))},
        link_{options_, *this} {
    Confinement confinement = options_.confinement;
    confinement.temporary = temporary_.path();
    const Frame answer =
        ask({{.type = FrameType::Hello}, encode_plugin(plugin), encode_confinement(confinement)},
            "load", options_.start_limit);
    spec_ = parse_json(answer.body).as_object();
    tell(decode_report(answer.extra));
  }

  const json::object& spec() const noexcept override { return spec_; }

  void create(std::string_view config) override {
    (void)ask({{.type = FrameType::Create}, config, {}}, "create", options_.start_limit);
  }

  Answer call(Operation operation, std::uint64_t handle, std::string_view request) override {
    Frame answer =
        ask({{.type = FrameType::Call, .operation = operation, .handle = handle}, request, {}},
            to_string(operation), kNoLimit);
    return {answer.handle, answer.value, answer.flags, std::move(answer.body),
            std::move(answer.extra)};
  }

  void close(std::uint64_t handle) noexcept override {
    link_.send({{.type = FrameType::Close, .handle = handle}, {}, {}});
  }

  void cancel() noexcept override {
    {
      const std::lock_guard lock{mutex_};
      if (cancelled_at_) return;
      cancelled_at_ = Clock::now();
      for (auto& [id, waiting] : waiting_) waiting->arrived.notify_all();
    }
    link_.send({{.type = FrameType::Cancel}, {}, {}});
  }

  bool alive() const noexcept override {
    const std::lock_guard lock{mutex_};
    return !end_;
  }

  std::uint64_t peak_memory() const noexcept override {
    return std::max(status_of_process(link_.pid()).peak_memory, peak_memory_.load());
  }

 private:
  static WorkerOptions with_program(WorkerOptions options) {
    if (options.program.empty()) options.program = worker_program();
    return options;
  }

  void tell(const ConfinementReport& report) {
    const auto joined = [](const std::vector<std::string>& parts) {
      std::string text;
      for (const auto& part : parts) text.append(text.empty() ? "" : "; ").append(part);
      return text;
    };
    std::string text = report.done.empty() ? "" : "confined: " + joined(report.done);
    if (!report.missing.empty())
      text += (text.empty() ? "not confined: " : "; not confined: ") + joined(report.missing);
    const bool off = options_.confinement.limits.confinement == Confine::Off;
    safely([&] { services_.log(off ? LogLevel::Warn : LogLevel::Debug, text); });
  }

  [[nodiscard]] std::string worker() const { return "worker of connector '" + plugin_.id + "' "; }

  Frame ask(FrameView frame, const char* what, std::chrono::milliseconds limit) {
    Waiting waiting{what, limit != kNoLimit, {}, {}};
    std::uint64_t id = 0;
    {
      const std::lock_guard lock{mutex_};
      if (cancelled_at_) throw Error{Code::Cancelled, "stopped on request"};
      if (end_) throw Error{Code::Transient, *end_};
      id = ++last_request_;
      waiting_.emplace(id, &waiting);
      quiet_pings_ = 0;
    }
    frame.request = id;
    try {
      link_.send(frame);
    } catch (...) {
      const std::lock_guard lock{mutex_};
      waiting_.erase(id);
      throw;
    }
    return wait_for(waiting, id, limit);
  }

  Frame wait_for(Waiting& waiting, std::uint64_t id, std::chrono::milliseconds limit) {
    std::unique_lock lock{mutex_};
    auto deadline = waiting.has_limit ? Clock::now() + limit : Clock::time_point::max();
    while (!waiting.answer && !end_) {
      const auto until =
          cancelled_at_ ? std::min(deadline, *cancelled_at_ + options_.cancel_grace) : deadline;
      if (until == Clock::time_point::max()) {
        waiting.arrived.wait(lock);
      } else if (Clock::now() < until) {
        waiting.arrived.wait_until(lock, until);
      } else if (cancelled_at_) {
        break;
      } else {
        link_.abort("did not finish within " + in_seconds(limit) + " and was killed");
        deadline = Clock::time_point::max();
      }
    }
    waiting_.erase(id);
    if (waiting.answer) return checked(*std::move(waiting.answer));
    if (cancelled_at_) throw Error{Code::Cancelled, "stopped on request"};
    throw Error{Code::Transient, *end_};
  }

  static Frame checked(Frame answer) {
    if (answer.type == FrameType::Response) return answer;
    throw Error{static_cast<Code>(answer.flags), answer.body, answer.value};
  }

  void on_frame(WorkerLink& link, Frame frame) override {
    if (frame.type == FrameType::Pong) return;
    {
      const std::lock_guard lock{mutex_};
      quiet_pings_ = 0;
    }
    switch (frame.type) {
      case FrameType::Response:
        return arrive(std::move(frame));
      case FrameType::Failure:
        if (frame.flags < SLUICE_CONFIG || frame.flags > SLUICE_INTERNAL)
          frame.flags = SLUICE_INTERNAL;
        return arrive(std::move(frame));
      case FrameType::Log:
        return log(static_cast<LogLevel>(std::min(frame.flags, 3U)), frame.body);
      case FrameType::Count:
        return safely([&] { services_.count(frame.body, frame.value); });
      case FrameType::Acquire:
        return grant(link, frame);
      case FrameType::BackOff: {
        const auto rate = decode_rate(frame.body);
        return safely([&] { services_.back_off(rate, std::chrono::milliseconds{frame.value}); });
      }
      default:
        throw Error{Code::Internal, "it sent a frame that only the host sends"};
    }
  }

  // What goes wrong in the host's own services is not the worker's fault.
  template <typename Call>
  static void safely(Call&& call) noexcept try {
    call();
  } catch (...) {
  }

  void arrive(Frame frame) {
    const std::lock_guard lock{mutex_};
    const auto found = waiting_.find(frame.request);
    if (found == waiting_.end()) {
      if (cancelled_at_) return;  // its caller has stopped waiting
      throw Error{Code::Internal, "it answered a request that nobody made"};
    }
    found->second->answer = std::move(frame);
    found->second->arrived.notify_all();
  }

  void grant(WorkerLink& link, const Frame& frame) {
    const auto rate = decode_rate(frame.body);
    // Without a budget to ask, a pause keeps the connector from running at full speed.
    std::chrono::milliseconds wait{1000};
    safely([&] { wait = services_.acquire(rate, static_cast<std::uint32_t>(frame.value)); });
    link.send(
        {{.type = FrameType::Granted, .request = frame.request, .value = wait.count()}, {}, {}});
  }

  void log(LogLevel level, std::string_view line) {
    if (!throttle_.admit(Clock::now())) return;
    report_refused();
    safely([&] { services_.log(level, line); });
  }

  void report_refused() {
    const auto lines = throttle_.take_refused();
    if (lines == 0) return;
    safely([&] {
      services_.log(LogLevel::Warn, std::to_string(lines) +
                                        " log lines were left out: the connector wrote too many");
    });
  }

  void on_line(bool is_error_output, std::string_view line) noexcept override {
    safely([&] {
      log(is_error_output ? LogLevel::Warn : LogLevel::Info,
          (is_error_output ? "stderr: " : "stdout: ") + std::string{line});
    });
  }

  std::optional<std::string> on_watch(const WorkerLink& link) override {
    const ProcessStatus now = status_of_process(link.pid());
    peak_memory_ = std::max(peak_memory_.load(), now.peak_memory);
    const std::uint64_t most = options_.confinement.limits.memory;
    if (now.peak_memory > most) {
      return "used " + mebibytes(now.peak_memory) + " of memory, more than the " + mebibytes(most) +
             " that `worker: {memory: …}` allows, and was killed";
    }
    if (now.threads > kMostThreads) {
      return "ran " + std::to_string(now.threads) + " threads, more than " +
             std::to_string(kMostThreads) + ", and was killed";
    }
    return std::nullopt;
  }

  std::optional<std::string> on_ping() override {
    report_refused();
    const std::lock_guard lock{mutex_};
    const bool is_waiting = std::any_of(waiting_.begin(), waiting_.end(),
                                        [](const auto& entry) { return !entry.second->has_limit; });
    if (!is_waiting) return std::nullopt;
    if (++quiet_pings_ * options_.ping_every < options_.quiet_limit) return std::nullopt;
    return "was silent for " + in_seconds(options_.quiet_limit) + " during " + running() +
           " and was killed";
  }

  void on_end(const std::string& how, std::uint64_t peak_memory) noexcept override {
    report_refused();
    peak_memory_ = std::max(peak_memory_.load(), peak_memory);
    const std::lock_guard lock{mutex_};
    end_ = worker() + how;
    if (const auto what = running(); !what.empty() && how.find(" during ") == std::string::npos)
      *end_ += " during " + what;
    const std::uint64_t most = options_.confinement.limits.memory;
    const bool is_told = how.find("`worker: ") != std::string::npos;
    if (!is_told && peak_memory_ > most / 4 * 3)
      *end_ += " (it had " + mebibytes(peak_memory_) + " of the " + mebibytes(most) +
               " of memory that `worker: {memory: …}` allows)";
    for (auto& [id, waiting] : waiting_) waiting->arrived.notify_all();
  }

  // What the waiting calls are about; the caller holds the mutex.
  [[nodiscard]] std::string running() const {
    std::set<std::string_view> names;
    for (const auto& [id, waiting] : waiting_) names.insert(waiting->what);
    std::string text;
    for (const auto name : names) text.append(text.empty() ? "" : ", ").append(name);
    return text;
  }

  const PluginFile plugin_;
  HostServices& services_;
  const WorkerOptions options_;
  const PrivateDirectory temporary_;
  json::object spec_;

  mutable std::mutex mutex_;
  std::map<std::uint64_t, Waiting*> waiting_;
  std::uint64_t last_request_ = 0;
  std::optional<Clock::time_point> cancelled_at_;
  std::optional<std::string> end_;  // why every call fails from now on
  int quiet_pings_ = 0;
  std::atomic<std::uint64_t> peak_memory_ = 0;
  LineThrottle throttle_{kLinesPerSecond, kLineBurst};  // used on the link's thread alone
  WorkerLink link_;  // last: its thread calls back into this object until the worker is gone
};

}  // namespace

std::filesystem::path worker_program() {
  constexpr const char* kName = "sluice-worker";
  if (const char* chosen = std::getenv("SLUICE_WORKER"); chosen != nullptr && *chosen != '\0')
    return chosen;
  std::error_code error;
  const auto folder = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  for (const auto& candidate : {folder / kName, folder.parent_path() / "bin" / kName}) {
    if (std::filesystem::exists(candidate, error)) return candidate;
  }
  throw Error{Code::Config, std::string{kName} + " is not beside this program (" + folder.string() +
                                "): install it there, or name it in SLUICE_WORKER"};
}

std::unique_ptr<Driver> make_worker_driver(const PluginFile& plugin, HostServices& services,
                                           WorkerOptions options) {
  return std::make_unique<WorkerDriver>(plugin, services, std::move(options));
}

}  // namespace sluice::host
