#include "connector/worker_link.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <sluice/error.hpp>
#include <system_error>

namespace sluice::host {
namespace {

using Clock = std::chrono::steady_clock;

// So that neither a flood of frames nor one of output keeps the thread from its other duties.
constexpr int kReadsPerTurn = 16;
// For a worker that has closed its connection.
constexpr std::chrono::seconds kExitGrace{2};

}  // namespace

std::string in_seconds(std::chrono::milliseconds duration) {
  const auto ms = duration.count();
  return ms % 1000 == 0 ? std::to_string(ms / 1000) + " s" : std::to_string(ms) + " ms";
}

WorkerLink::WorkerLink(const WorkerOptions& options, Listener& listener)
    : options_{options}, listener_{listener}, wake_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {
  std::promise<void> started;
  auto is_started = started.get_future();
  thread_ =
      std::thread{[this, promise = std::move(started)]() mutable { run(std::move(promise)); }};
  try {
    is_started.get();
  } catch (...) {
    thread_.join();
    throw;
  }
}

WorkerLink::~WorkerLink() {
  send({{.type = FrameType::Shutdown}, {}, {}});
  if (!wait_for_end(options_.stop_grace)) {
    child_->signal(SIGTERM);
    if (!wait_for_end(options_.term_grace)) child_->signal(SIGKILL);
  }
  thread_.join();
}

bool WorkerLink::wait_for_end(std::chrono::milliseconds limit) {
  std::unique_lock lock{state_mutex_};
  return ended_changed_.wait_for(lock, limit, [&] { return has_ended_; });
}

void WorkerLink::abort(const std::string& how) {
  {
    const std::lock_guard lock{state_mutex_};
    if (!abort_reason_) abort_reason_ = how;
  }
  wake();
}

void WorkerLink::wake() noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_.get(), &one, sizeof one);
}

void WorkerLink::send(const FrameView& frame) {
  const FrameHeader header = encode_header(frame);
  const std::lock_guard lock{send_mutex_};
  if (outgoing_sent_ == outgoing_.size()) {
    const std::array<std::string_view, 3> parts{std::string_view{header.data(), header.size()},
                                                frame.body, frame.extra};
    std::array<iovec, 3> vectors{};
    for (std::size_t i = 0; i < parts.size(); ++i) {
      vectors[i] = {const_cast<char*>(parts[i].data()), parts[i].size()};
    }
    msghdr message{};
    message.msg_iov = vectors.data();
    message.msg_iovlen = vectors.size();
    const ssize_t result = ::sendmsg(child_->socket().get(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (result < 0 && errno != EAGAIN && errno != EINTR)
      return;  // gone: the link's thread sees it too
    std::size_t sent = result < 0 ? 0 : static_cast<std::size_t>(result);
    outgoing_.clear();
    outgoing_sent_ = 0;
    for (const auto part : parts) {
      const std::size_t skip = std::min(sent, part.size());
      outgoing_.append(part.substr(skip));
      sent -= skip;
    }
    if (outgoing_.empty()) return;
  } else {
    outgoing_.append(header.data(), header.size()).append(frame.body).append(frame.extra);
  }
  wake();
}

void WorkerLink::flush_outgoing() {
  const std::lock_guard lock{send_mutex_};
  while (outgoing_sent_ < outgoing_.size()) {
    const ssize_t sent = ::send(child_->socket().get(), outgoing_.data() + outgoing_sent_,
                                outgoing_.size() - outgoing_sent_, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0) return;
    outgoing_sent_ += static_cast<std::size_t>(sent);
  }
  outgoing_ = {};
  outgoing_sent_ = 0;
}

void WorkerLink::run(std::promise<void> started) {
  try {
    child_ = std::make_unique<ChildProcess>(options_.program);
    pid_ = child_->pid();
  } catch (...) {
    started.set_exception(std::current_exception());
    return;
  }
  started.set_value();
  finish(serve());
  const std::lock_guard lock{state_mutex_};
  has_ended_ = true;
  ended_changed_.notify_all();
}

WorkerLink::Ending WorkerLink::serve() {
  auto next_ping = Clock::now() + options_.ping_every;
  auto next_watch = Clock::now() + options_.watch_every;
  while (true) {
    bool has_outgoing = false;
    {
      const std::lock_guard lock{send_mutex_};
      has_outgoing = outgoing_sent_ < outgoing_.size();
    }
    std::array<pollfd, 4> fds{
        {{child_->socket().get(), static_cast<short>(POLLIN | (has_outgoing ? POLLOUT : 0)), 0},
         {wake_.get(), POLLIN, 0},
         {has_output_ ? child_->output().get() : -1, POLLIN, 0},
         {has_errors_ ? child_->errors().get() : -1, POLLIN, 0}}};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(std::min(next_ping, next_watch) -
                                                                   Clock::now());
    ::poll(fds.data(), fds.size(), static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (fds[1].revents != 0) {
      std::uint64_t count = 0;
      [[maybe_unused]] const auto got = ::read(wake_.get(), &count, sizeof count);
      const std::lock_guard lock{state_mutex_};
      if (abort_reason_) return {*abort_reason_, true};
    }
    if (fds[2].revents != 0) read_output(child_->output(), output_lines_, false, has_output_);
    if (fds[3].revents != 0) read_output(child_->errors(), error_lines_, true, has_errors_);
    if ((fds[0].revents & POLLOUT) != 0) flush_outgoing();
    if ((fds[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
      if (auto ending = read_frames()) return *std::move(ending);
    }
    if (Clock::now() >= next_watch) {
      if (auto how = listener_.on_watch(*this)) return {*std::move(how), true};
      next_watch = Clock::now() + options_.watch_every;
    }
    if (Clock::now() >= next_ping) {
      if (auto ending = ping()) return *std::move(ending);
      next_ping = Clock::now() + options_.ping_every;
    }
  }
}

std::optional<WorkerLink::Ending> WorkerLink::ping() {
  // Counted in pings and not in time, so that a machine that was asleep does not find every worker
  // hanging.
  if (unanswered_pings_ >= options_.pings_missed) {
    return Ending{"gave no sign of life for " +
                      in_seconds(options_.ping_every * options_.pings_missed) + " and was killed",
                  true};
  }
  if (auto how = listener_.on_ping()) return Ending{*std::move(how), true};
  // Until its first word, the limit for starting counts.
  if (has_spoken_) ++unanswered_pings_;
  send({{.type = FrameType::Ping}, {}, {}});
  return std::nullopt;
}

std::optional<WorkerLink::Ending> WorkerLink::read_frames() {
  try {
    for (int turn = 0; turn < kReadsPerTurn; ++turn) {
      const auto space = decoder_.space();
      const ssize_t got = ::recv(child_->socket().get(), space.data(), space.size(), MSG_DONTWAIT);
      decoder_.filled(got > 0 ? static_cast<std::size_t>(got) : 0);
      if (got < 0 && (errno == EAGAIN || errno == EINTR)) return std::nullopt;
      if (got <= 0) return Ending{"closed its connection", false};
      unanswered_pings_ = 0;
      has_spoken_ = true;
      while (auto frame = decoder_.next()) listener_.on_frame(*this, *std::move(frame));
      if (static_cast<std::size_t>(got) < space.size()) return std::nullopt;
    }
    return std::nullopt;
  } catch (const std::exception& error) {
    return Ending{std::string{"broke the protocol ("} + error.what() + ") and was killed", true};
  }
}

void WorkerLink::read_output(const UniqueFd& fd, LineSplitter& lines, bool is_error_output,
                             bool& is_open) {
  std::array<char, 16384> bytes;
  const ssize_t got = ::read(fd.get(), bytes.data(), bytes.size());
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) {
    is_open = false;
    return;
  }
  for (const auto& line : lines.feed({bytes.data(), static_cast<std::size_t>(got)})) {
    listener_.on_line(is_error_output, line);
  }
}

void WorkerLink::finish(const Ending& ending) {
  std::string how = ending.how;
  if (ending.must_kill) child_->signal(SIGKILL);
  auto status = child_->wait(kExitGrace);
  if (!status) {
    child_->signal(SIGKILL);
    how += ", did not end and was killed";
    status = child_->wait(std::chrono::hours{1});
  } else if (!ending.must_kill) {
    how = describe_status(*status);
    if (WIFSIGNALED(*status) && WTERMSIG(*status) == SIGKILL)
      how += ", perhaps because the machine ran out of memory,";
  }
  // Its last words: what is in the pipes now; a process that it left behind may hold them open for
  // ever.
  for (int turn = 0; turn < kReadsPerTurn && has_output_; ++turn)
    read_output(child_->output(), output_lines_, false, has_output_);
  for (int turn = 0; turn < kReadsPerTurn && has_errors_; ++turn)
    read_output(child_->errors(), error_lines_, true, has_errors_);
  if (const auto rest = output_lines_.take_rest(); !rest.empty()) listener_.on_line(false, rest);
  if (const auto rest = error_lines_.take_rest(); !rest.empty()) listener_.on_line(true, rest);
  listener_.on_end(how, child_->peak_memory());
}

}  // namespace sluice::host
