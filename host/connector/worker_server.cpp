#include "connector/worker_server.hpp"

#include <sluice/abi.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <sluice/error.hpp>
#include <thread>

#include "connector/abi_call.hpp"
#include "connector/call_pool.hpp"
#include "connector/confine_process.hpp"
#include "connector/driver.hpp"
#include "connector/worker_messages.hpp"
#include "integration/one_line.hpp"

namespace sluice::host {
namespace {

constexpr std::size_t kMostCalls = 64;
constexpr std::size_t kMaxLogLine = 16'384;
constexpr int kHostGone = 1;

[[noreturn]] void end_process(int code) {
  std::fflush(nullptr);
  std::_Exit(code);
}

// Sends whole frames; one at a time, from any thread.
class Sender {
 public:
  explicit Sender(int socket) : socket_{socket} {}

  // Errors: Error{Rejected} for a frame that is too large. Ends the process when the host is gone.
  void send(const FrameView& frame) {
    const FrameHeader header = encode_header(frame);
    const std::array<std::string_view, 3> parts{std::string_view{header.data(), header.size()},
                                                frame.body, frame.extra};
    std::array<iovec, 3> vectors{};
    for (std::size_t i = 0; i < parts.size(); ++i)
      vectors[i] = {const_cast<char*>(parts[i].data()), parts[i].size()};
    const std::lock_guard lock{mutex_};
    msghdr message{};
    message.msg_iov = vectors.data();
    message.msg_iovlen = vectors.size();
    while (message.msg_iovlen > 0) {
      const ssize_t result = ::sendmsg(socket_, &message, MSG_NOSIGNAL);
      if (result < 0 && errno == EINTR) continue;
      if (result < 0) end_process(kHostGone);
      skip(message, static_cast<std::size_t>(result));
    }
  }

 private:
  static void skip(msghdr& message, std::size_t sent) {
    while (message.msg_iovlen > 0 && sent >= message.msg_iov->iov_len) {
      sent -= message.msg_iov->iov_len;
      ++message.msg_iov;
      --message.msg_iovlen;
    }
    if (message.msg_iovlen == 0) return;
    message.msg_iov->iov_base = static_cast<char*>(message.msg_iov->iov_base) + sent;
    message.msg_iov->iov_len -= sent;
  }

  const int socket_;
  std::mutex mutex_;
};

// The host's services, asked for through the connection.
class RemoteServices final : public HostServices {
 public:
  explicit RemoteServices(Sender& sender) : sender_{sender} {}

  void log(LogLevel level, std::string_view line) override {
    sender_.send({{.type = FrameType::Log, .flags = static_cast<std::uint32_t>(level)},
                  line.substr(0, kMaxLogLine),
                  {}});
  }

  std::chrono::milliseconds acquire(const RateClass& rate, std::uint32_t n) override {
    std::unique_lock lock{mutex_};
    const std::uint64_t id = ++last_request_;
    granted_.emplace(id, std::nullopt);
    lock.unlock();
    sender_.send({{.type = FrameType::Acquire, .request = id, .value = n}, encode(rate), {}});
    lock.lock();
    changed_.wait(lock, [&] { return granted_[id].has_value(); });
    const auto wait = *granted_[id];
    granted_.erase(id);
    return std::chrono::milliseconds{wait};
  }

  void back_off(const RateClass& rate, std::chrono::milliseconds pause) override {
    sender_.send({{.type = FrameType::BackOff, .value = pause.count()}, encode(rate), {}});
  }

  void count(std::string_view name, std::int64_t n) override {
    sender_.send({{.type = FrameType::Count, .value = n}, name, {}});
  }

  void granted(const Frame& frame) {
    const std::lock_guard lock{mutex_};
    const auto found = granted_.find(frame.request);
    if (found == granted_.end()) return;
    found->second = frame.value;
    changed_.notify_all();
  }

 private:
  static std::string encode(RateClass rate) {
    rate.account = one_line(rate.account, 256);
    rate.name = one_line(rate.name, 256);
    return encode_rate(rate);
  }

  Sender& sender_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t last_request_ = 0;
  std::map<std::uint64_t, std::optional<std::int64_t>> granted_;
};

class WorkerServer {
 public:
  explicit WorkerServer(int socket) : socket_{socket}, sender_{socket}, services_{sender_} {}

  [[noreturn]] void run() {
    FrameDecoder decoder;
    while (true) {
      const auto space = decoder.space();
      const ssize_t got = ::recv(socket_, space.data(), space.size(), 0);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) end_process(kHostGone);
      decoder.filled(static_cast<std::size_t>(got));
      while (auto frame = decoder.next()) receive(*std::move(frame));
    }
  }

 private:
  void receive(Frame frame) {
    switch (frame.type) {
      case FrameType::Hello:
        if (!confine(frame)) return;
        [[fallthrough]];
      case FrameType::Create:
      case FrameType::Call:
        return calls_->submit(
            [this, call = std::make_shared<Frame>(std::move(frame))] { answer(*call); });
      case FrameType::Close:
        return calls_->submit([this, handle = frame.handle] {
          if (auto* driver = driver_.load()) driver->close(handle);
        });
      case FrameType::Granted:
        return services_.granted(frame);
      case FrameType::Cancel:
        if (auto* driver = driver_.load()) driver->cancel();
        return;
      case FrameType::Ping:
        return sender_.send({{.type = FrameType::Pong}, {}, {}});
      case FrameType::Shutdown:
        return shut_down();
      default:
        end_process(kHostGone);
    }
  }

  // On the only thread that there is yet, and before the first instruction of the plugin.
  bool confine(const Frame& frame) {
    if (is_confined_) return true;
    try {
      report_ = encode_report(
          confine_process(decode_confinement(frame.extra), decode_plugin(frame.body).path));
      is_confined_ = true;
    } catch (const Error& error) {
      fail(frame, error.code(), error.what(), 0);
    }
    return is_confined_;
  }

  void answer(Frame& frame) {
    try {
      Answer result = run_call(frame);
      sender_.send({{.type = FrameType::Response,
                     .request = frame.request,
                     .handle = result.handle,
                     .value = result.value,
                     .flags = result.flags},
                    result.body,
                    result.extra});
    } catch (const Error& error) {
      fail(frame, error.code(), error.what(), error.retry_after_ms());
    } catch (const std::exception& error) {
      fail(frame, Code::Internal, error.what(), 0);
    }
  }

  void fail(const Frame& frame, Code code, std::string_view message, std::int64_t retry_after_ms) {
    sender_.send({{.type = FrameType::Failure,
                   .request = frame.request,
                   .value = retry_after_ms,
                   .flags = static_cast<std::uint32_t>(code)},
                  message,
                  {}});
  }

  Answer run_call(Frame& frame) {
    if (frame.type == FrameType::Hello) return hello(frame);
    Driver* driver = driver_.load();
    if (driver == nullptr) throw Error{Code::Internal, "no plugin is loaded"};
    if (frame.type == FrameType::Call)
      return driver->call(frame.operation, frame.handle, frame.body);
    driver->create(frame.body);
    explicit_bzero(frame.body.data(), frame.body.size());
    return {};
  }

  Answer hello(const Frame& frame) {
    if (driver_.load() != nullptr) throw Error{Code::Internal, "a plugin is loaded already"};
    owned_driver_ = make_table_driver(decode_plugin(frame.body), services_);
    driver_ = owned_driver_.get();
    Answer answer;
    answer.body = to_json(owned_driver_->spec());
    answer.extra = report_;
    return answer;
  }

  // On a thread of its own: what still runs may need this one to receive what it waits for.
  void shut_down() {
    if (closer_.joinable()) return;
    closer_ = std::thread{[this] {
      if (auto* driver = driver_.load(); driver != nullptr && calls_->is_busy()) driver->cancel();
      calls_.reset();
      driver_ = nullptr;
      owned_driver_.reset();
      end_process(0);
    }};
  }

  const int socket_;
  Sender sender_;
  RemoteServices services_;
  bool is_confined_ = false;
  std::string report_;
  std::unique_ptr<Driver> owned_driver_;
  std::atomic<Driver*> driver_ = nullptr;
  std::unique_ptr<CallPool> calls_ = std::make_unique<CallPool>(kMostCalls);
  std::thread closer_;
};

}  // namespace

void serve_host(int socket) {
  // Never destroyed: a plugin that calls exit() must not pull it from under the threads.
  auto& server = *new WorkerServer{socket};
  server.run();
}

}  // namespace sluice::host
